"""Start the app: `streamlit run app.py`."""

import streamlit as st

from xai_ad.ui import giving, layers, thumbnails
from xai_ad.ui.server import MIDDLEWARE, lifespan

app = st.App(
    "xai_ad/ui/shell.py",
    routes=[layers.ROUTE, giving.ROUTE, thumbnails.ROUTE],
    middleware=MIDDLEWARE,
    lifespan=lifespan,
)
