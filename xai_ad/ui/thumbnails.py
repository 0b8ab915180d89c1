"""Small pictures of files on this computer's disk, made when a browser asks for one of them."""

import secrets
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image as Pillow
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from xai_ad.data.decoding import open_image
from xai_ad.errors import ImageError
from xai_ad.inspection.results import BoundedCache

PREFIX = "/thumbnails"
SIDE = 208
"""Pixels: twice what a gallery shows, for screens that have them."""
_KEPT = 8192


@dataclass(frozen=True, kw_only=True)
class _Pictured:
    path: Path
    levels: int | None


_FILES: BoundedCache[str, _Pictured] = BoundedCache(_KEPT)
_NAMES: BoundedCache[_Pictured, str] = BoundedCache(_KEPT)


def thumbnail_url(path: Path, levels: int | None = None) -> str:
    """Return the address on this server, which nobody can guess, of a small picture of a file.

    `levels` is the value that is white in a file of more than 8 bits a pixel, where it does not say it itself.
    """
    pictured = _Pictured(path=path, levels=levels)
    name = _NAMES.get_or(pictured, lambda: secrets.token_urlsafe(24))
    _FILES.put(name, pictured)
    return f"{PREFIX}/{name}"


def _drawn(pictured: _Pictured) -> bytes:
    content = pictured.path.read_bytes()
    picture = open_image(content, levels=None, assumed=pictured.levels, name=pictured.path.name).pixels
    picture = picture.copy()
    picture.thumbnail((SIDE, SIDE), Pillow.Resampling.BOX)
    kept = BytesIO()
    picture.convert("RGB").save(kept, "JPEG", quality=82)
    return kept.getvalue()


async def serve_thumbnail(request: Request) -> Response:
    """Answer with a small picture, or say why there is none."""
    pictured = _FILES.get(request.path_params["name"])
    gone = {"Cache-Control": "no-store"}
    if pictured is None:
        return Response("This picture has expired. Reload the page.", 404, gone)
    try:
        content = await run_in_threadpool(_drawn, pictured)
    except OSError as error:
        return Response(f"{pictured.path.name} cannot be read ({error.strerror}).", 404, gone)
    except ImageError as error:
        return Response(str(error), 404, gone)
    headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type="image/jpeg", headers=headers)


ROUTE = Route(PREFIX + "/{name}", serve_thumbnail, methods=["GET"])
"""Serves the small pictures of this process."""
