"""Inspect one image: the verdict, and why."""

import streamlit as st

st.html('<h1 class="page-heading">Inspect one photograph: the verdict, and why</h1>')
with st.skeleton(height=620):
    # Under the placeholder: the first visit of a process waits here for the libraries, and sees the page's frame.
    from xai_ad.ui.inspect.page import show_inspect
show_inspect()
