"""One address per port; its scheme picks the adapter, which is imported only then."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from outcry.kit.address import AddressError
from outcry.kit.clock import Clock, SystemClock
from outcry.ports.blobs import Blobs
from outcry.ports.cache import Cache
from outcry.ports.challenges import Challenges
from outcry.ports.erasures import Erasures
from outcry.ports.event_bus import EventBus
from outcry.ports.feed import Feed
from outcry.ports.filings import Filings
from outcry.ports.identity_provider import IdentityProvider, ProviderConfig
from outcry.ports.mail import Mail
from outcry.ports.message_log import MessageLog
from outcry.ports.pages import Pages
from outcry.ports.realtime import Realtime
from outcry.ports.secrets import Secrets
from outcry.ports.text_search import TextSearch
from outcry.ports.time_series import TimeSeries
from outcry.settings import Settings

if TYPE_CHECKING:
    from outcry.adapters.database.relational import RelationalDatabase
    from outcry.adapters.outgoing.destinations import Destinations

T = TypeVar("T")


class UnknownEngineError(ValueError):
    """An address whose scheme no adapter has, or whose adapter's packages are not installed."""


def choose(port: str, address: str, adapters: Mapping[str, Callable[[], T]]) -> T:
    """Make the adapter that an address names.

    Raises UnknownEngineError, with the list of valid schemes or with what is wrong with the address; of the address
    itself only the scheme is shown, as the rest may hold a password.
    """
    scheme, colon, _ = address.partition(":")
    make = adapters.get(scheme)
    if make is None or not colon:
        shown = f"{scheme}:…" if colon else "…"
        valid = ", ".join(f"{name}:" for name in sorted(adapters))
        raise UnknownEngineError(f"OUTCRY_{port}={shown!r} names no engine; valid are {valid}")
    try:
        return make()
    except ImportError as error:
        extra = scheme.removesuffix("s") if scheme == "rediss" else scheme
        raise UnknownEngineError(
            f"OUTCRY_{port}: {scheme} needs the package {error.name}: pip install 'outcry[{extra}]'"
        ) from error
    except AddressError as error:
        raise UnknownEngineError(f"OUTCRY_{port}: {error}") from error


def open_database(settings: Settings, service: str, clock: Clock) -> "RelationalDatabase":
    """Return a service's database; nothing is connected yet."""

    def sqlite() -> "RelationalDatabase":
        from outcry.adapters.database.sqlite import SqliteDatabase

        return SqliteDatabase(settings.data / "databases" / f"{service}.sqlite", clock=clock)

    def postgresql() -> "RelationalDatabase":
        from outcry.adapters.database.postgresql import PostgresqlDatabase

        return PostgresqlDatabase(settings.database, schema=service, clock=clock)

    return choose("DATABASE", settings.database, {"sqlite": sqlite, "postgresql": postgresql})


def open_message_log(database: "RelationalDatabase", clock: Clock) -> MessageLog:
    """Return the log of what happens in rooms, on the database of the service that they belong to."""
    from outcry.adapters.message_log.sql import SqlMessageLog

    return SqlMessageLog(database, clock=clock)


def open_time_series(settings: Settings) -> TimeSeries:
    """Return the store of bars."""

    def duckdb() -> TimeSeries:
        from outcry.adapters.time_series.duckdb import DuckdbTimeSeries

        return DuckdbTimeSeries(settings.data / "market.duckdb")

    return choose("TIME_SERIES", settings.time_series, {"duckdb": duckdb})


def open_text_search(settings: Settings) -> TextSearch:
    """Return the index of messages; nothing is opened yet."""

    def tantivy() -> TextSearch:
        from outcry.adapters.text_search.tantivy import TantivyTextSearch

        return TantivyTextSearch(settings.data / "search")

    return choose("TEXT_SEARCH", settings.text_search, {"tantivy": tantivy})


def open_event_bus(settings: Settings) -> EventBus:
    """Return the bus that events travel on."""

    def memory() -> EventBus:
        from outcry.adapters.event_bus.memory import MemoryEventBus

        return MemoryEventBus()

    return choose("EVENT_BUS", settings.event_bus, {"memory": memory})


