"""Train: one's own pictures become a model."""

import streamlit as st

st.html('<h1 class="page-heading">Train: pictures of good parts become a model</h1>')
with st.skeleton(height=620):
    # Under the placeholder: the first visit of a process waits here for the libraries, and sees the page's frame.
    from xai_ad.ui.train.page import show_train
show_train()
