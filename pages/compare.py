"""Compare explanations of one image: models down, methods across."""

import streamlit as st

st.html('<h1 class="page-heading">Compare explanations: several models and methods on one photograph</h1>')
with st.skeleton(height=620):
    # Under the placeholder: the first visit of a process waits here for the libraries, and sees the page's frame.
    from xai_ad.ui.compare.page import show_compare
show_compare()
