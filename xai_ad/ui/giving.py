"""Files for a browser that lie on this computer's disk: sent from there, so that none has to fit into memory."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from xai_ad.inspection.results import BoundedCache

PREFIX = "/files"


@dataclass(frozen=True, kw_only=True, eq=False)
class Given:
    """A file, what it is called for who gets it, and what keeps it from being deleted."""

    path: Path
    name: str
    media_type: str
    kept_by: object


_GIVEN: BoundedCache[str, Given] = BoundedCache(16)
_NAMES: BoundedCache[Path, str] = BoundedCache(16)


def give(given: Given) -> str:
    """Return a file's address on this server, which nobody can guess; the same file keeps it."""
    name = _NAMES.get_or(given.path, lambda: secrets.token_urlsafe(32))
    _GIVEN.put(name, given)
    return f"{PREFIX}/{name}"


async def serve_file(request: Request) -> Response:
    """Answer with a file, to be saved."""
    given = _GIVEN.get(request.path_params["name"])
    if given is None or not given.path.is_file():
        return Response("This file is gone. Make it again.", 404, {"Cache-Control": "no-store"})
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    return FileResponse(given.path, filename=given.name, media_type=given.media_type, headers=headers)


ROUTE = Route(PREFIX + "/{name}", serve_file, methods=["GET"])
"""Serves the files of this process."""
