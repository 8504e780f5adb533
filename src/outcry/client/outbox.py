"""Messages that are not yet acknowledged, in the order in which they were written; in memory, or in a file as well."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message to post. Under its ``client_id`` it is posted once, however often it is sent."""

    room_id: str
    text: str
    client_id: str


class Outbox:
    """Keeps drafts until they are taken off. With a path they survive the process: a line for each change."""

    def __init__(self, path: Path | None = None) -> None:
        self._drafts = {draft.client_id: draft for draft in _read(path)} if path else {}
        self._file: TextIO | None = None
        if path:
            self._file = _write_anew(path, self._drafts.values())

    def __iter__(self) -> Iterator[Draft]:
        return iter(tuple(self._drafts.values()))

    def __len__(self) -> int:
        return len(self._drafts)

    def put(self, draft: Draft) -> None:
        """Keep a draft, behind all others."""
        self._drafts[draft.client_id] = draft
        self._note({"put": asdict(draft)})

    def take_off(self, client_id: str) -> None:
        """Forget a draft: it is posted, or refused for good."""
        if self._drafts.pop(client_id, None):
            self._note({"done": client_id})

    def close(self) -> None:
        """Let go of the file."""
        if self._file:
            self._file.close()
            self._file = None

    def _note(self, change: dict[str, object]) -> None:
        if self._file:
            self._file.write(json.dumps(change) + "\n")
            self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _read(path: Path) -> list[Draft]:
    """Return what a file holds; its last line may have been cut off by the end of the process."""
    drafts: dict[str, Draft] = {}
    lines = path.read_text().splitlines() if path.exists() else []
    for number, line in enumerate(lines, start=1):
        try:
            change = json.loads(line)
        except ValueError:
            if number == len(lines):
                break
            raise
        if "put" in change:
            draft = Draft(**change["put"])
            drafts[draft.client_id] = draft
        else:
            drafts.pop(change["done"], None)
    return list(drafts.values())


def _write_anew(path: Path, drafts: Iterable[Draft]) -> TextIO:
    """Replace a file by one with these drafts alone, and return it to go on writing."""
    beside = path.with_name(path.name + ".new")
    beside.write_text("".join(json.dumps({"put": asdict(draft)}) + "\n" for draft in drafts))
    beside.replace(path)
    return path.open("a")
