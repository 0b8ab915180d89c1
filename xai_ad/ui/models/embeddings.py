"""How a model sees its images: their embeddings, by the two directions in which they differ most."""

import json
from collections.abc import Iterable

import streamlit as st

from xai_ad.inspection.embeddings import Embedded, embedded_pair
from xai_ad.inspection.model_sheets import MEASURED, KnownModel, kind_name
from xai_ad.presentation.embeddings import ABOUT, about_plane, plane_title
from xai_ad.presentation.limits import LIMIT_WORDS
from xai_ad.store import StoredModel, load_evaluation_record
from xai_ad.ui.components.scatter import PlaneData, PointsData, ScatterData, scatter
from xai_ad.ui.layers import LAYERS, Layer

_DIGITS = 5


def show_embeddings(known: KnownModel, models: Iterable[StoredModel]) -> None:
    """Draw the embeddings of the model's evaluated images, before and after fine-tuning where both are stored."""
    pair = embedded_pair(known.stored, models)
    if not pair or not known.set_of(MEASURED):
        return
    key = (
        "scatter",
        known.record.id,
        known.record.calibration.threshold,
        *(_files(each.stored) for each in pair),
    )
    noun = LIMIT_WORDS[known.stored.card.subject].images
    data = ScatterData(url=LAYERS.put_once(key, lambda: _points(known, pair)), every=f"All {noun}")
    with st.container(key="model_embeddings"):
        st.subheader("How it sees them", anchor=False)
        st.caption(ABOUT[len(pair) > 1])
        scatter(data, key="embeddings")


def _files(stored: StoredModel) -> str:
    return " ".join(f"{name} {content}" for name, content in sorted(stored.card.sha256.items()))


def _points(known: KnownModel, pair: tuple[Embedded, ...]) -> Layer:
    record = load_evaluation_record(known.stored)
    scored = known.set_of(MEASURED)
    kinds = () if record is None else record.kind
    names = sorted(set(kinds))
    limit = known.record.calibration.threshold
    points = PointsData(
        labels=[] if record is None else list(record.label),
        kinds=[names.index(kind) for kind in kinds],
        names=[kind_name(name) for name in names],
        times=[] if scored is None else [round(image.score / limit, _DIGITS) for image in scored.images],
        panels=[_plane(each, pair) for each in pair],
    )
    return Layer(content=json.dumps(points, separators=(",", ":")).encode(), media_type="application/json")


def _plane(each: Embedded, pair: tuple[Embedded, ...]) -> PlaneData:
    is_tuned = each.stored.card.parent is not None
    return PlaneData(
        title=plane_title(each.title, is_tuned=is_tuned, alone=len(pair) == 1),
        about=about_plane(each.shown, each.apart, each.stored.card.subject),
        across=[round(float(value), _DIGITS) for value in each.components[:, 0]],
        up=[round(float(value), _DIGITS) for value in each.components[:, 1]],
    )
