"""Wires the part of the auth service that exports and erases people."""

from fastapi import APIRouter

from outcry.services.auth.api.privacy import privacy_router
from outcry.services.auth.commands.erasure import Eraser
from outcry.services.auth.commands.export import Exporter
from outcry.services.auth.queries.own_data import OwnData
from outcry.services.auth.queries.pictures import PictureQueries
from outcry.services.auth.tombstones import Tombstones
from outcry.services.auth.wiring import Core


def make_eraser(core: Core) -> Eraser:
    """Return what erases people."""
    return Eraser(
        database=core.database,
        ledger=core.erasures,
        parts=core.parts,
        blobs=core.blobs,
        mail=core.mail,
        clock=core.clock,
        directory=core.directory,
        announcer=core.announcer,
        tombstones=Tombstones(core.vault),
    )


def privacy_part(core: Core, eraser: Eraser) -> APIRouter:
    """Return the endpoints of exports and erasures."""
    own = OwnData(core.database, core.vault, core.directory)
    pictures = PictureQueries(core.database, core.vault, core.blobs)
    exporter = Exporter(database=core.database, own=own, parts=core.parts, pictures=pictures, clock=core.clock)
    return privacy_router(exporter, eraser)
