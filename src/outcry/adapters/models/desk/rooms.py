"""What the desk does about the room itself: it finds what was said there. Pure rules."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from outcry.adapters.models.desk import wording as w
from outcry.adapters.models.desk.planning import Lookup

Found = Sequence[tuple[Lookup, dict[str, Any]]]

_PEOPLE = r"(?:we|i|you|anyone|anybody|someone|somebody|people|they|everyone|everybody)(?: all)?"
_SAYING = r"(?:say|said|write|written|decided?|discuss(?:ed)?|talk(?:ed)?|agreed?|mention(?:ed)?|think|thought)"
_RECALL = re.compile(
    rf"^(?:so,? )?(?:(?:what|when|where|how) (?:did|have|has|do|does) {_PEOPLE} {_SAYING}"
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
_WORD = re.compile(r"\$?[^\W_][\w.&'’/-]*")
_MOST_WORDS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomQuestion:
    """What is asked of the room: the tool that answers it, with its arguments."""

    tool: str
    arguments: dict[str, Any]


def read_room_question(text: str) -> RoomQuestion | None:
    """Return what a message asks of the room; None for one about anything else."""
    plain = " ".join(text.replace("’", "'").split())[:300].rstrip(" ?.!")
    if found := _RECALL.match(plain):
        words = [word.rstrip(".'-/") for word in _WORD.findall(found["what"] or "")]
        query = " ".join([word for word in words if word.lower() not in _AROUND.split()][:_MOST_WORDS])
        if query:
            return RoomQuestion(tool="search_messages", arguments={"query": query})
    return None


def room_step(question: RoomQuestion, found: Found) -> str | list[Lookup]:
    """Return the call to make or, once it was made, the answer."""
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


_WRITERS = {"search_messages": _recalled}
