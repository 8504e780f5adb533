"""The Erasures port on a folder."""

import asyncio
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from outcry.adapters.erasures.folder import FolderErasures
from outcry.engines import UnknownEngineError, open_erasures
from outcry.kit.errors import UnavailableError
from outcry.kit.ids import new_id
from outcry.ports.erasures import Erasure
from outcry.settings import Settings


def erasure(hour: int = 12) -> Erasure:
    return Erasure(person_id=new_id(), organisation_ids=(new_id(),), erased_at=datetime(2026, 1, 5, hour, tzinfo=UTC))


async def test_they_are_kept_and_come_oldest_first(tmp_path: Path) -> None:
    ledger = FolderErasures(tmp_path / "deep" / "ledger")
    assert await ledger.list_all() == []
    later, sooner = erasure(13), erasure(12)
    for one in (later, sooner):
        await ledger.record(one)
    again = FolderErasures(tmp_path / "deep" / "ledger")
    assert await again.list_all() == [sooner, later]
    await again.close()
    assert stat.S_IMODE((tmp_path / "deep" / "ledger").stat().st_mode) == 0o700
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "deep" / "ledger").iterdir()}
    assert modes == {0o600}


async def test_of_two_of_one_person_the_first_stays_also_at_once(tmp_path: Path) -> None:
    ledger, first = FolderErasures(tmp_path / "ledger"), erasure(12)
    await ledger.record(first)
    second = Erasure(person_id=first.person_id, organisation_ids=(), erased_at=datetime(2026, 1, 6, tzinfo=UTC))
    await asyncio.gather(*(ledger.record(second) for _ in range(20)))
    assert await ledger.list_all() == [first]
    assert len(list((tmp_path / "ledger").iterdir())) == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"person_id": 1}'])
async def test_a_damaged_entry_stops_the_start(tmp_path: Path, content: bytes) -> None:
    ledger = FolderErasures(tmp_path)
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(UnavailableError, match="is not an entry of the ledger"):
        await ledger.list_all()


async def test_a_half_written_draft_is_no_entry(tmp_path: Path) -> None:
    (tmp_path / ".x.json.0123").write_bytes(b"{")
    assert await FolderErasures(tmp_path).list_all() == []


async def test_what_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "ledger").write_text("a file, where a folder should be")
    with pytest.raises(UnavailableError, match="cannot be written"):
        await FolderErasures(tmp_path / "ledger").record(erasure())


def ledger_of(data: Path, address: str = "file:") -> Path:
    opened = open_erasures(Settings(data=data, erasures=address))
    assert isinstance(opened, FolderErasures)
    return opened._folder


def test_it_lies_beside_the_data_folder_unless_it_is_named(tmp_path: Path) -> None:
    assert ledger_of(tmp_path / "data") == tmp_path / "data-erasures"
    assert ledger_of(tmp_path / "data", f"file:{tmp_path}/other") == tmp_path / "other"


@pytest.mark.parametrize("inside", ["", "/ledger", "/deep/ledger", "/../data/ledger"])
def test_it_may_not_lie_in_the_data_folder(tmp_path: Path, inside: str) -> None:
    with pytest.raises(UnknownEngineError, match="OUTCRY_ERASURES: it has to be outside the data folder"):
        ledger_of(tmp_path / "data", f"file:{tmp_path}/data{inside}")
