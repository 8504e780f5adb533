"""What the audit log costs: 10,000 entries appended and proved, and a proof in a log of a million.

The peer, in the same run: the same rows, written by plain SQLAlchemy inserts to a database of the same engine, in
transactions of the same size, with nothing hashed, encrypted or kept in order.
"""

import argparse
import asyncio
import base64
import gc
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select

from benchmarks.reporting import percentile, print_table
from outcry.adapters.blobs.obstore import ObstoreBlobs
from outcry.adapters.database.postgresql import PostgresqlDatabase
from outcry.adapters.database.relational import RelationalDatabase
from outcry.adapters.database.sqlite import SqliteDatabase
from outcry.adapters.secrets.files import FilesSecrets
from outcry.engines import migrations_folder
from outcry.kit.clock import SystemClock
from outcry.kit.events import seal
from outcry.kit.ids import new_id
from outcry.services.audit.acts import ACTS
from outcry.services.audit.checkpoints import Checkpoints
from outcry.services.audit.commands import AuditLog, Draft
from outcry.services.audit.leaf_store import LeafStore
from outcry.services.audit.models import EntryRow, LogRow, TileRow
from outcry.services.audit.notes import open_checkpoint, parse_verifier_key
from outcry.services.audit.queries import AuditQueries, InclusionProof
from outcry.services.audit.settings import AuditSettings
from outcry.services.audit.tiles import reader, tiles_for
from outcry.services.audit.tree import ReadNode, append_leaf, hash_leaf, inclusion_proof, root_of, verify_inclusion
from outcry.services.auth.contracts import AuthFacade
from outcry.services.auth.events import SignedIn
from tests.conftest import find_postgresql, run_postgresql
from tests.services.people import Crowd, build_auth

LEAST_SHARE = 0.7
ENTRIES = 10_000
ROUNDS = 3
MILLION = 1_000_000


@dataclass(frozen=True)
class Bench:
    """An engine with two databases of the same tables: ours and the peer's."""

    ours: RelationalDatabase
    peer: RelationalDatabase
    people: AuthFacade
    crowd: Crowd
    folder: Path


@asynccontextmanager
async def bench_on(folder: Path, open_one: Callable[[str], RelationalDatabase]) -> AsyncIterator[Bench]:
    """Open the databases, with the real auth service beside them."""
    clock = SystemClock()
    own = SqliteDatabase(folder / "auth.sqlite", clock=clock)
    await own.migrate(migrations_folder("auth"))
    secrets = FilesSecrets(folder / "secrets", environment={})
    module = build_auth(own, secrets, clock, folder)
    await module.start()
    ours, peer = open_one("ours"), open_one("peer")
    for database in (ours, peer):
        await database.migrate(migrations_folder("audit"))
    assert isinstance(module.facade, AuthFacade)
    yield Bench(ours, peer, module.facade, Crowd(own, secrets, clock), folder)
    await module.stop()
    for database in (own, ours, peer):
        await database.close()


async def new_log(bench: Bench) -> tuple[AuditLog, AuditQueries, Checkpoints]:
    """Return a log over our database, and what reads it."""
    blobs = ObstoreBlobs.in_memory()
    checkpoints = Checkpoints(
        database=bench.ours,
        secrets=bench.crowd.secrets,
        blobs=blobs,
        clock=SystemClock(),
        settings=AuditSettings(),
    )
    await checkpoints.read_key()
    log = AuditLog(database=bench.ours, auth=bench.people, checkpoints=checkpoints, checkpoint_entries=1000)
    store = LeafStore(bench.ours, blobs)
    queries = AuditQueries(database=bench.ours, auth=bench.people, checkpoints=checkpoints, store=store)
    return log, queries, checkpoints


