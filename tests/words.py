"""Searches everything that an installation stores for words, in every form that they are written in."""

import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from tests.running import RunningServer


def forms_of(word: bytes) -> set[bytes]:
    """Return the ways in which a word may stand in a file: as it is, as JSON, in UTF-16, hexadecimal, in base64."""
    forms = {word, word.hex().encode()}
    try:
        plain = word.decode()
    except UnicodeDecodeError:
        pass
    else:
        # The byte order mark is left out: a word stands in the middle of something.
        forms |= {json.dumps(plain)[1:-1].encode(), plain.encode("utf-16-le"), plain.encode("utf-16-be")}
        forms |= {plain.lower().encode(), plain.upper().encode()}
    for before in range(3):
        # Base64 of the word after so many bytes; what its neighbours have a part in is cut off.
        encoded = base64.b64encode(b"\0" * before + word)
        inner = encoded[(0, 2, 3)[before] :].rstrip(b"=")[:-2]
        forms |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return {form for form in forms if len(form) >= 5}


def _contents(folders: tuple[Path, ...]) -> dict[str, bytes]:
    """Return what the files hold and their names; all anew where a running server renamed one meanwhile."""
    for _ in range(20):
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        try:
            return {str(path): path.read_bytes() + str(path).encode() for path in files}
        except FileNotFoundError:
            continue
    raise AssertionError("the files change faster than they can be read")


def search_files(folders: Iterable[Path], words: Iterable[bytes]) -> set[tuple[str, bytes]]:
    """Return which files hold which words, in whatever form, in their content or name."""
    found = set()
    contents = _contents(tuple(folders))
    for word in words:
        for form in forms_of(word):
            found |= {(name, word) for name, content in contents.items() if form in content}
    return found


async def _values(dsn: str) -> "Iterator[tuple[str, bytes]]":
    """Return every value of every table of a PostgreSQL database, by table and column."""
    engine = create_async_engine(make_url(dsn).set(drivername="postgresql+asyncpg"))
    listing = text(
        "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns "
        "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
    )
    values = []
    async with engine.connect() as connection:
        for schema, table, column, kind in (await connection.execute(listing)).all():
            shown = f'"{column}"' if kind == "bytea" else f"convert_to(\"{column}\"::text, 'UTF8')"
            query = text(f'SELECT {shown} FROM "{schema}"."{table}"')  # noqa: S608  # names from its own catalogue
            rows = await connection.scalars(query)
            values += [(f"{schema}.{table}.{column}", bytes(value)) for value in rows if value is not None]
    await engine.dispose()
    return iter(values)


async def search(server: RunningServer, ledger: Path, words: Iterable[bytes]) -> set[tuple[str, bytes]]:
    """Return where a server's files, its output and its PostgreSQL database, if it has one, hold these words."""
    wanted = tuple(words)
    found = search_files((server.data, ledger), wanted)
    texts = [("output", "".join(server.output).encode())]
    if dsn := server.environment.get("OUTCRY_DATABASE"):
        texts += await _values(dsn)
    for word in wanted:
        for form in forms_of(word):
            found |= {(where, word) for where, content in texts if form in content}
    return found
