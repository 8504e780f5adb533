"""What every part of the auth service is built from, made once."""

from dataclasses import dataclass, fields

from outcry.kit.clock import Clock
from outcry.kit.privacy import PersonalParts
from outcry.ports.blobs import Blobs
from outcry.ports.cache import Cache
from outcry.ports.challenges import Challenges
from outcry.ports.database import Database
from outcry.ports.erasures import Erasures
from outcry.ports.mail import Mail
from outcry.ports.realtime import Realtime
from outcry.ports.secrets import Secrets
from outcry.services.auth.access_tokens import AccessTokens
from outcry.services.auth.announcing import Announcer
from outcry.services.auth.challenging import Challenger
from outcry.services.auth.commands.accounts import AccountFounder
from outcry.services.auth.commands.registration import RegistrationCommands
from outcry.services.auth.credentials import Credentials
from outcry.services.auth.directory import Directory
from outcry.services.auth.entrance import Entrance
from outcry.services.auth.mailing import Mailing
from outcry.services.auth.passwords import Passwords
from outcry.services.auth.queries.people import AuthQueries
from outcry.services.auth.sessions import Sessions
from outcry.services.auth.settings import AuthSettings
from outcry.services.auth.signing_keys import SigningKeys
from outcry.services.auth.standing import StandingCache
from outcry.services.auth.standings import Standings
from outcry.services.auth.throttle import Throttle
from outcry.services.auth.tickets import Tickets
from outcry.services.auth.vault import Vault


@dataclass(frozen=True, kw_only=True)
class Engines:
    """What the service stands on; ``mails_out`` says that mails reach people."""

    database: Database
    secrets: Secrets
    cache: Cache
    realtime: Realtime
    mail: Mail
    challenges: Challenges
    blobs: Blobs
    erasures: Erasures
    parts: PersonalParts
    clock: Clock
    settings: AuthSettings
    mails_out: bool


@dataclass(frozen=True, kw_only=True)
class Core(Engines):
    """The engines, and the inner parts that commands and queries take."""

    vault: Vault
    keys: SigningKeys
    directory: Directory
    queries: AuthQueries
    passwords: Passwords
    credentials: Credentials
    throttle: Throttle
    challenger: Challenger
    announcer: Announcer
    tickets: Tickets
    mailing: Mailing
    sessions: Sessions
    entrance: Entrance
    founder: AccountFounder
    registration: RegistrationCommands


def build_core(engines: Engines) -> Core:
    """Make them; nothing is opened yet."""
    database, clock, settings = engines.database, engines.clock, engines.settings
    vault = Vault(engines.secrets, clock)
    keys = SigningKeys(database, vault, clock, settings)
    tokens = AccessTokens(keys, settings, clock)
    known = StandingCache(clock)
    directory = Directory(vault)
    queries = AuthQueries(database, tokens, clock, Standings(database, clock, known, settings), directory)
    announcer = Announcer(engines.realtime, known)
    tickets = Tickets(vault, clock)
    sessions = Sessions(database, clock, settings, announcer)
    passwords = Passwords(settings, engines.secrets)
    throttle = Throttle(engines.cache, settings, clock)
    challenger = Challenger(engines.challenges, throttle, settings)
    mailing = Mailing(database, vault, engines.mail, clock, settings)
    founder = AccountFounder(database=database, clock=clock, vault=vault, directory=directory, settings=settings)
    entrance = Entrance(
        database=database,
        clock=clock,
        tickets=tickets,
        sessions=sessions,
        tokens=tokens,
        queries=queries,
        announcer=announcer,
    )
    registration = RegistrationCommands(
        database=database,
        clock=clock,
        directory=directory,
        passwords=passwords,
        throttle=throttle,
        challenger=challenger,
        tickets=tickets,
        mailing=mailing,
        entrance=entrance,
        founder=founder,
        settings=settings,
        confirm_email=engines.mails_out if settings.confirm_email is None else settings.confirm_email,
    )
    return Core(
        **{each.name: getattr(engines, each.name) for each in fields(engines)},
        vault=vault,
        keys=keys,
        directory=directory,
        queries=queries,
        passwords=passwords,
        credentials=Credentials(database, clock, passwords, directory),
        throttle=throttle,
        challenger=challenger,
        announcer=announcer,
        tickets=tickets,
        mailing=mailing,
        sessions=sessions,
        entrance=entrance,
        founder=founder,
        registration=registration,
    )
