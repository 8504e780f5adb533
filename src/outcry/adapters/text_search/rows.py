"""How documents stand in Tantivy: the schema, and a document of it."""

from datetime import UTC, datetime, timedelta

import tantivy

from outcry.adapters.text_search.words import split
from outcry.ports.text_search import Document

POSITION_ID = "position"
SHARDS = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def make_schema() -> tantivy.Schema:
    """Return the fields. Words are split by us, and stored is only the text that they came from."""
    builder = tantivy.SchemaBuilder()
    for name in ("id", "tenant", "scope", "author", "flag"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("words", tokenizer_name="raw", index_option="position")
    builder.add_integer_field("time", stored=True, indexed=True, fast=True)
    builder.add_integer_field("shard", indexed=True)
    builder.add_bytes_field("body", stored=True)
    return builder.build()


def make_document(document: Document) -> tantivy.Document:
    """Return a document as the engine takes it."""
    made = tantivy.Document()
    made.add_text("id", str(document.id))
    made.add_text("tenant", str(document.tenant_id))
    made.add_text("scope", str(document.scope_id))
    made.add_text("author", str(document.author_id))
    for flag in document.flags:
        made.add_text("flag", flag)
    made.add_integer("time", (document.time - _EPOCH) // timedelta(microseconds=1))
    made.add_integer("shard", document.id.int % SHARDS)
    made.add_bytes("body", document.text.encode())
    tokens = [tantivy.Token(word.text, word.place, word.start, word.end) for word in split(document.text)]
    if tokens:
        made.add_pre_tokenized_text("words", tantivy.PreTokenizedString("", tokens))
    return made


def make_position(position: str) -> tantivy.Document:
    """Return the document that keeps the position; it has no tenant and no words, so nobody finds it."""
    made = tantivy.Document()
    made.add_text("id", POSITION_ID)
    made.add_integer("time", 0)
    made.add_bytes("body", position.encode())
    return made
