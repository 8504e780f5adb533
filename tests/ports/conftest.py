"""What the suites of several ports share."""

from collections.abc import Iterator

import pytest

from tests.adapters_support.certificates import Authority
from tests.adapters_support.s3_server import S3Server, s3_server


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that vouches for servers of this machine."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """A server that speaks S3."""
    with s3_server() as server:
        yield server