def open_realtime(settings: Settings) -> Realtime:
    """Return the courier of topics."""

    def memory() -> Realtime:
        from outcry.adapters.realtime.memory import MemoryRealtime

        return MemoryRealtime()

    return choose("REALTIME", settings.realtime, {"memory": memory})


def open_cache(settings: Settings, clock: Clock) -> Cache:
    """Return the cache."""

    def memory() -> Cache:
        from outcry.adapters.cache.memory import MemoryCache

        return MemoryCache(clock)

    def redis() -> Cache:
        from outcry.adapters.cache.redis import RedisCache, read_redis_address

        return RedisCache(read_redis_address(settings.cache), clock)

    return choose("CACHE", settings.cache, {"memory": memory, "redis": redis, "rediss": redis})


def open_blobs(settings: Settings, secrets: Secrets | None = None, outside: "Destinations | None" = None) -> Blobs:
    """Return the store of files; one far away finds its keys in the environment or in ``secrets``."""

    def folder() -> Blobs:
        from outcry.adapters.blobs.obstore import ObstoreBlobs

        return ObstoreBlobs.in_folder(settings.data / "blobs")

    def s3() -> Blobs:
        from outcry.adapters.blobs.s3 import S3Blobs
        from outcry.adapters.blobs.s3_address import read_s3_address

        bucket = read_s3_address(settings.blobs)
        return S3Blobs(bucket, environment=os.environ, secrets=secrets, outside=outside)

    return choose("BLOBS", settings.blobs, {"file": folder, "s3": s3})


def open_secrets(settings: Settings, outside: "Destinations | None" = None) -> Secrets:
    """Return the store of secrets."""

    def files() -> Secrets:
        from outcry.adapters.secrets.files import FilesSecrets

        return FilesSecrets(settings.data / "secrets", environment=os.environ)

    def vault() -> Secrets:
        from outcry.adapters.secrets.vault import VaultSecrets
        from outcry.adapters.secrets.vault_address import read_vault_address

        return VaultSecrets(read_vault_address(settings.secrets, environment=os.environ), outside=outside)

    return choose("SECRETS", settings.secrets, {"file": files, "vault": vault})


def open_mail(settings: Settings, outside: "Destinations | None" = None) -> Mail:
    """Return the way out for mails."""

    def folder() -> Mail:
        from outcry.adapters.mail.folder import FolderMail

        return FolderMail(mail_folder(settings), clock=SystemClock())

    def smtp() -> Mail:
        from outcry.adapters.mail.smtp import SmtpMail
        from outcry.adapters.mail.smtp_address import read_smtp_address

        return SmtpMail(read_smtp_address(settings.mail), clock=SystemClock(), outside=outside)

    return choose("MAIL", settings.mail, {"file": folder, "smtp": smtp, "smtps": smtp})


def open_challenges(settings: Settings, secrets: Secrets, outside: "Destinations | None" = None) -> Challenges:
    """Return who tells people from programs; its secret is read when it starts."""

    def none() -> Challenges:
        from outcry.adapters.challenges.none import NoneChallenges

        return NoneChallenges()

    def turnstile() -> Challenges:
        from outcry.adapters.challenges.challenge_address import read_challenge_address
        from outcry.adapters.challenges.turnstile import TurnstileChallenges

        return TurnstileChallenges(read_challenge_address(settings.challenge), secrets=secrets, outside=outside)

    def hcaptcha() -> Challenges:
        from outcry.adapters.challenges.challenge_address import read_challenge_address
        from outcry.adapters.challenges.hcaptcha import HcaptchaChallenges

        return HcaptchaChallenges(read_challenge_address(settings.challenge), secrets=secrets, outside=outside)

    return choose("CHALLENGE", settings.challenge, {"none": none, "turnstile": turnstile, "hcaptcha": hcaptcha})


