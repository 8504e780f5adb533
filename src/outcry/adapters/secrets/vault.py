"""The Secrets port on HashiCorp Vault: a KV version 2 store, a path a secret."""

import asyncio
import base64
import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import hvac
import requests
from hvac import exceptions as refused

from outcry.adapters.outgoing.breaking import read_retry_after
from outcry.adapters.outgoing.destinations import Destinations
from outcry.adapters.secrets.vault_address import VaultServer
from outcry.kit.errors import UnavailableError
from outcry.ports.secrets import check_secret_name

T = TypeVar("T")


class VaultSecrets:
    """Keeps each secret at ``<mount>/<folder>/<name>`` as ``value``, in base64.

    A secret is made by check-and-set, which Vault takes from one process only. One that was deleted there is not made
    anew: what the old one sealed would be lost for good, and nobody would have said so.

    Args:
        server: where, and who we are; see ``read_vault_address``.
        step_s: the longest wait for a connection, and for one answer.
        total_s: the longest time that finding or making a secret may take.
        outside: keeps how calls to the Vault go.
    """

    def __init__(
        self,
        server: VaultServer,
        *,
        step_s: float = 5.0,
        total_s: float = 20.0,
        outside: Destinations | None = None,
    ) -> None:
        self._server = server
        self._total_s = total_s
        session = requests.Session()
        session.trust_env = False  # no proxy and no .netrc of whoever started us comes between
        session.verify = server.ca_file or True
        session.hooks["response"].append(self._heed)
        self._destination = (outside or Destinations()).get("Vault", server.url.partition("://")[2])
        self._client = hvac.Client(
            url=server.url,
            token=self._own_token(),
            namespace=server.namespace or None,
            verify=session.verify,
            timeout=(step_s, step_s),
            allow_redirects=False,  # the token would go along
            session=session,
        )

    async def find(self, name: str) -> bytes | None:
        """Return a secret.

        Raises ValueError for a name that is not one; UnavailableError where Vault is absent, sealed or too slow, does
        not let us, or keeps something else there.
        """
        return await self._work(partial(self._read, check_secret_name(name)))

    async def get_or_create(self, name: str, *, size: int) -> bytes:
        """Return a secret, or make one; see ``find`` for what it raises."""
        return await self._work(partial(self._read_or_create, check_secret_name(name), size))

    async def close(self) -> None:
        """Close the connections."""
        self._client.adapter.close()

    async def _work(self, call: Callable[[], T]) -> T:
        """Call Vault from a thread, as its library waits; say in plain words why that failed."""
        try:
            # Reading, and making by check-and-set, can be done twice: who comes second finds what the first one made.
            return await self._destination.call(
                partial(self._in_time, call), is_failure=_is_out_of_order, may_repeat=_may_repeat
            )
        except (TimeoutError, requests.Timeout) as error:
            raise UnavailableError("Vault did not answer in time.") from error
        except requests.exceptions.SSLError as error:
            raise UnavailableError("Vault's certificate cannot be trusted, or it does not speak TLS.") from error
        except (requests.RequestException, OSError) as error:
            raise UnavailableError("Vault cannot be reached.") from error
        except refused.VaultError as error:
            raise UnavailableError(self._explain(error)) from error
        except (AttributeError, LookupError, TypeError) as error:
            # What the library raises where an answer is not what the protocol says.
            raise UnavailableError("Vault answered with something that cannot be understood.") from error

    async def _in_time(self, call: Callable[[], T]) -> T:
        async with asyncio.timeout(self._total_s):
            return await asyncio.to_thread(self._signed_in, call)

    def _heed(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """Wait where Vault asks for it."""
        if response.status_code in (429, 503) and (wait_s := read_retry_after(response.headers)):
            self._destination.hold(wait_s)

    def _signed_in(self, call: Callable[[], T]) -> T:
        if not self._client.token:
            self._sign_in()
        try:
            return call()
        except refused.Forbidden:
            # Tokens of an AppRole end; those in a file are replaced by whoever looks after it.
            if not self._sign_in():
                raise
            return call()

    def _sign_in(self) -> bool:
        """Take a token again; False when there is none but the one that we have."""
        before = self._client.token
        if not self._server.has_role:
            self._client.token = self._own_token()
            return bool(self._client.token != before)
        try:
            self._client.auth.approle.login(self._server.role_id, self._server.secret_id)
        except (refused.InvalidRequest, refused.Forbidden) as error:
            raise UnavailableError("Vault did not accept VAULT_ROLE_ID and VAULT_SECRET_ID.") from error
        return True

    def _own_token(self) -> str:
        if self._server.has_role:
            return ""
        if self._server.token_file is None:
            return self._server.token
        try:
            return Path(self._server.token_file).read_text(encoding="ascii").strip()
        except (OSError, UnicodeError):
            raise UnavailableError("The file that token_file= names cannot be read.") from None

    def _path(self, name: str) -> str:
        return f"{self._server.folder}/{name}".lstrip("/")

    def _read(self, name: str) -> bytes | None:
        try:
            answer = self._client.secrets.kv.v2.read_secret_version(
                path=self._path(name), mount_point=self._server.mount, raise_on_deleted_version=True
            )
        except refused.InvalidPath as error:
            said = error.json if isinstance(error.json, dict) else {}
            if said.get("errors") == []:
                return None
            if not said.get("data"):
                raise  # there is no store at all, or something between us and Vault said so
            raise UnavailableError(
                f"The secret {name} was deleted in Vault. Undelete it: what it sealed cannot be read without it."
            ) from None
        return _to_secret(name, answer)

    def _read_or_create(self, name: str, size: int) -> bytes:
        found = self._read(name)
        if found is not None:
            return found
        made = secrets.token_bytes(size)
        try:
            answer = self._client.secrets.kv.v2.create_or_update_secret(
                path=self._path(name),
                secret={"value": base64.b64encode(made).decode()},
                cas=0,
                mount_point=self._server.mount,
            )
        except (refused.InvalidRequest, refused.Forbidden):
            # Another process was first. Who may make secrets and not change them is answered "forbidden" then.
            found = self._read(name)
            if found is None:
                raise
            return found
        if not isinstance(answer, dict) or not answer["data"]["version"]:
            raise UnavailableError(f"What Vault has at {self._server.mount} is not a KV store of version 2.")
        return made

    def _explain(self, error: refused.VaultError) -> str:
        place = f"{self._server.mount}/{self._server.folder}".rstrip("/")
        if isinstance(error, refused.Forbidden | refused.Unauthorized):
            return f"Vault does not let us read or make secrets at {place}: look at the token and its policy."
        if isinstance(error, refused.InvalidPath):
            return f"There is no Vault, or no KV store of version 2 at {self._server.mount} in it."
        if isinstance(error, refused.VaultDown | refused.VaultNotInitialized):
            return "Vault is sealed or not ready."
        if isinstance(error, refused.RateLimitExceeded):
            return "Vault refused because of too many requests."
        return "Vault answered with an error."


_ANSWERS = (
    refused.Forbidden,
    refused.Unauthorized,
    refused.InvalidPath,
    refused.InvalidRequest,
    refused.PreconditionFailed,
    refused.UnsupportedOperation,
    refused.RateLimitExceeded,
)


def _is_out_of_order(error: BaseException) -> bool:
    """Say whether Vault is absent, too slow, sealed or broken; what is no secret, or not for us, is an answer."""
    return isinstance(error, TimeoutError | OSError | refused.VaultError) and not isinstance(error, _ANSWERS)


def _may_repeat(error: BaseException) -> bool:
    down = (requests.ConnectionError, refused.VaultDown, refused.BadGateway, refused.InternalServerError)
    return isinstance(error, down) and not isinstance(error, requests.Timeout | requests.exceptions.SSLError)


def _to_secret(name: str, answer: Any) -> bytes:
    data = answer["data"]
    if not isinstance(data.get("metadata"), dict):
        raise UnavailableError("What Vault answered is not from a KV store of version 2.")
    try:
        return base64.b64decode(data["data"]["value"].strip(), validate=True)
    except (LookupError, TypeError, AttributeError, ValueError):
        # The cause is dropped: it might show the secret.
        raise UnavailableError(f"What Vault keeps as {name} has to be base64, with the key value.") from None
