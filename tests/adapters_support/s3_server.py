"""A server that speaks S3, on this machine and in memory: moto, which takes any key and signature."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from outcry.adapters.blobs.s3 import S3Blobs
from outcry.adapters.blobs.s3_address import read_s3_address

KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
REGION = "eu-central-1"

_numbers = count(1)


@dataclass
class S3Server:
    """The server, and Amazon's own client for looking at what is in it."""

    endpoint: str
    client: Any

    def new_bucket(self, *, lock: bool = False) -> str:
        """Make a bucket, with Object Lock or without."""
        name = f"bucket-{next(_numbers)}"
        place = {"LocationConstraint": REGION}
        self.client.create_bucket(Bucket=name, CreateBucketConfiguration=place, ObjectLockEnabledForBucket=lock)
        return name

    def address(self, bucket: str, *, prefix: str = "", lock: str = "") -> str:
        """Return the address of a bucket."""
        return f"s3://{bucket}/{prefix}?endpoint={self.endpoint}&region={REGION}" + (f"&lock={lock}" if lock else "")

    def open(self, bucket: str = "", *, prefix: str = "", lock: str = "") -> S3Blobs:
        """Return a store over a bucket, a new one where none is named."""
        named = bucket or self.new_bucket(lock=bool(lock))
        return S3Blobs(read_s3_address(self.address(named, prefix=prefix, lock=lock)), environment=KEYS)


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Run a server."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
    )
    yield S3Server(endpoint, client)
    client.close()
    server.stop()
