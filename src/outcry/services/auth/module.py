"""Wires the auth service: each part makes its commands from the core, and gives a router."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter

from outcry.kit.clock import Clock
from outcry.kit.module import Module
from outcry.kit.privacy import PersonalParts
from outcry.ports.blobs import Blobs
from outcry.ports.cache import Cache
from outcry.ports.challenges import Challenges
from outcry.ports.database import Database
from outcry.ports.erasures import Erasures
from outcry.ports.mail import Mail
from outcry.ports.realtime import Realtime
from outcry.ports.secrets import Secrets
from outcry.services.auth.adopting import adopt_plain_rows
from outcry.services.auth.api.access import access_router
from outcry.services.auth.commands.access import AccessCommands
from outcry.services.auth.commands.erasure import Eraser
from outcry.services.auth.commands.rotation import KeyRotation
from outcry.services.auth.contracts import SealedText
from outcry.services.auth.directory import Directory
from outcry.services.auth.events import MailQueued, PersonErased
from outcry.services.auth.factor_parts import factor_part
from outcry.services.auth.openid_parts import openid_part
from outcry.services.auth.organisation_parts import organisation_part
from outcry.services.auth.password_parts import account_part, password_part, profile_part
from outcry.services.auth.privacy_parts import make_eraser, privacy_part
from outcry.services.auth.providers import MakeProvider, Providers
from outcry.services.auth.queries.access import AccessQueries
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.signing_keys import SigningKeys
from outcry.services.auth.vault import Vault
from outcry.services.auth.wiring import Core, Engines, build_core


def build(
    *,
    database: Database,
    secrets: Secrets,
    cache: Cache,
    realtime: Realtime,
    mail: Mail,
    make_provider: MakeProvider,
    blobs: Blobs,
    erasures: Erasures,
    parts: PersonalParts,
    clock: Clock,
    settings: AuthSettings,
    challenges: Challenges,
    mails_out: bool = False,
) -> Module:
    """Return the auth service. Its start opens the keys, so a wrong master key stops the start.

    ``parts`` is filled, before the start, with what the other services hold of people. ``mails_out`` says that mails
    reach people, so that new addresses are confirmed unless the settings say otherwise.
    """
    engines = Engines(
        database=database,
        secrets=secrets,
        cache=cache,
        realtime=realtime,
        mail=mail,
        blobs=blobs,
        erasures=erasures,
        parts=parts,
        clock=clock,
        settings=settings,
        challenges=challenges,
        mails_out=mails_out,
    )
    core = build_core(engines)
    providers = Providers(settings, secrets, make_provider)
    eraser = make_eraser(core)

    async def start() -> None:
        await core.vault.start()
        await eraser.apply_ledger()
        await adopt_plain_rows(core.database, core.vault, core.directory)
        await core.keys.current()
        await core.passwords.start()
        await providers.start()
        await core.challenges.start()

    async def stop() -> None:
        core.passwords.close()
        await providers.stop()

    return Module(
        name="auth",
        facade=core.queries,
        router=_all_parts(core, providers, eraser),
        handlers={MailQueued.name: core.mailing.hand_over, PersonErased.name: eraser.finish},
        start=start,
        stop=stop,
    )


def build_rotation(*, database: Database, secrets: Secrets, clock: Clock, settings: AuthSettings) -> KeyRotation:
    """Return what rotates the keys, without the service around it."""
    vault = Vault(secrets, clock)
    keys = SigningKeys(database, vault, clock, settings)
    return KeyRotation(database=database, secrets=secrets, vault=vault, keys=keys, clock=clock)


def build_opening(
    *, database: Database, secrets: Secrets, clock: Clock
) -> Callable[[tuple[SealedText, ...]], Awaitable[tuple[str | None, ...]]]:
    """Return what opens words sealed under people's keys, without the service around it."""
    directory = Directory(Vault(secrets, clock))

    async def open_sealed(items: tuple[SealedText, ...]) -> tuple[str | None, ...]:
        async with database.reading() as session:
            return await directory.open_texts(session, items)

    return open_sealed


def _all_parts(core: Core, providers: Providers, eraser: Eraser) -> APIRouter:
    router = APIRouter()
    for part in (
        account_part(core),
        password_part(core),
        profile_part(core),
        _access(core),
        factor_part(core, providers),
        openid_part(core, providers),
        organisation_part(core),
        privacy_part(core, eraser),
    ):
        router.routes.extend(part.routes)
    return router


def _access(core: Core) -> APIRouter:
    commands = AccessCommands(
        database=core.database,
        clock=core.clock,
        sessions=core.sessions,
        announcer=core.announcer,
        directory=core.directory,
    )
    return access_router(commands, AccessQueries(core.database, core.clock))
