"""The platform's own settings: where it listens, where its data is, and the address of each engine."""

from pathlib import Path

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read once, at the start, from the environment."""

    model_config = SettingsConfigDict(env_prefix="OUTCRY_", frozen=True)

    host: str = Field(
        default="127.0.0.1",
        validation_alias=AliasChoices("HOST", "OUTCRY_HOST"),
        description="Address to listen on; 0.0.0.0 for every interface.",
    )
    port: int = Field(
        default=8000,
        ge=0,
        le=65535,
        validation_alias=AliasChoices("PORT", "OUTCRY_PORT"),
        description="Port to listen on; 0 takes any free one.",
    )
    tls_cert: Path | None = Field(
        default=None, description="File of the certificate and those between it and its authority, as PEM."
    )
    tls_key: Path | None = Field(default=None, description="File of the certificate's key, as PEM.")
    public_url: str = Field(
        default="",
        description="Where people reach the installation, such as https://desk.example; unset: this machine.",
    )
    data: Path = Field(default=Path("data"), description="Folder of everything that the embedded engines store.")
    database: str = Field(
        default="sqlite:", description="sqlite: (a file per service) or postgresql://… (a schema per service)."
    )
    time_series: str = Field(default="duckdb:", description="duckdb: (a file in the data folder).")
    text_search: str = Field(default="tantivy:", description="tantivy: (a folder in the data folder).")
    event_bus: str = Field(default="memory:", description="memory: (in process).")
    realtime: str = Field(default="memory:", description="memory: (in process).")
    cache: str = Field(
        default="memory:",
        description="memory: (in process), redis://user:password@host:port/0 or rediss://… over TLS.",
    )
    blobs: str = Field(default="file:", description="file: (a folder in the data folder), or s3: (a bucket).")
    secrets: str = Field(
        default="file:",
        description="file: (files in the data folder, or the environment) or vault://host:port/mount/folder.",
    )
    mail: str = Field(
        default="file:",
        description="file: (.eml files in the data folder), smtp://user:password@host:port?from=… or smtps://….",
    )
    feed: str = Field(
        default="replay:",
        description="replay: (recorded bars), ccxt:EXCHANGE, yfinance: or alpaca:iex, each with ?symbols=A,B; keys are "
        "secrets, never part of it. Also &silence=SECONDS and &url=https://a-gateway.",
    )
    challenge: str = Field(
        default="none:",
        description="none: (nobody is asked), turnstile:SITE_KEY or hcaptcha:SITE_KEY, with the secret in "
        "challenge-turnstile or challenge-hcaptcha; ?base=https://host where that is not the provider's own.",
    )
    filings: str = Field(
        default="none:",
        description="none: (reports come from files alone) or sec:ops@desk.example, the address that the SEC asks for.",
    )
    pages: str = Field(
        default="web:",
        description="web: (links in messages are shown with what is there) or none:. "
        "web:?home=http://wiki.internal also asks this one server of your own network.",
    )
    erasures: str = Field(
        default="file:",
        description="file: (a folder beside the data folder, named <data>-erasures) or file:/path; who was erased.",
    )
    sample_market: bool = Field(default=True, description="Load the sample market at the start.")
    loopback: bool = Field(
        default=False, description="Send every call between services through bytes and back, to test that it could."
    )

    @property
    def url(self) -> str:
        """Where people reach the installation: the address that links in mails and passkeys are made for.

        It never comes from a request: who asks could name any host. ``localhost`` because passkeys know no numbers.
        """
        here = self.host in ("127.0.0.1", "::1", "0.0.0.0", "::")  # noqa: S104  # only compared
        host = "localhost" if here else self.host
        scheme = "https" if self.tls_cert else "http"
        return self.public_url.rstrip("/") or f"{scheme}://{host}:{self.port}"
