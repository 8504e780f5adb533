"""What is particular to S3: addresses, keys, Object Lock, signatures, and servers that fail.

Everything here runs against moto, which looks at no signature: those are compared with what Amazon's own library makes.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from outcry.adapters.blobs.s3 import S3Blobs
from outcry.adapters.blobs.s3_address import read_s3_address
from outcry.adapters.blobs.signing import S3Keys, encode_path, sign_request
from outcry.adapters.secrets.files import FilesSecrets
from outcry.engines import UnknownEngineError, open_blobs
from outcry.kit.address import AddressError
from outcry.kit.errors import ConflictError, UnavailableError
from outcry.settings import Settings
from tests.adapters_support.s3_server import KEYS, S3Server

UNTIL = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)


@pytest.mark.parametrize("mode", ["governance", "compliance"])
async def test_what_is_put_once_is_locked(s3: S3Server, mode: str) -> None:
    """Until the day named; the same again changes nothing, and another is refused."""
    bucket = s3.new_bucket(lock=True)
    blobs = s3.open(bucket, prefix="p", lock=mode)
    for key in ("t/audit/checkpoints/9.note", "a b/Zürich/100%/日本+~.csv", "empty"):
        data = b"" if key == "empty" else b"a note"
        await blobs.put_once(key, data, keep_until=UNTIL)
        await blobs.put_once(key, data, keep_until=UNTIL)
        with pytest.raises(ConflictError):
            await blobs.put_once(key, b"another", keep_until=UNTIL)
        assert await blobs.get(key) == data
        held = s3.client.head_object(Bucket=bucket, Key=f"p/{key}")
        assert (held["ObjectLockMode"], held["ObjectLockRetainUntilDate"]) == (mode.upper(), UNTIL)
        versions = s3.client.list_object_versions(Bucket=bucket, Prefix=f"p/{key}")["Versions"]
        assert len(versions) == 1
        with pytest.raises(s3.client.exceptions.ClientError, match="AccessDenied"):
            s3.client.delete_object(Bucket=bucket, Key=f"p/{key}", VersionId=versions[0]["VersionId"])
    await blobs.close()


async def test_what_is_not_to_be_locked_is_not(s3: S3Server) -> None:
    bucket = s3.new_bucket(lock=True)
    locking, plain = s3.open(bucket, lock="compliance"), s3.open(bucket)
    await locking.put_once("a", b"x")
    await plain.put_once("b", b"x", keep_until=UNTIL)
    await locking.put("c", b"x")
    for key in ("a", "b", "c"):
        assert "ObjectLockMode" not in s3.client.head_object(Bucket=bucket, Key=key)
    await locking.close()
    await plain.close()


async def test_a_bucket_that_cannot_lock_says_so(s3: S3Server) -> None:
    blobs = s3.open(s3.new_bucket(), lock="compliance")
    with pytest.raises(UnavailableError, match="InvalidRequest"):
        await blobs.put_once("a", b"x", keep_until=UNTIL)
    assert await blobs.find("a") is None
    await blobs.close()


async def test_a_bucket_that_is_not_there_says_so(s3: S3Server) -> None:
    blobs = s3.open("no-such-bucket")
    for call in (blobs.put("a", b"x"), blobs.put_once("a", b"x")):
        with pytest.raises(UnavailableError):
            await call
    with pytest.raises(UnavailableError):
        _ = [info async for info in blobs.list_prefix("")]
    await blobs.close()


async def test_a_server_that_does_not_answer_says_so_and_is_left_alone(s3: S3Server) -> None:
    blobs = S3Blobs(read_s3_address("s3://bucket/?endpoint=http://127.0.0.1:9&lock=compliance"), environment=KEYS)
    with pytest.raises(UnavailableError):
        await blobs.put_once("a", b"x", keep_until=UNTIL)
    await blobs.close()


async def test_prefixes_keep_installations_apart(s3: S3Server) -> None:
    bucket = s3.new_bucket()
    one, two = s3.open(bucket, prefix="one"), s3.open(bucket, prefix="one-more")
    await one.put("a", b"x")
    await two.put("a", b"y")
    assert [info.key async for info in one.list_prefix("")] == ["a"]
    assert (await one.get("a"), await two.get("a")) == (b"x", b"y")
    await one.close()
    await two.close()


async def test_the_keys_may_be_secrets(s3: S3Server, tmp_path: Path) -> None:
    (tmp_path / "s3-access-key").write_text("theirs\n")
    (tmp_path / "s3-secret-key").write_text("hidden\n")
    bucket = read_s3_address(s3.address(s3.new_bucket(lock=True), lock="governance"))
    blobs = S3Blobs(bucket, environment={}, secrets=FilesSecrets(tmp_path, environment={}))
    await blobs.put_once("a", b"x", keep_until=UNTIL)
    assert await blobs.get("a") == b"x"
    assert blobs._keys is not None
    assert blobs._keys.access_key == "theirs"
    assert "hidden" not in repr(blobs._keys)
    await blobs.close()


async def test_who_has_no_keys_cannot_lock(s3: S3Server) -> None:
    bucket = read_s3_address(s3.address(s3.new_bucket(lock=True), lock="governance"))
    blobs = S3Blobs(bucket, environment={})
    with pytest.raises(UnavailableError, match="keys"):
        await blobs.put_once("a", b"x", keep_until=UNTIL)
    await blobs.close()


def test_an_address_says_where_and_how() -> None:
    usual = read_s3_address("s3://my-bucket")
    assert (usual.name, usual.prefix, usual.region, usual.lock) == ("my-bucket", "", "us-east-1", "")
    assert usual.endpoint == "https://s3.us-east-1.amazonaws.com"
    own = read_s3_address("s3://b.2/a/b?endpoint=https://minio.example.com:9000/&region=x&lock=compliance")
    assert (own.name, own.prefix, own.endpoint) == ("b.2", "a/b", "https://minio.example.com:9000")
    assert (own.region, own.lock) == ("x", "COMPLIANCE")


@pytest.mark.parametrize(
    "address",
    [
        "s3:",
        "s3://",
        "s3://x",
        "s3://user:hunter2@bucket",
        "s3://bucket:9000",
        "s3://bucket/../up",
        "s3://bucket/a//b",
        "s3://bucket/" + "x" * 101,
        "s3://bucket?region=A%0a",
        "s3://bucket?lock=yes",
        "s3://bucket?endpoint=minio",
        "s3://bucket?endpoint=http://minio.example.com",
        "s3://bucket?endpoint=https://minio.example.com/path",
        "s3://bucket?endpoint=https://a:hunter2@minio.example.com",
        "s3://bucket?acl=public",
    ],
)
def test_other_addresses_stop_the_start_and_are_not_shown(address: str, tmp_path: Path) -> None:
    with pytest.raises(AddressError):
        read_s3_address(address)
    with pytest.raises(UnknownEngineError) as caught:
        open_blobs(Settings(data=tmp_path, blobs=address))
    assert "hunter2" not in str(caught.value)


@given(
    key=st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=60),
    body=st.binary(max_size=200),
    token=st.sampled_from(["", "lent+for/a=while"]),
)
def test_signatures_are_those_of_amazons_own_library(key: str, body: bytes, token: str) -> None:
    path, extra = "/bucket/" + encode_path(key), {"if-none-match": "*", "x-amz-object-lock-mode": "COMPLIANCE"}
    theirs = AWSRequest(method="PUT", url=f"https://s3.example.com:9000{path}", data=body, headers=extra)
    theirs.context["payload_signing_enabled"] = True
    S3SigV4Auth(Credentials("key", "secret", token or None), "s3", "eu-central-1").add_auth(theirs)
    ours = sign_request(
        method="PUT",
        host="s3.example.com:9000",
        path=path,
        headers=extra,
        body=body,
        region="eu-central-1",
        keys=S3Keys(access_key="key", secret_key="secret", token=token),
        now=datetime.strptime(theirs.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC),
    )
    assert ours["authorization"] == theirs.headers["Authorization"]
