"""A stranger that another dataset's model knows: the way there."""

from dataclasses import replace

import streamlit as st

from xai_ad.data.specs import dataset_spec
from xai_ad.inspection.image_files import ImageFile
from xai_ad.inspection.other_datasets import find_other_model
from xai_ad.store import StoredModel
from xai_ad.ui import address, state
from xai_ad.ui.picking.models import OF_THE_MODEL
from xai_ad.ui.uploads import safe_name


def offer_other_dataset(image_file: ImageFile, stranger_to: StoredModel, models: list[StoredModel]) -> None:
    """Where another dataset's model knows the picture, offer to judge it there."""
    other = find_other_model(image_file, stranger_to, models)
    if other is None:
        return
    title = dataset_spec(other.card.dataset).title
    st.button(
        f"It looks like: {title}. Judge it there",
        icon=":material/arrow_forward:",
        key="other_dataset",
        on_click=_judge_there,
        args=(image_file, other),
        width="stretch",
    )


def _judge_there(image_file: ImageFile, stored: StoredModel) -> None:
    """Open a picture under another dataset's model, as an upload of that dataset."""
    dataset = stored.card.dataset
    token = state.uploads().add(dataset, replace(image_file, name=safe_name(image_file.name)))
    address.write(
        **{
            state.DATASET: dataset,
            state.MODEL: stored.card.id,
            state.UPLOAD: token,
            state.SAMPLE: None,
            state.FIT: None,
            **OF_THE_MODEL,
        }
    )
