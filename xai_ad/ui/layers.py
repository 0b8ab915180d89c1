"""Images for the browser, served by address instead of being sent again and again over the websocket.

A name is a keyed hash of the content: the same image keeps its address (the browser fetches it once), and nobody
can guess the address of an image they were not shown.
"""

import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from xai_ad.inspection.results import BoundedCache

PREFIX = "/layers"


@dataclass(frozen=True, kw_only=True)
class Layer:
    """An image's bytes and what kind they are."""

    content: bytes
    media_type: str = "image/png"


class Layers:
    """Images in memory, at most `capacity` bytes of them; the least recently used go first."""

    def __init__(self, *, capacity: int = 128 * 2**20, secret: bytes | None = None) -> None:
        self._capacity = capacity
        self._secret = secrets.token_bytes(32) if secret is None else secret
        self._layers: OrderedDict[str, Layer] = OrderedDict()
        self._names: BoundedCache[Hashable, str] = BoundedCache(4096)
        self._size = 0
        self._lock = threading.Lock()

    def put(self, layer: Layer) -> str:
        """Keep an image and return its address on this server."""
        name = hmac.new(
            self._secret, layer.media_type.encode() + b"\0" + layer.content, hashlib.sha256
        ).hexdigest()
        with self._lock:
            if name not in self._layers:
                self._layers[name] = layer
                self._size += len(layer.content)
            self._layers.move_to_end(name)
            while self._size > self._capacity and len(self._layers) > 1:
                _, oldest = self._layers.popitem(last=False)
                self._size -= len(oldest.content)
        return f"{PREFIX}/{name}"

    def put_once(self, key: Hashable, encode: Callable[[], Layer]) -> str:
        """Return the address of what `encode` makes; it is called again only where the image is gone.

        `key` says everything that the image depends on.
        """
        name = self._names.get(key)
        if name is not None and self.get(name) is not None:
            return f"{PREFIX}/{name}"
        address = self.put(encode())
        self._names.put(key, address.rpartition("/")[2])
        return address

    def get(self, name: str) -> Layer | None:
        """Return an image by the last part of its address, or None where it is gone or never was."""
        with self._lock:
            layer = self._layers.get(name)
            if layer is not None:
                self._layers.move_to_end(name)
            return layer


LAYERS = Layers()
"""The images of this process."""


async def serve_layer(request: Request) -> Response:
    """Answer with an image; an address names its content, so a browser may keep it for as long as it likes."""
    layer = LAYERS.get(request.path_params["name"])
    if layer is None:
        return Response("This picture has expired. Reload the page.", 404, {"Cache-Control": "no-store"})
    headers = {"Cache-Control": "private, max-age=86400, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(layer.content, media_type=layer.media_type, headers=headers)


ROUTE = Route(PREFIX + "/{name}", serve_layer, methods=["GET"])
"""Serves the images of this process."""
