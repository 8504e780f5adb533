"""What the edge lets in: proxies, quotas, sizes and times."""

from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from outcry.kit.network import Network


def _read_networks(value: object) -> object:
    if isinstance(value, str):
        return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
    return value


Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_read_networks)]


class EdgeSettings(BaseSettings):
    """Read once, at the start, from the environment."""

    model_config = SettingsConfigDict(env_prefix="OUTCRY_EDGE_", frozen=True)

    trusted_proxies: Networks = Field(
        default=(),
        description="Addresses and networks, joined by commas, of the proxies whose word on where requests come from "
        "counts; unset: nobody's.",
    )
    forwarded_by: Literal["x-forwarded-for", "forwarded"] = Field(
        default="x-forwarded-for",
        description="Which header those proxies write: x-forwarded-for (and x-forwarded-proto), or forwarded of "
        "RFC 7239. The other one comes from the client and is ignored.",
    )
    body_bytes: int = Field(default=1_000_000, ge=1_000, description="The most bytes that a body may have.")
