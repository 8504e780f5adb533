"""Makes Tantivy's queries; nothing is ever parsed as a query language."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import tantivy

from outcry.adapters.text_search.fragments import wanted_words
from outcry.adapters.text_search.rows import POSITION_ID
from outcry.ports.text_search import Clause, Removal, TextQuery

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FARTHEST = 2**62


class QueryMaker:
    """Queries over one schema."""

    def __init__(self, schema: tantivy.Schema) -> None:
        self._schema = schema

    def term(self, field: str, value: str) -> tantivy.Query:
        """Return what fits documents with a value."""
        return tantivy.Query.term_query(self._schema, field, value, "basic")

    def term_set(self, field: str, values: Sequence[str]) -> tantivy.Query:
        """Return what fits documents with one of these values."""
        return tantivy.Query.term_set_query(self._schema, field, list(values))

    def position(self) -> tantivy.Query:
        """Return what fits the document that keeps the position."""
        return self.term("id", POSITION_ID)

    def shard(self, number: int) -> tantivy.Query:
        """Return what fits the documents of a shard."""
        return tantivy.Query.term_query(self._schema, "shard", number)

    def both(self, *queries: tantivy.Query) -> tantivy.Query:
        """Return what fits all of these."""
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in queries])

    def times(self, since: int | None, until: int | None) -> tantivy.Query:
        """Return what fits times from ``since`` to before ``until``, in microseconds."""
        return tantivy.Query.range_query(
            self._schema,
            "time",
            tantivy.FieldType.Integer,
            -_FARTHEST if since is None else since,
            _FARTHEST if until is None else until,
            include_upper=False,
        )

    def removal(self, removal: Removal) -> tantivy.Query:
        """Return what fits the documents to remove."""
        named = {"id": removal.document_id, "scope": removal.scope_id, "author": removal.author_id}
        parts = [self.term("tenant", str(removal.tenant_id))]
        parts += [self.term(field, str(value)) for field, value in named.items() if value is not None]
        return self.both(*parts)

    def query(self, query: TextQuery) -> tantivy.Query | None:
        """Return what fits a query; None when nothing can."""
        parts: list[tantivy.Query] = []
        for clause in query.clauses:
            part = self._clause(clause)
            if part is None:
                return None
            parts.append(part)
        parts.append(self.term("tenant", str(query.tenant_id)))
        parts.append(self._scopes(query))
        if query.author_ids is not None:
            parts.append(self.term_set("author", [str(author_id) for author_id in query.author_ids]))
        parts += [self.term("flag", flag) for flag in sorted(query.flags)]
        if query.since is not None or query.until is not None:
            parts.append(self.times(_micros(query.since), _micros(query.until)))
        return self.both(*parts)

    def _scopes(self, query: TextQuery) -> tantivy.Query:
        whole = self.term_set("scope", [str(scope_id) for scope_id in query.scope_ids])
        narrow = [self.both(self.term("scope", str(scope)), self.term("flag", flag)) for scope, flag in query.within]
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, part) for part in (whole, *narrow)])

    def _clause(self, clause: Clause) -> tantivy.Query | None:
        words, goes_on = wanted_words(clause)
        if not words:
            return None
        placed: list[str | tuple[int, str]] = [(word.place - words[0].place, word.text) for word in words]
        if len(words) == 1:
            if goes_on:
                return tantivy.Query.regex_query(self._schema, "words", re.escape(words[0].text) + ".*")
            return self.term("words", words[0].text)
        if goes_on:
            patterns: list[str | tuple[int, str]] = [
                (word.place - words[0].place, re.escape(word.text) + (".*" if word is words[-1] else ""))
                for word in words
            ]
            return tantivy.Query.regex_phrase_query(self._schema, "words", patterns)
        return tantivy.Query.phrase_query(self._schema, "words", placed)


def _micros(time: datetime | None) -> int | None:
    return None if time is None else (time - _EPOCH) // timedelta(microseconds=1)
