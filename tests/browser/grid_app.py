"""Serves `grid_page.py`, with the app's own layers, fonts and headers: the grid alone, in every state that it can have."""

from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

import xai_ad.ui
from xai_ad.ui.layers import ROUTE
from xai_ad.ui.server import MIDDLEWARE

STATIC = Path(xai_ad.ui.__file__).with_name("static")


async def serve_font(request: Request) -> FileResponse:
    """Answer with a file that Streamlit looks for beside this script."""
    return FileResponse(STATIC / request.path_params["name"])


fonts = Route("/app/static/{name}", serve_font)
app = st.App("grid_page.py", routes=[ROUTE, fonts], middleware=MIDDLEWARE)
