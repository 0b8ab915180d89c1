"""A clip: scored frame by frame, any frame explained."""

import streamlit as st

st.html('<h1 class="page-heading">Video: a clip scored frame by frame, and any frame explained</h1>')
with st.skeleton(height=620):
    # Under the placeholder: the first visit of a process waits here for the libraries, and sees the page's frame.
    from xai_ad.ui.video.page import show_video
show_video()
