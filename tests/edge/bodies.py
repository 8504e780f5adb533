"""What the walk through all endpoints calls them with."""

from datetime import UTC, datetime, timedelta
from typing import Any

LAYOUT = {"name": "Mine", "chart": {"symbol": "AAPL", "timeframe": "1d"}}
LINE = {"kind": "trend_line", "points": [{"time": 0, "price": 1.0}, {"time": 60_000, "price": 2.0}]}

DUTY = {"days": [1], "at": "17:00", "zone": "UTC"}
LATER = {"text": "hello", "due_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(), "zone": "UTC"}

# What endpoints with ids in their path are called with, where they want a body: without it none would look at the id.
BODIES: dict[str, Any] = {
    "PATCH /api/v1/instruments/{symbol}": {"name": "Another"},
    "PATCH /api/v1/auth/factors/passkeys/{passkey_id}": {"name": "Mine"},
    "POST /api/v1/auth/oidc/{provider}/start": {"next": "/"},
    "POST /api/v1/auth/factors/identities/{provider}/start": {"next": "/"},
    "POST /api/v1/auth/step-up/providers/{provider}/start": {"next": "/"},
    "PATCH /api/v1/auth/organisation/members/{person_id}": {"role": "viewer"},
    "PUT /api/v1/auth/organisation/features/{feature}": {"on": True},
    "PATCH /api/v1/rooms/{room_id}": {"title": "Mine"},
    "PUT /api/v1/rooms/{room_id}/read": {"read": 1},
    "PUT /api/v1/rooms/{room_id}/unread": {"first": 1},
    "POST /api/v1/rooms/{room_id}/members": {"email": "nobody@example.com"},
    "PUT /api/v1/rooms/{room_id}/members/{user_id}/role": {"role": "reader"},
    "PATCH /api/v1/rooms/{room_id}/place": {"muted": True},
    "PATCH /api/v1/rooms/{room_id}/notifications": {"notices": "all"},
    "POST /api/v1/rooms/{room_id}/export": {"form": "json"},
    "POST /api/v1/rooms/{room_id}/topics": {"title": "Mine"},
    "PATCH /api/v1/rooms/{room_id}/topics/{topic_id}": {"title": "Mine"},
    "PUT /api/v1/rooms/{room_id}/messages/{message_id}/topic": {"topic_id": None},
    "POST /api/v1/rooms/{room_id}/links": {},
    "POST /api/v1/instruments/{symbol}/drawings": LINE,
    "POST /api/v1/instruments/{symbol}/formulas/evaluate": {"text": "close > 1"},
    "POST /api/v1/instruments/{symbol}/formulas/explain": {"text": "close > 1", "at": "2026-01-02"},
    "PATCH /api/v1/drawings/{drawing_id}": {"version": 1, "text": "Mine"},
    "POST /api/v1/drawings/{drawing_id}/restore": {"version": 1, "to": 1},
    "POST /api/v1/drawings/{drawing_id}/drag": {"points": LINE["points"]},
    "PUT /api/v1/layouts/{layout_id}": LAYOUT | {"version": 1},
    "PUT /api/v1/watchlists/{watchlist_id}": {"version": 1, "name": "Mine", "symbols": []},
    "POST /api/v1/rooms/{room_id}/charts": {"chart": LAYOUT["chart"], "client_id": "0123456789abcdef"},
    "PATCH /api/v1/rooms/{room_id}/messages/{message_id}": {"text": "mine"},
    "PUT /api/v1/rooms/{room_id}/draft": {"text": "mine"},
    "POST /api/v1/rooms/{room_id}/later": LATER,
    "PATCH /api/v1/later/{later_id}": {"text": "mine"},
    "POST /api/v1/rooms/{room_id}/duties": DUTY,
    "PATCH /api/v1/rooms/{room_id}/duties/{duty_id}": {"quiet": True},
    "POST /api/v1/rooms/{room_id}/slash": {"text": "/help", "client_id": "0123456789abcdef"},
    "POST /api/v1/rooms/{room_id}/messages/{message_id}/remove": {"reason": "mine"},
    "POST /api/v1/rooms/{room_id}/messages": {"text": "hello", "client_id": "0123456789abcdef"},
    "PUT /api/v1/rooms/{room_id}/members/{user_id}/silence": {"minutes": 5},
    "PUT /api/v1/rooms/{room_id}/bans/{user_id}": {"minutes": 5},
    "PUT /api/v1/rooms/{room_id}/slow-mode": {"seconds": 5},
    "PUT /api/v1/rooms/{room_id}/words": {"entries": []},
    "POST /api/v1/rooms/{room_id}/messages/{message_id}/report": {"reason": "mine"},
    "POST /api/v1/reviews/{message_id}/decision": {"verdict": "kept"},
    "PUT /api/v1/rooms/{room_id}/retention": {"days": 30},
    "PUT /api/v1/holds/rooms/{room_id}": {"reason": "mine"},
}
