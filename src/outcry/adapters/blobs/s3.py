"""The Blobs port on S3, or a server that speaks it."""

import base64
import hashlib
import re
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2
from obstore.exceptions import AlreadyExistsError
from obstore.store import ObjectStore, S3Store

from outcry.adapters.blobs.obstore import ObstoreBlobs, is_missing
from outcry.adapters.blobs.s3_address import Bucket
from outcry.adapters.blobs.signing import S3Keys, encode_path, sign_request
from outcry.adapters.outgoing.addresses import AddressRefusedError
from outcry.adapters.outgoing.breaking import BreakingTransport
from outcry.adapters.outgoing.destinations import Destinations
from outcry.adapters.outgoing.guarded import GuardedTransport, Rules, client_options
from outcry.kit.clock import Clock, SystemClock
from outcry.kit.errors import UnavailableError
from outcry.ports.secrets import Secrets

if TYPE_CHECKING:
    from obstore.store import S3Config

ACCESS_KEY, SECRET_KEY = "s3-access-key", "s3-secret-key"

_CONNECT_S = 5.0
_CALL_S = 60.0
_MOST_ANSWER = 64 * 1024
_CODE = re.compile(rb"<Code>([A-Za-z0-9]{1,80})</Code>")


class S3Blobs(ObstoreBlobs):
    """Stores blobs in a bucket.

    Who we are there the environment says (``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, ``AWS_SESSION_TOKEN``),
    else the secrets ``s3-access-key`` and ``s3-secret-key``, else the machine's own role, which cannot lock.

    Args:
        secrets: has the keys where the environment has none.
        outside: keeps how calls to the server go.
    """

    def __init__(
        self,
        bucket: Bucket,
        *,
        environment: Mapping[str, str],
        secrets: Secrets | None = None,
        outside: Destinations | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(None)
        self._bucket = bucket
        self._environment = environment
        self._secrets = secrets
        self._clock = clock or SystemClock()
        self._keys: S3Keys | None = None
        host = urlsplit(bucket.endpoint).netloc
        self._destination = (outside or Destinations()).get("file store", host)
        rules = Rules(
            home=bucket.endpoint, private_allowed=True, clear_allowed=False, most_bytes=_MOST_ANSWER, total_s=_CALL_S
        )
        transport = BreakingTransport(GuardedTransport(rules), self._destination)
        self._http = httpx2.AsyncClient(**client_options(transport, connect_s=_CONNECT_S, silence_s=_CALL_S))

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    def _reaching(self) -> AbstractAsyncContextManager[None]:
        return self._destination.calling(is_failure=lambda error: not _is_answer(error))

    async def _opened(self) -> ObjectStore:
        if self._store is None:
            self._keys = await self._find_keys()
            self._store = S3Store(
                self._bucket.name,
                prefix=self._bucket.prefix or None,
                endpoint=self._bucket.endpoint,
                region=self._bucket.region,
                client_options={
                    "allow_http": self._bucket.endpoint.startswith("http:"),
                    "connect_timeout": timedelta(seconds=_CONNECT_S),
                    "timeout": timedelta(seconds=_CALL_S),
                },
                retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=10)},
                config=_to_config(self._keys),
            )
        return self._store

    async def _find_keys(self) -> S3Keys:
        """Return the keys; empty ones mean that the machine has a role."""
        environment = self._environment
        if environment.get("AWS_ACCESS_KEY_ID") and environment.get("AWS_SECRET_ACCESS_KEY"):
            return S3Keys(
                access_key=environment["AWS_ACCESS_KEY_ID"],
                secret_key=environment["AWS_SECRET_ACCESS_KEY"],
                token=environment.get("AWS_SESSION_TOKEN", ""),
            )
        access = await self._secrets.find(ACCESS_KEY) if self._secrets else None
        secret = await self._secrets.find(SECRET_KEY) if self._secrets else None
        return S3Keys(access_key=(access or b"").decode().strip(), secret_key=(secret or b"").decode().strip())

    async def _create(self, key: str, data: bytes, keep_until: datetime | None) -> None:
        if keep_until is None or not self._bucket.lock:
            await super()._create(key, data, keep_until)
            return
        await self._opened()
        if self._keys is None or not self._keys.access_key:
            raise UnavailableError("To lock files, S3 needs keys: a machine's role is not enough.")
        place = "/".join(part for part in (self._bucket.name, self._bucket.prefix, key) if part)
        path = "/" + encode_path(place)
        headers = sign_request(
            method="PUT",
            host=urlsplit(self._bucket.endpoint).netloc,
            path=path,
            headers=self._lock_headers(data, keep_until),
            body=data,
            region=self._bucket.region,
            keys=self._keys,
            now=self._clock.now(),
        )
        try:
            answer = await self._http.put(self._bucket.endpoint + path, content=data, headers=headers)
        except (httpx2.HTTPError, httpx2.InvalidURL, AddressRefusedError) as error:
            raise UnavailableError("The file could not be stored.") from error
        _check(answer)

    def _lock_headers(self, data: bytes, keep_until: datetime) -> dict[str, str]:
        digest = hashlib.md5(data, usedforsecurity=False).digest()
        return {
            # Locked files are taken with a checksum only.
            "content-md5": base64.b64encode(digest).decode(),
            "if-none-match": "*",
            "x-amz-object-lock-mode": self._bucket.lock,
            "x-amz-object-lock-retain-until-date": keep_until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


def _to_config(keys: S3Keys) -> "S3Config":
    if not keys.access_key:
        return {}
    config: S3Config = {"access_key_id": keys.access_key, "secret_access_key": keys.secret_key}
    if keys.token:
        config["session_token"] = keys.token
    return config


def _check(answer: httpx2.Response) -> None:
    if answer.status_code == 412:
        raise AlreadyExistsError("there is something under this key")
    if not answer.is_success:
        code = _CODE.search(answer.content)
        said = code[1].decode() if code else str(answer.status_code)
        raise UnavailableError(f"The file could not be stored: the server says {said}.")


def _is_answer(error: BaseException) -> bool:
    return is_missing(error) or isinstance(error, AlreadyExistsError)
