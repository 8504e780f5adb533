"""What the desk does about the room itself: finds what was said there, and summarises it. Pure rules."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from outcry.adapters.models.desk import wording as w
from outcry.adapters.models.desk.planning import Lookup

Found = Sequence[tuple[Lookup, dict[str, Any]]]

_PEOPLE = r"(?:we|i|anyone|anybody|someone|somebody|people|they|everyone|everybody)(?: all)?"
_SAYING = r"(?:say|said|write|written|decided?|discuss(?:ed)?|talk(?:ed)?|agreed?|mention(?:ed)?)"
_RECALL = re.compile(
    rf"^(?:so,? )?(?:(?:what|when|where|how) (?:did|have|has) {_PEOPLE} {_SAYING}"
    rf"|(?:what|when) (?:was|were|has been) (?:said|decided|discussed|agreed|written)"
    rf"|who (?:has |have )?(?:said|mentioned|talked|wrote|written)(?: (?:something|anything))?"
    rf"|did {_PEOPLE} (?:say|mention|talk|write)(?: (?:something|anything))?"
    r"|(?:please )?(?:find|search|look for|show)(?: me)?(?: for)?(?: all| the| any)?"
    r" (?:messages?|posts?|what (?:we|was) said))"
    r"(?: (?:about|on|of|regarding|with|for|containing))?(?P<what> .+)?$",
    re.IGNORECASE,
)
# Words of a question that are in no message because of what it is about.
_AROUND = """
a about again all an and any are at be before day days earlier for here her his in is it its last month my of on or our
past recently room that the their this to today was week were with year yesterday your
"""
_TALK = r"(?:this|the|our) (?:room|conversation|discussion|chat|talk)"
_SUMMARY = re.compile(
    r"^(?:please |can you |could you )*(?:"
    rf"(?:summari[sz]e|recap|sum up)(?: what was said in)? {_TALK}"
    rf"|(?:give (?:me|us) |write )?(?:a |the )?(?:summary|recap) of {_TALK}"
    r"|catch me up|what did (?:i|we) miss)(?P<when>\b.*)?$",
    re.IGNORECASE,
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_REGULAR = re.compile(rf"\b(?:every|each|daily|weekdays|{'|'.join(f'{day}s' for day in _DAYS)})\b", re.IGNORECASE)
_WEEKDAYS = re.compile(r"\b(?:week ?days?|working days?|business days?)\b", re.IGNORECASE)
_TIME = re.compile(r"\bat (?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))? ?(?P<half>[ap]\.?m)?\b", re.IGNORECASE)
_QUIET = re.compile(
    r"\b(?:(?:only )?(?:if|when) (?:there (?:is|was) )?(?:something|anything|there's)|unless)\b", re.IGNORECASE
)
_BACK = re.compile(r"\b(?:(?P<count>\d{1,3}) )?(?P<unit>hour|day|week|month)s?\b", re.IGNORECASE)
_HOURS = {"hour": 1, "day": 24, "week": 168, "month": 744}
_YES = re.compile(r"^(?:yes|yes,? please|yes,? do(?: it| that)?|confirm(?:ed)?(?: it)?|go ahead|do it)$", re.IGNORECASE)
_WHEN = "Say also at what time of the day, and I propose it."
_WORD = re.compile(r"\$?[^\W_][\w.&'’/-]*")
_MOST_WORDS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomQuestion:
    """What is asked of the room: the tool that answers it, with its arguments; or at once the ``answer``."""

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)
    answer: str = ""


def read_room_question(text: str) -> RoomQuestion | None:
    """Return what a message asks of the room; None for one about anything else."""
    plain = " ".join(text.replace("’", "'").split())[:300].rstrip(" ?.!")
    if found := _RECALL.match(plain):
        words = [word.rstrip(".'-/") for word in _WORD.findall(found["what"] or "")]
        query = " ".join([word for word in words if word.lower() not in _AROUND.split()][:_MOST_WORDS])
        if query:
            return RoomQuestion(tool="search_messages", arguments={"query": query})
    if found := _SUMMARY.match(plain):
        when = found["when"] or ""
        if _REGULAR.search(when):
            return _read_duty(when)
        return RoomQuestion(tool="summarise_room", arguments={"hours": _read_hours(when)})
    return RoomQuestion(tool="confirm_duty") if _YES.match(plain) else None


def _read_duty(when: str) -> RoomQuestion:
    """Return what to propose of words such as "every weekday at 17:00" or "on Mondays and Fridays at 5 pm"."""
    named = [number for number, day in enumerate(_DAYS, 1) if re.search(rf"\b{day}s?\b", when, re.IGNORECASE)]
    days = named or ([1, 2, 3, 4, 5] if _WEEKDAYS.search(when) else [1, 2, 3, 4, 5, 6, 7])
    found = _TIME.search(when)
    hour, minute = (int(found["hour"]), int(found["minute"] or 0)) if found else (24, 0)
    if found and found["half"]:
        hour = 24 if not 1 <= hour <= 12 else hour % 12 + (12 if found["half"].lower().startswith("p") else 0)
    if hour > 23 or minute > 59:
        return RoomQuestion(tool="propose_duty", answer=_WHEN)
    arguments = {"days": days, "at": f"{hour:02}:{minute:02}", "only_when_new": bool(_QUIET.search(when))}
    return RoomQuestion(tool="propose_duty", arguments=arguments)


def _read_hours(when: str) -> int:
    found = _BACK.search(when)
    if found is None:
        return 24
    return max(1, min(int(found["count"] or 1) * _HOURS[found["unit"].lower()], 744))


def room_step(question: RoomQuestion, found: Found) -> str | list[Lookup]:
    """Return the call to make or, once it was made, the answer."""
    if question.answer:
        return question.answer
    results = [result for call, result in found if call.tool == question.tool]
    if not results:
        return [Lookup(tool=question.tool, arguments=question.arguments)]
    if "error" in results[0]:
        return w.escaped_sentence(results[0]["error"])
    return _WRITERS[question.tool](results[0])


def _recalled(result: dict[str, Any]) -> str:
    query = w.escaped(str(result["query"]))
    if not result["messages"]:
        return f"I found no message about “{query}” that everybody in this room may read."
    lines = [_said(entry) for entry in result["messages"]]
    return "\n".join([f"What was said about “{query}”, the newest first:", "", *lines])


def _said(entry: dict[str, Any]) -> str:
    where = f", in {w.escaped(entry['room'])}" if entry.get("room") else ""
    return f"- **{w.escaped(entry['author'])}** on {w.day(entry['date'])}{where}: {w.escaped_sentence(entry['words'])}"


def _summarised(result: dict[str, Any]) -> str:
    since = w.day(str(result["from"])[:10])
    if not result["messages"]:
        return f"Nothing was said here since {since}."
    blocks = [f"**{_counted(result['messages'], 'message')}** by {_people(result['people_count'])} since {since}."]
    lines = [f"- **Who:** {_listed(result['people'], 'name', 'messages')}"]
    if result["symbols"]:
        lines.append(f"- **Instruments:** {_listed(result['symbols'], 'symbol', 'mentions')}")
    blocks.append("\n".join(lines))
    for title, key in (("Decided", "decisions"), ("Open questions", "questions")):
        if result[key]:
            blocks.append("\n".join([f"**{title}**", "", *(_said(entry) for entry in result[key])]))
    if not result["decisions"] and not result["questions"]:
        blocks.append("I found no decision and no open question in it.")
    return "\n\n".join(blocks)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _people(number: int) -> str:
    return f"{number} {'person' if number == 1 else 'people'}"


def _listed(entries: Sequence[dict[str, Any]], name: str, count: str) -> str:
    return ", ".join(f"{w.escaped(entry[name])} ({entry[count]})" for entry in entries)


def _proposed(result: dict[str, Any]) -> str:
    when, zone = w.escaped(result["when"]), w.escaped(result["zone"])
    return f"Shall I summarise this room {when} ({zone})? Answer `@desk yes`, or confirm it in the room's panel."


def _confirmed(result: dict[str, Any]) -> str:
    when, zone = w.escaped(result["when"]), w.escaped(result["zone"])
    return f"I will summarise this room {when} ({zone}). The room's panel lists it; there it can be changed or stopped."


_WRITERS = {
    "search_messages": _recalled,
    "summarise_room": _summarised,
    "propose_duty": _proposed,
    "confirm_duty": _confirmed,
}
