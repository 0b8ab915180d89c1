"""What stands where there is no picture to show: which one is asked for, and how it should look."""

import streamlit as st

from xai_ad.data.specs import dataset_spec
from xai_ad.inspection.image_files import list_samples
from xai_ad.inspection.models import OpenModel
from xai_ad.presentation import render
from xai_ad.presentation.words import as_markdown
from xai_ad.ui import state
from xai_ad.ui.layers import LAYERS, Layer
from xai_ad.ui.picking.uploading import PROMPT, ask_for_photographs


def ask_for_image(model: OpenModel, *, missing: str | None) -> None:
    """Ask for photographs; `missing` is the name of an upload that was asked for and is not here."""
    spec = dataset_spec(model.card.dataset, subject=model.card.subject)
    with st.container(border=True, key="prompt"):
        if missing is not None:
            state.show_error(
                f"The upload {missing} is no longer here: uploads stay in the session that made them. "
                "Upload it again, or choose another picture."
            )
        st.subheader("Upload a photograph to inspect")
        if list_samples(model.card.dataset):
            st.markdown(f"The model expects {spec.photograph}.")
        else:
            st.markdown(
                f"No pictures of **{as_markdown(spec.title)}** come with this app. "
                f"The model expects {spec.photograph}."
            )
        with st.container(horizontal=True, key="ask"):
            _show_example(model)
            with st.container(width="stretch"):
                ask_for_photographs(model.card.dataset, key=PROMPT)


def _show_example(model: OpenModel) -> None:
    """Show the mean training picture, where the model keeps it: how a photograph should be framed and lit."""
    mean = model.classifier.references.mean
    if mean is None:
        return
    url = LAYERS.put_once(("example", model.fingerprint), lambda: Layer(content=render.image_png(mean)))
    st.html(
        f'<figure class="example"><img src="{url}" alt="The mean of all training pictures" width="150">'
        "<figcaption>The mean of all training pictures: place and light yours like this.</figcaption></figure>",
        width=170,
    )
