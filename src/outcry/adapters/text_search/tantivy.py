"""The TextSearch port on embedded Tantivy: a folder, one writer, readers in threads.

What a batch holds is committed, and synced to disk, before ``write`` returns. The position stands in a document of its
own, which the same commit replaces.
"""

import asyncio
import contextlib
import json
import logging
import re
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import tantivy

from outcry.adapters.text_search.fragments import cut_fragment
from outcry.adapters.text_search.rows import POSITION_ID, SHARDS, make_document, make_position, make_schema
from outcry.adapters.text_search.selecting import QueryMaker
from outcry.kit.errors import UnavailableError
from outcry.ports.text_search import Document, Hit, Removal, TextQuery

log = logging.getLogger(__name__)

T = TypeVar("T")

# The folder's name changes with the schema: an index of another form is a new one.
FORM = "1"
HEAP_BYTES = 48_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TantivyTextSearch:
    """TextSearch in a folder that belongs to it alone; nothing is opened before the first use."""

    def __init__(self, folder: Path) -> None:
        self._parent = folder
        self._folder = folder / FORM
        self._schema = make_schema()
        self._make = QueryMaker(self._schema)
        self._index: tantivy.Index | None = None
        self._writer: tantivy.IndexWriter | None = None
        self._position = ""
        # One thread at a time opens, writes or mends; searches go on meanwhile.
        self._lock = threading.Lock()

    async def position(self) -> str:
        """Return the committed position."""
        return await asyncio.to_thread(self._locked, self._read_position)

    async def write(self, documents: Sequence[Document], removals: Sequence[Removal], *, position: str) -> None:
        """Write and commit a batch."""
        await asyncio.to_thread(self._locked, lambda: self._write(documents, removals, position))

    async def search(self, query: TextQuery) -> tuple[Hit, ...]:
        """Return the hits."""
        if not (query.scope_ids or query.within):
            return ()
        return await asyncio.to_thread(self._search, query)

    async def purge(self) -> None:
        """Write every segment anew that has removed documents, and remove its files."""
        await asyncio.to_thread(self._locked, self._purge)

    async def clear(self) -> None:
        """Begin with an empty folder."""
        await asyncio.to_thread(lambda: self._locked(self._start_empty))

    async def close(self) -> None:
        """Let go of the folder."""
        await asyncio.to_thread(self._locked, self._let_go)

    def _locked(self, act: Callable[[], T]) -> T:
        with self._lock:
            return act()

    def _opened(self) -> tantivy.Index:
        """Return the index; one that cannot be read is replaced by an empty one."""
        if self._index is not None:
            return self._index
        try:
            return self._open()
        except BaseException as error:
            if not _is_damage(error):
                raise
            log.warning("the search index cannot be read and is built anew: %s", error)
            return self._start_empty()

    def _open(self) -> tantivy.Index:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        index = tantivy.Index(self._schema, path=str(self._folder), reuse=True)
        index.config_reader(reload_policy="manual")
        index.reload()
        self._position = self._position_in(index.searcher())
        self._index = index
        return index

    def _position_in(self, searcher: tantivy.Searcher) -> str:
        # Every segment has to be there in full, so each is asked for something.
        searcher.search(tantivy.Query.all_query(), 1, order_by_field="time")
        found = searcher.search(self._make.position(), 1, count=False).hits
        if not found:
            if searcher.num_docs:
                raise ValueError("the index has documents and no position")
            return ""
        return str(bytes(searcher.doc(found[0][1])["body"][0]).decode())

    def _read_position(self) -> str:
        self._opened()
        return self._position

    @contextlib.contextmanager
    def _writing(self) -> Iterator[tantivy.IndexWriter]:
        """Give the writer; what was not committed when the block fails is taken back."""
        index = self._opened()
        try:
            if self._writer is None:
                self._writer = index.writer(HEAP_BYTES, 1)
            yield self._writer
        except BaseException as error:
            # The writer goes with its uncommitted part; the next use opens the index, and looks at it, again.
            self._let_go()
            if isinstance(error, UnavailableError) or not (isinstance(error, Exception) or _is_damage(error)):
                raise
            log.exception("the search index could not be written")
            raise UnavailableError("The search index cannot be written now. Try again in a moment.") from error

    def _write(self, documents: Sequence[Document], removals: Sequence[Removal], position: str) -> None:
        newest = {document.id: document for document in documents}
        with self._writing() as writer:
            for removal in removals:
                writer.delete_documents_by_query(self._make.removal(removal))
            if self._position:
                writer.delete_documents_by_query(self._make.term_set("id", [str(each) for each in newest]))
            for document in newest.values():
                writer.add_document(make_document(document))
            self._put_position(writer, position)
            self._commit(writer)
        self._position = position

    def _put_position(self, writer: tantivy.IndexWriter, position: str) -> None:
        writer.delete_documents_by_term("id", POSITION_ID)
        writer.add_document(make_position(position))

    def _commit(self, writer: tantivy.IndexWriter) -> None:
        writer.commit()
        self._opened().reload()

    def _search(self, query: TextQuery) -> tuple[Hit, ...]:
        index = self._index or self._locked(self._opened)
        made = self._make.query(query)
        if made is None:
            return ()
        try:
            hits = self._page(index.searcher(), made, query)
        except BaseException as error:
            if not _is_damage(error):
                raise
            log.exception("the search index could not be read")
            # Whoever fills it asks for the position, which opens it anew and finds what is wrong.
            self._locked(self._let_go)
            raise UnavailableError("The search index cannot be read now. Try again in a moment.") from error
        return tuple(self._hit(fields, query) for fields in hits)

    def _page(self, searcher: tantivy.Searcher, made: tantivy.Query, query: TextQuery) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        until: int | None = None
        if query.after is not None:
            moment, last_id = query.after
            until = _micros(moment)
            # Those of the same time as the last hit that come after it.
            found = [one for one in self._at(searcher, made, until) if one["id"][0] < str(last_id)]
        missing = query.limit - len(found)
        if missing > 0:
            older = made if until is None else self._make.both(made, self._make.times(None, until))
            # One more, to see whether the cut falls between two times: among those of one time it has to be by id.
            hits = searcher.search(older, missing + 1, count=False, order_by_field="time").hits
            oldest = hits[missing][0] if len(hits) > missing and hits[missing][0] == hits[missing - 1][0] else None
            rest = [searcher.doc(address).to_dict() for time, address in hits[:missing] if time != oldest]
            if oldest is not None:
                rest += self._at(searcher, made, oldest)
            found += rest
        found.sort(key=lambda one: (one["time"][0], one["id"][0]), reverse=True)
        return found[: query.limit]

    def _at(self, searcher: tantivy.Searcher, made: tantivy.Query, time: int) -> list[dict[str, Any]]:
        """Return everything of one microsecond."""
        both = self._make.both(made, self._make.times(time, time + 1))
        return [searcher.doc(address).to_dict() for address in self._addresses(searcher, both)]

    def _hit(self, fields: dict[str, Any], query: TextQuery) -> Hit:
        return Hit(
            id=UUID(fields["id"][0]),
            scope_id=UUID(fields["scope"][0]),
            author_id=UUID(fields["author"][0]),
            time=EPOCH + timedelta(microseconds=fields["time"][0]),
            fragment=cut_fragment(bytes(fields["body"][0]).decode(), query.clauses),
        )

    def _purge(self) -> None:
        """Move what is alive out of every segment with removed documents; an empty segment is dropped."""
        with self._writing() as writer:
            writer.commit()
            # Merges that are under way write what was removed into new files: let them end.
            writer.wait_merging_threads()
            self._writer = None
        index = self._opened()
        index.reload()
        with self._writing() as writer:
            if self._holed():
                self._move(index.searcher(), writer)
                self._commit(writer)
                writer.wait_merging_threads()
                self._writer = None
        with self._writing() as writer:
            index.reload()
            writer.garbage_collect_files()
            if left := self._holed() | self._orphans():
                # A search that began before still reads them, or they were merged meanwhile.
                raise UnavailableError(f"{len(left)} parts of the search index still hold what was removed.")

    def _move(self, searcher: tantivy.Searcher, writer: tantivy.IndexWriter) -> None:
        """Put the documents of segments with holes anew."""
        holed = self._holed_ordinals(searcher)
        for shard in range(SHARDS):
            addresses = self._addresses(searcher, self._make.shard(shard))
            moving = [searcher.doc(address).to_dict() for address in addresses if address.segment_ord in holed]
            ids = [fields["id"][0] for fields in moving]
            writer.delete_documents_by_query(self._make.term_set("id", ids))
            for fields in moving:
                writer.add_document(make_document(_document(fields)))
        if any(address.segment_ord in holed for address in self._addresses(searcher, self._make.position())):
            # Moving it out of a segment that stays would make a hole there.
            self._put_position(writer, self._position)

    def _holed_ordinals(self, searcher: tantivy.Searcher) -> set[int]:
        """Return which of a searcher's segments may have removed documents.

        The engine lists segments with their holes, and numbers them elsewhere in an order of its own: they are told by
        how many documents are alive in them, and those of the same number are all taken.
        """
        alive = Counter(address.segment_ord for address in self._addresses(searcher, self._make.position()))
        for shard in range(SHARDS):
            alive.update(address.segment_ord for address in self._addresses(searcher, self._make.shard(shard)))
        holed = {one["max_doc"] - one["deletes"]["num_deleted_docs"] for one in self._segments() if one["deletes"]}
        return {number for number in range(searcher.num_segments) if alive[number] in holed}

    def _addresses(self, searcher: tantivy.Searcher, query: tantivy.Query) -> Iterator[tantivy.DocAddress]:
        hits = searcher.search(query, max(1, searcher.num_docs), count=False).hits
        return (address for _, address in hits)

    def _segments(self) -> list[dict[str, Any]]:
        segments: list[dict[str, Any]] = json.loads((self._folder / "meta.json").read_bytes())["segments"]
        return segments

    def _holed(self) -> set[str]:
        return {segment["segment_id"].replace("-", "") for segment in self._segments() if segment["deletes"]}

    def _orphans(self) -> set[str]:
        """Return the segments whose files are there and which are not in use."""
        used = {segment["segment_id"].replace("-", "") for segment in self._segments()}
        there = {path.name.partition(".")[0] for path in self._folder.iterdir()}
        return {name for name in there if re.fullmatch("[0-9a-f]{32}", name)} - used

    def _start_empty(self) -> tantivy.Index:
        self._let_go()
        shutil.rmtree(self._parent, ignore_errors=True)
        try:
            return self._open()
        except (ValueError, OSError) as error:
            raise UnavailableError("The search index cannot be made now. Try again in a moment.") from error

    def _let_go(self) -> None:
        self._writer = None
        self._index = None
        self._position = ""


def _document(fields: dict[str, Any]) -> Document:
    """Return a document as it was put."""
    return Document(
        id=UUID(fields["id"][0]),
        tenant_id=UUID(fields["tenant"][0]),
        scope_id=UUID(fields["scope"][0]),
        author_id=UUID(fields["author"][0]),
        time=EPOCH + timedelta(microseconds=fields["time"][0]),
        text=bytes(fields["body"][0]).decode(),
        flags=frozenset(fields.get("flag", ())),
    )


def _micros(time: datetime) -> int:
    return (time - EPOCH) // timedelta(microseconds=1)


def _is_damage(error: BaseException) -> bool:
    """Tell what a damaged index raises, panics of the engine among it, from everything else."""
    if "LockBusy" in str(error):
        return False
    return isinstance(error, (ValueError, OSError, KeyError, IndexError)) or type(error).__name__ == "PanicException"
