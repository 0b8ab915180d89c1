"""The address of what a page shows: kept complete, and copied by a button."""

from typing import TypedDict
from urllib.parse import urlencode

from xai_ad.ui.components.mounting import register, require_plain

SCRIPTS = ("address/address.js",)


class AddressData(TypedDict):
    """All that the page shows, as an address asks for it, and the address that was read for it."""

    query: str
    read: str


_address = register("address", SCRIPTS)


def address(shown: dict[str, str], *, read: dict[str, str], key: str) -> None:
    """Mount the button "Copy link", and see to it that the browser's address names all of `shown`.

    What the address that was `read` lacked or had wrong is written into it, without a step in the browser's history.
    Where the browser has another one by now, an answer was overtaken by a question: the page is asked for anew.
    """
    data = AddressData(query=urlencode(shown), read=urlencode(read))
    require_plain(dict(data))
    _address(key=key, data=data, width="content")
