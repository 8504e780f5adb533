"""The address of the Pages port: ``web:``, or ``web:?home=http://wiki.internal``."""

import re

from outcry.kit.address import AddressError

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?")


def read_pages_address(text: str) -> str:
    """Return the one server of the operator's own network whose pages may be fetched, empty for none.

    Raises AddressError.
    """
    rest = text.partition(":")[2]
    if not rest:
        return ""
    name, _, home = rest.removeprefix("?").partition("=")
    if not rest.startswith("?") or name != "home" or not _ORIGIN.fullmatch(home):
        raise AddressError("after the colon it may have ?home=http://host, a server of your own network")
    return home