async def append(bench: Bench, together: int, entries: int) -> float:
    """Append signed-in people's acts to a new log, so many at once; return the seconds."""
    tenant_id = await bench.crowd.new_organisation()
    people = [await bench.crowd.new_person(f"p{new_id().hex}", tenant_id) for _ in range(20)]
    log, _, _ = await new_log(bench)
    drafts = []
    for number in range(entries):
        person = people[number % len(people)]
        event = SignedIn(person_id=person, session_id=new_id(), methods=("pwd", "otp"))
        envelope = seal(
            event,
            clock=SystemClock(),
            tenant_id=tenant_id,
            key="k",
            actor_id=person,
            causation_id=new_id(),
            address="203.0.113.7",
        )
        drafts.append(Draft(envelope=envelope, act=ACTS[SignedIn](event)))
    tidy()
    started = time.perf_counter()
    for first in range(0, entries, together):
        await asyncio.gather(*(log.append(draft) for draft in drafts[first : first + together]))
    return time.perf_counter() - started


async def insert_plainly(bench: Bench, together: int, *, objects: bool) -> float:
    """Write the rows that the last log has to the peer, as objects of a session or in bulk; return the seconds."""
    async with bench.peer.transaction() as transaction:
        await transaction.session.execute(delete(EntryRow))
    async with bench.ours.reading() as session:
        found = (await session.execute(select(EntryRow.__table__).order_by(EntryRow.tenant_id, EntryRow.index))).all()
    rows: list[dict[str, Any]] = [dict(row._mapping) for row in found]
    tidy()
    started = time.perf_counter()
    for first in range(0, len(rows), together):
        async with bench.peer.transaction() as transaction:
            some = rows[first : first + together]
            if objects:
                transaction.session.add_all([EntryRow(**row) for row in some])
            else:
                await transaction.session.execute(insert(EntryRow), some)
    return time.perf_counter() - started


def tidy() -> None:
    """Collect garbage and leave what is there alone: neither side is to pay for what the other left."""
    gc.collect()
    gc.freeze()


async def empty(bench: Bench) -> None:
    """Remove the rows of a round."""
    for database in (bench.ours, bench.peer):
        async with database.transaction() as transaction:
            for table in (EntryRow, TileRow, LogRow):
                await transaction.session.execute(delete(table))


