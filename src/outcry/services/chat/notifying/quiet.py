"""When somebody wants to be told nothing: at which hours of their day, and until when that is."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from outcry.services.chat.notifying.contracts import QuietHours


def find_zone(name: str) -> ZoneInfo | None:
    """Return the time zone of this name, None when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def is_quiet(hours: QuietHours | None, zone: str, now: datetime) -> bool:
    """Say whether a moment lies in somebody's quiet hours."""
    if hours is None:
        return False
    local = now.astimezone(find_zone(zone) or UTC)
    minute = local.hour * 60 + local.minute
    if hours.start <= hours.end:
        return hours.start <= minute < hours.end
    return minute >= hours.start or minute < hours.end


def quiet_ends(hours: QuietHours, zone: str, now: datetime) -> datetime:
    """Return the next moment at which the clock on the person's wall shows the end of their quiet hours."""
    local = now.astimezone(find_zone(zone) or UTC)
    end = local.replace(hour=hours.end // 60, minute=hours.end % 60, second=0, microsecond=0)
    if end <= local:
        end += timedelta(days=1)
    return end.astimezone(UTC)
