"""The row of controls: which dataset, model and picture. What they hold was read from the address, and is written to it."""

from dataclasses import dataclass

import streamlit as st

from xai_ad.inspection.image_files import ImageFile
from xai_ad.store import StoredModel
from xai_ad.ui import address, state
from xai_ad.ui.picking.models import (
    OF_THE_MODEL,
    choose_dataset,
    choose_model,
    dataset_titles,
    first_model,
    follow_model,
)
from xai_ad.ui.picking.pictures import asking_for_dataset, choose_picture, follow_picture, opened


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the controls say. `image_file` is None where there is no picture to show.

    Then `missing` is the name of an upload that the address asks for and this session does not have, or None.
    """

    stored: StoredModel
    image_file: ImageFile | None
    missing: str | None = None


def choose(models: dict[str, StoredModel]) -> Choice:
    """Draw the controls and return what they say; `models` holds at least one model."""
    chosen = models[follow_model(models)]
    picker = follow_picture(chosen.card.dataset)
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls"):
        choose_dataset(dataset_titles(models), lambda dataset: _on_dataset(models, dataset))
        choose_model(models, chosen)
        choose_picture(picker)
    return Choice(stored=chosen, image_file=opened(picker), missing=picker.missing)


def _on_dataset(models: dict[str, StoredModel], dataset: str) -> None:
    address.choose(
        **{**asking_for_dataset(dataset), state.MODEL: first_model(models, dataset), **OF_THE_MODEL}
    )
