"""The sample market that ships with the product: real bars of well-known instruments. See PROVENANCE.md."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Protocol

import numpy as np

from outcry.kit.market import Bars, Timeframe
from outcry.ports.time_series import Batch
from outcry.services.charts.contracts import Instrument

SAMPLE_NAME = "market"


class SampleStore(Protocol):
    """Where the sample goes: the commands of the charts service."""

    async def sample_version(self, name: str) -> str | None:
        """Return which version of a sample is loaded."""
        ...

    async def load_sample(
        self, name: str, version: str, instruments: Sequence[Instrument], batches: Sequence[Batch]
    ) -> int:
        """Write a sample and note its version; return how many bars were new or different."""
        ...


async def load_sample_market(store: SampleStore) -> int:
    """Load the sample for every organisation unless this version of it is there; return how many bars were written."""
    version = await asyncio.to_thread(sample_market_version)
    if await store.sample_version(SAMPLE_NAME) == version:
        return 0
    batches = await asyncio.to_thread(read_sample_batches)
    return await store.load_sample(SAMPLE_NAME, version, read_sample_instruments(), batches)


def sample_market_version() -> str:
    """Return a stamp that changes with the sample's content."""
    digest = hashlib.sha256()
    for name in ("market.parquet", "instruments.json"):
        digest.update(files("outcry.samples").joinpath(name).read_bytes())
    return digest.hexdigest()[:16]


def read_sample_instruments() -> tuple[Instrument, ...]:
    """Return the instruments of the sample, without their series."""
    facts = json.loads(files("outcry.samples").joinpath("instruments.json").read_text(encoding="utf-8"))
    return tuple(
        Instrument(
            symbol=one["symbol"],
            name=one["name"],
            kind=one["kind"],
            exchange=one["exchange"],
            currency=one["currency"],
            zone=one["zone"],
            aliases=tuple(one["aliases"]),
            series=(),
            calendar=one["calendar"],
            tick_size=one["tick_size"],
            lot_size=one["lot_size"],
            identifiers=one["identifiers"],
        )
        for one in facts
    )


def read_sample_batches() -> tuple[Batch, ...]:
    """Return the bars of the sample, a batch for each instrument."""
    # Imported here: only the very first start needs it, and it costs memory.
    import pyarrow as pa
    import pyarrow.parquet as pa_parquet

    content = files("outcry.samples").joinpath("market.parquet").read_bytes()
    table = pa_parquet.read_table(pa.BufferReader(content))
    codes = table["symbol"].combine_chunks().dictionary_encode()
    timeframes = table["timeframe"].to_pylist()
    time = table["time"].cast(pa.int64()).to_numpy()
    columns = {name: table[name].to_numpy() for name in ("open", "high", "low", "close", "volume", "adjusted_close")}
    places = codes.indices.to_numpy()
    batches = []
    for code, symbol in enumerate(codes.dictionary.to_pylist()):
        rows = np.flatnonzero(places == code)
        bars = Bars(time=time[rows], **{name: values[rows] for name, values in columns.items()})
        batches.append(Batch(symbol=symbol, timeframe=Timeframe(timeframes[rows[0]]), bars=bars))
    return tuple(batches)