def open_feed(
    settings: Settings, secrets: Secrets, clock: Clock, outside: "Destinations | None" = None
) -> tuple[str, Feed] | None:
    """Return the live feed and what it is called; None where recorded bars are replayed instead."""

    def replay() -> None:
        return None

    def alpaca() -> tuple[str, Feed]:
        from outcry.adapters.feed.alpaca import AlpacaFeed
        from outcry.adapters.feed.feed_address import read_feed_address

        address = read_feed_address(settings.feed)
        return address.name, AlpacaFeed(address, secrets=secrets, clock=clock, outside=outside)

    def ccxt() -> tuple[str, Feed]:
        from outcry.adapters.feed.ccxt import CcxtFeed
        from outcry.adapters.feed.feed_address import read_feed_address

        address = read_feed_address(settings.feed)
        return address.name, CcxtFeed(address, clock=clock, outside=outside)

    def yfinance() -> tuple[str, Feed]:
        from outcry.adapters.feed.feed_address import read_feed_address
        from outcry.adapters.feed.yfinance import YfinanceFeed

        address = read_feed_address(settings.feed)
        return address.name, YfinanceFeed(address, clock=clock, outside=outside)

    adapters: dict[str, Callable[[], tuple[str, Feed] | None]] = {
        "replay": replay,
        "alpaca": alpaca,
        "ccxt": ccxt,
        "yfinance": yfinance,
    }
    return choose("FEED", settings.feed, adapters)


def open_filings(settings: Settings, outside: "Destinations | None" = None) -> Filings:
    """Return who is asked for what companies filed."""

    def none() -> Filings:
        from outcry.adapters.filings.none import NoneFilings

        return NoneFilings()

    def sec() -> Filings:
        from outcry.adapters.filings.sec import SecFilings, read_sec_address

        return SecFilings(read_sec_address(settings.filings), outside=outside)

    return choose("FILINGS", settings.filings, {"none": none, "sec": sec})


def open_pages(settings: Settings) -> Pages:
    """Return who fetches the pages that people link to."""

    def none() -> Pages:
        from outcry.adapters.pages.none import NonePages

        return NonePages()

    def web() -> Pages:
        from outcry.adapters.pages.pages_address import read_pages_address
        from outcry.adapters.pages.web import WebPages

        return WebPages(read_pages_address(settings.pages))

    return choose("PAGES", settings.pages, {"none": none, "web": web})


def open_identity_provider(
    config: ProviderConfig, clock: Clock, outside: "Destinations | None" = None
) -> IdentityProvider:
    """Return a provider that people may sign in by; it is asked at the first need."""
    if config.kind == "github":
        from outcry.adapters.identity_provider.github import GithubIdentityProvider

        return GithubIdentityProvider(config, outside=outside)
    from outcry.adapters.identity_provider.oidc import OidcIdentityProvider

    return OidcIdentityProvider(config, clock, outside=outside)


def open_erasures(settings: Settings) -> Erasures:
    """Return the ledger of erasures; it is no part of the data, so that an older copy of that is no older ledger."""

    def folder() -> Erasures:
        from outcry.adapters.erasures.folder import FolderErasures

        return FolderErasures(erasures_folder(settings))

    return choose("ERASURES", settings.erasures, {"file": folder})


def erasures_folder(settings: Settings) -> Path:
    """Return where the ledger of erasures is; raises AddressError for a folder inside the data folder."""
    named = settings.erasures.partition(":")[2]
    data = settings.data.resolve()
    folder = Path(named).resolve() if named else data.with_name(f"{data.name}-erasures")
    if folder == data or data in folder.parents:
        raise AddressError("it has to be outside the data folder, as the data's copies must not hold it.")
    return folder


def mail_folder(settings: Settings) -> Path:
    """Return where mails land while no mail server is named."""
    return settings.data / "mail"


def migrations_folder(owner: str) -> Path:
    """Return where the migrations of a service's database are, or of the edge's own."""
    package = Path(__file__).parent
    return (package if owner == "edge" else package / "services") / owner / "migrations"
