"""Serves `grid_page.py`, with the app's own layers and headers: the grid alone, in every state that it can have."""

import streamlit as st

from xai_ad.ui.layers import ROUTE
from xai_ad.ui.server import MIDDLEWARE

app = st.App("grid_page.py", routes=[ROUTE], middleware=MIDDLEWARE)
