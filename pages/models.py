"""The stored models: what each is, how well it does, and where its limit lies."""

import streamlit as st

st.html('<h1 class="page-heading">Models: what each learned, how well it does, and its limit to move</h1>')
with st.skeleton(height=620):
    # Under the placeholder: the first visit of a process waits here for the libraries, and sees the page's frame.
    from xai_ad.ui.models.page import show_models
show_models()
