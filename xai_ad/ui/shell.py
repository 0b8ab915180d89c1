"""The script that Streamlit runs for every page: the frame around the pages, and which pages there are.

A new page is a file in `pages/` and a line in `PAGES`. Paths are absolute: a folder `pages/` beside this script would
make Streamlit run its files without it.
"""

from pathlib import Path

import streamlit as st

from xai_ad.machine import places

# File, title and icon of every page, in the order of the navigation; the first is the home page.
PAGES = [
    ("inspect.py", "Inspect", ":material/frame_inspect:"),
    ("compare.py", "Compare", ":material/grid_view:"),
    ("video.py", "Video", ":material/movie:"),
    ("train.py", "Train", ":material/model_training:"),
    ("models.py", "Models", ":material/tune:"),
]

st.set_page_config(layout="wide", page_icon=str(Path(__file__).with_name("icon.png")))
st.html(Path(__file__).with_name("shell.css"))
st.html(
    '<p class="product"><strong>xai_ad</strong> '
    "<span>Judges a photograph by how well a network that knows only normal ones can rebuild it, and shows why.</span></p>"
)
pages = [
    st.Page(places.pages() / file, title=title, icon=icon, default=place == 0)
    for place, (file, title, icon) in enumerate(PAGES)
]
st.navigation(pages, position="top").run()
