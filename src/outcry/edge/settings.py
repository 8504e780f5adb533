"""What the edge lets in: proxies, quotas, sizes and times."""

from ipaddress import ip_network
from typing import Annotated, Any, Literal, get_args

from limits import parse
from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from outcry.edge.frame_quota import FrameQuota
from outcry.edge.origins import read_origin
from outcry.edge.quotas import EndpointClass, Quota, Rate, quota
from outcry.kit.network import Network


def _read_networks(value: object) -> object:
    if isinstance(value, str):
        return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
    return value


def _read_origins(value: object) -> object:
    if isinstance(value, str):
        return tuple(read_origin(part) for part in value.split(",") if part.strip())
    return value


def _rate(text: str, description: str) -> Any:
    return Field(default=parse(text), description=f"{description}, such as {text}.")


Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_read_networks)]

OriginList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_read_origins)]


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
    allowed_origins: OriginList = Field(
        default=(),
        description="Origins, joined by commas, whose pages may call with cookies and read the answers, such as "
        "https://tools.example; unset: this installation's own pages alone.",
    )
    body_bytes: int = Field(default=1_000_000, ge=1_000, description="The most bytes that a body of JSON may have.")
    picture_bytes: int = Field(
        default=5_000_000, ge=1_000, le=10_000_000, description="The most bytes that a picture of a person may have."
    )
    bodies_bytes: int = Field(
        default=64_000_000, ge=1_000, description="The most bytes of all bodies that are coming in together."
    )
    upload_bytes: int = Field(
        default=200_000_000, ge=1_000, description="The most bytes that the files of one upload may have together."
    )
    upload_seconds: float = Field(default=900, gt=0, description="How long an upload may take to come.")
    uploads: int = Field(default=4, ge=1, description="How many uploads may come in at once.")
    body_seconds: float = Field(default=60, gt=0, description="How long the body of a request may take to come.")
    header_seconds: float = Field(
        default=15, gt=0, description="How long the head of a request may take to come, or a new connection may rest."
    )
    header_bytes: int = Field(default=32_768, ge=1_024, description="The most bytes that all headers may have.")
    header_count: int = Field(default=100, ge=10, description="The most headers that a request may have.")
    url_bytes: int = Field(default=8_192, ge=256, description="The most bytes that the address of a request may have.")
    pipelined_requests: int = Field(
        default=16, ge=0, description="How many requests may be sent ahead on a connection while one is answered."
    )
    connections: int = Field(default=10_000, ge=1, description="How many connections may be open, sockets among them.")
    connections_per_address: int = Field(
        default=1_000, ge=1, description="How many of them from one address, but those of trusted proxies."
    )
    requests_in_work: int = Field(default=24, ge=1, description="How many requests may be in work at once.")
    requests_waiting: int = Field(
        default=96, ge=0, description="How many more may wait for their turn; others are told to come back."
    )
    wait_seconds: float = Field(default=0.25, gt=0, description="How long a request may wait for its turn.")
    lag_seconds: float = Field(
        default=0.5, gt=0, description="How late the event loop may be before new requests are told to come back."
    )
    request_seconds: float = Field(default=60, gt=0, description="How long a request may take until its answer begins.")
    stop_seconds: int = Field(
        default=10, ge=1, description="How long requests that are being answered may take when the server stops."
    )
    idempotency_answer_bytes: int = Field(
        default=65_536, ge=0, description="The most bytes of an answer that is kept for its Idempotency-Key."
    )
    idempotency_keys_per_day: int = Field(
        default=10_000, ge=1, description="How many Idempotency-Keys a person and their keys may use within a day."
    )
    heartbeat_seconds: float = Field(
        default=25, gt=0, description="How often a realtime socket's other side is asked whether it is there."
    )
    frames_per_socket: Rate = _rate("600/10 seconds", "How many frames a realtime socket may send")
    limiting: bool = Field(default=True, description="Whether quotas are kept at all.")
    quota_factor: float = Field(default=1.0, gt=0, description="What every quota is multiplied by.")
    read_per_address: Rate = _rate("6000/minute", "How often an address (of IPv6 a /64) may read")
    write_per_address: Rate = _rate("3000/minute", "How often an address may change something")
    expensive_per_address: Rate = _rate("300/minute", "How often an address may ask for what costs much")
    sign_in_per_address: Rate = _rate("120/minute", "How often an address may try to sign in, sign up or recover")
    export_per_address: Rate = _rate("20/minute", "How often an address may ask for an export")
    socket_per_address: Rate = _rate("600/minute", "How often an address may open the realtime socket")
    read_per_person: Rate = _rate("1200/minute", "How often a person, or a key of theirs, may read")
    write_per_person: Rate = _rate("600/minute", "How often a person or key may change something")
    expensive_per_person: Rate = _rate("60/minute", "How often a person or key may ask for what costs much")
    sign_in_per_person: Rate = _rate("60/minute", "How often a person may confirm who they are")
    export_per_person: Rate = _rate("6/minute", "How often a person or key may ask for an export")
    socket_per_person: Rate = _rate("120/minute", "How often a person or key may open the realtime socket")

    def frame_quota(self) -> FrameQuota:
        """Return how many frames one socket may send."""
        rate = self.frames_per_socket
        most = rate.amount * self.quota_factor if self.limiting else 1e12
        return FrameQuota(most=max(1.0, most), window_s=rate.get_expiry())

    def quotas(self, of: Literal["address", "person", "key"]) -> dict[EndpointClass, Quota]:
        """Return the quota of each class of endpoints for an address, a person or a key."""
        field = "address" if of == "address" else "person"
        return {
            kind: quota(f"{kind}-per-{of}".replace("_", "-"), getattr(self, f"{kind}_per_{field}"), self.quota_factor)
            for kind in get_args(EndpointClass)
        }