async def prove(bench: Bench) -> tuple[float, float]:
    """Prove every thousandth entry over the database; return the median of asking and of verifying, in ms."""
    _, queries, checkpoints = await new_log(bench)
    await checkpoints.sign_grown()
    async with bench.ours.reading() as session:
        log = (await session.scalars(select(LogRow))).one()
    asked: list[float] = []
    verified: list[float] = []
    for index in range(0, log.size, max(1, log.size // 500)):
        started = time.perf_counter()
        proof = await queries.prove_entry(tenant_id=log.tenant_id, entry=index, size=None)
        between = time.perf_counter()
        verify(proof)
        asked.append((between - started) * 1e3)
        verified.append((time.perf_counter() - between) * 1e3)
    return percentile(asked, 0.5), percentile(verified, 0.5)


def verify(proof: InclusionProof) -> None:
    """Check a proof with its checkpoint's signature, as somebody else would."""
    checkpoint = open_checkpoint(proof.checkpoint.note, parse_verifier_key(proof.key))
    hashes = [base64.b64decode(one) for one in proof.hashes]
    leaf_hash = hash_leaf(proof.leaf.encode())
    verify_inclusion(index=proof.index, size=checkpoint.size, leaf_hash=leaf_hash, proof=hashes, root=checkpoint.root)


async def measure(name: str, bench: Bench, entries: int, rounds: int) -> tuple[list[list[str]], float]:
    """Return the rows of an engine's table, and the smallest share."""
    table: list[list[str]] = []
    least = 1e9
    for together in (100, 500):
        ours: list[float] = []
        objects: list[float] = []
        bulk: list[float] = []
        for _ in range(rounds):
            await empty(bench)
            ours.append(await append(bench, together, entries))
            objects.append(await insert_plainly(bench, together, objects=True))
            bulk.append(await insert_plainly(bench, together, objects=False))
        own, by_object, in_bulk = (entries / statistics.median(seconds) for seconds in (ours, objects, bulk))
        least = min(least, own / in_bulk)
        cells = (own, by_object, own / by_object, in_bulk, own / in_bulk)
        shown = [f"{value:,.0f}" if value > 50 else f"{value:.2f}" for value in cells]
        table.append([f"{name}, {together} at once", *shown])
    asked, verified = await prove(bench)
    print(f"{name}: a proof takes {asked:.2f} ms to ask for and {verified:.2f} ms to verify with its checkpoint (p50)")
    return table, least


def _prove(index: int, read: ReadNode) -> tuple[bytes, ...]:
    return inclusion_proof(index, MILLION, read)


def million() -> list[list[str]]:
    """Build a log of a million entries in memory; return what a proof in it is like."""
    tiles: dict[tuple[int, int], bytearray] = {}
    peaks: list[bytes] = []
    leaf_hashes = [hash_leaf(b"%d" % number) for number in range(MILLION)]
    started = time.perf_counter()
    for number, leaf_hash in enumerate(leaf_hashes):
        for height, index, node in append_leaf(number, peaks, leaf_hash):
            if height % 8 == 0:
                tiles.setdefault((height // 8, index // 256), bytearray()).extend(node)
    built = time.perf_counter() - started
    read, root = reader({key: bytes(held) for key, held in tiles.items()}), root_of(peaks)
    sizes, rows, made, verified = [], [], [], []
    for index in range(0, MILLION, MILLION // 1000):
        rows.append(len(tiles_for(partial(_prove, index))))
        started = time.perf_counter()
        proof = inclusion_proof(index, MILLION, read)
        between = time.perf_counter()
        verify_inclusion(index=index, size=MILLION, leaf_hash=leaf_hashes[index], proof=proof, root=root)
        made.append((between - started) * 1e6)
        verified.append((time.perf_counter() - between) * 1e6)
        sizes.append(32 * len(proof))
    return [
        ["size of a proof, bytes, at most", f"{max(sizes):,}"],
        ["rows read for it, at most", f"{max(rows)}"],
        ["making it of them, p50", f"{percentile(made, 0.5):,.0f} µs"],
        ["verifying it, p50", f"{percentile(verified, 0.5):,.0f} µs"],
        ["building the tree", f"{built:.1f} s"],
    ]


async def main(*, short: bool) -> None:
    """Measure and print; fail where the share is too small."""
    entries, rounds = (2_000, 1) if short else (ENTRIES, ROUNDS)
    table: list[list[str]] = []
    shares: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="outcry-bench-") as folder:
        path = Path(folder)
        async with bench_on(path, lambda name: SqliteDatabase(path / f"{name}.sqlite", clock=SystemClock())) as bench:
            rows, shares["SQLite"] = await measure("SQLite", bench, entries, rounds)
            table += rows
        if find_postgresql() is not None:
            shutil.rmtree(path / "secrets")
            (path / "auth.sqlite").unlink()
            with run_postgresql() as server:
                dsn = server.new_database()

                def open_one(name: str) -> RelationalDatabase:
                    return PostgresqlDatabase(dsn, schema=name, clock=SystemClock())

                async with bench_on(path, open_one) as bench:
                    rows, shares["PostgreSQL"] = await measure("PostgreSQL", bench, entries, rounds)
                    table += rows
    print_table(
        f"{entries:,} entries", ["entries a second", "Outcry", "as objects", "share", "in bulk", "share"], table
    )
    print_table("A log of a million entries", ["what", ""], million())
    for name, share in shares.items():
        if share < LEAST_SHARE and not short:
            raise SystemExit(f"{name}: {share:.2f} of plain inserts, and {LEAST_SHARE} was promised")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="fewer entries, for a quick look")
    asyncio.run(main(short=parser.parse_args().short))
