"""The address of what a page shows: kept complete, and copied by a button."""

from typing import TypedDict
from urllib.parse import urlencode

from xai_ad.ui.components.mounting import register, require_plain

SCRIPTS = ("address/address.js",)


class AddressData(TypedDict):
    """The whole address of what the page shows, and whether the one that was read for it had a value that is wrong."""

    query: str
    has_wrong: bool


_address = register("address", SCRIPTS)


def address(complete: dict[str, str], *, has_wrong: bool, key: str) -> None:
    """Mount the button "Copy link", and see to it that the browser's address is the `complete` one.

    What the browser's lacks or has wrong is written into it, without a step in its history. Where a person went back or
    forward and the page does not follow, since the question was lost among others, it is asked again.
    """
    data = AddressData(query=urlencode(complete), has_wrong=has_wrong)
    require_plain(dict(data))
    _address(key=key, data=data, width="content")
