"""What the suites of several ports share."""

import pytest

from tests.adapters_support.certificates import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that vouches for servers of this machine."""
    return Authority(tmp_path_factory.mktemp("authority"))
