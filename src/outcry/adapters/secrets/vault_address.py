"""What the address of a Vault says, and who we are there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from outcry.kit.address import Address, AddressError, read_address

PORT = 8200

_SEGMENT = re.compile("[A-Za-z0-9_][A-Za-z0-9._-]*")


@dataclass(frozen=True, kw_only=True)
class VaultServer:
    """Where secrets are kept, and what shows who we are: a token, a file that holds one, or an AppRole."""

    url: str
    mount: str
    folder: str
    namespace: str
    ca_file: str | None
    token: str = field(repr=False)
    token_file: str | None
    role_id: str
    secret_id: str = field(repr=False)

    @property
    def has_role(self) -> bool:
        """Whether an AppRole shows who we are."""
        return not self.token_file and bool(self.role_id and self.secret_id)


def read_vault_address(text: str, *, environment: Mapping[str, str]) -> VaultServer:
    """Return what an address says; raises AddressError, whose words never show the address.

    ``vault://host:8200/mount/folder`` keeps secrets in ``folder`` of the KV version 2 store at ``mount``, over HTTPS.
    Options: ``ca=`` a file of certificates to trust, ``namespace=``, ``token_file=``, and ``tls=none``, which a server
    on this machine alone may have. Without ``token_file=`` the environment says who we are: ``VAULT_ROLE_ID`` and
    ``VAULT_SECRET_ID`` (AppRole), or ``VAULT_TOKEN``.
    """
    address = read_address(text, options={"ca", "namespace", "token_file", "tls"})
    if address.user or address.password:
        raise AddressError("it must not contain a user name or token: use VAULT_TOKEN or token_file=")
    segments = address.path.split("/")
    if not all(_SEGMENT.fullmatch(segment) for segment in segments):
        raise AddressError("after the host it needs the place of the KV version 2 store, such as /secret/outcry")
    host = f"[{address.host}]" if ":" in address.host else address.host
    server = VaultServer(
        url=f"{_choose_protocol(address)}://{host}:{address.port or PORT}",
        mount=segments[0],
        folder="/".join(segments[1:]),
        namespace=address.options.get("namespace", ""),
        ca_file=address.options.get("ca"),
        token_file=address.options.get("token_file"),
        token=environment.get("VAULT_TOKEN", "").strip(),
        role_id=environment.get("VAULT_ROLE_ID", "").strip(),
        secret_id=environment.get("VAULT_SECRET_ID", "").strip(),
    )
    _check(server)
    return server


def _choose_protocol(address: Address) -> str:
    tls = address.options.get("tls", "")
    if tls not in ("", "none"):
        raise AddressError("tls= may be none; otherwise leave it out")
    if tls == "none" and not address.is_loopback:
        raise AddressError("keys must not cross a network in the clear: tls=none is for a server on this machine")
    return "http" if tls == "none" else "https"


def _check(server: VaultServer) -> None:
    if server.ca_file is not None and not Path(server.ca_file).is_file():
        raise AddressError("the file that ca= names is not there")
    if not (server.token_file or server.token or server.has_role):
        raise AddressError("it needs VAULT_TOKEN, token_file=, or VAULT_ROLE_ID and VAULT_SECRET_ID")
    if not server.token.isascii() or not server.token.isprintable():
        raise AddressError("VAULT_TOKEN is not a token")
