"""In which order methods stand, and which is shown first: by what was measured on the model's own images."""

from dataclasses import dataclass

from xai_ad.detector.scores import Score
from xai_ad.errors import StoreError
from xai_ad.explain import EXPLAINERS
from xai_ad.explain.base import Depiction
from xai_ad.inspection.explainers import MAIN
from xai_ad.presentation.variants import model_order
from xai_ad.presentation.worth import Worth, is_noise, worth_of
from xai_ad.store import MeasuredExplanations, MeasuredMethod, StoredModel, list_models, load_measured

USUAL_METHOD = "kernel_shap"
"""What is shown first where nothing was measured."""
SURE = 0.9
"""The share of defects that the strongest tenth of what is shown first must overlap, if any method's does."""
DIGITS = 2


@dataclass(frozen=True, kw_only=True)
class Known:
    """What was measured for a model and a score, with that model or with another of its dataset."""

    measured: MeasuredExplanations
    model: str


def known_for(stored: StoredModel, score: Score) -> Known | None:
    """Return what was measured for a score: with the model itself, else with the first of its dataset's, else None."""
    others = sorted(list_models(on_broken=lambda _: None), key=model_order)
    same = [other for other in others if other.card.dataset == stored.card.dataset]
    for model in (stored, *same):
        for measured in _measured(model):
            if measured.score == score:
                return Known(measured=measured, model=model.card.id)
    return None


def method_order(stored: StoredModel, score: Score) -> list[str]:
    """Return every method, the best placed first, of equal ones the more faithful; what is noise stands last.

    Where nothing was measured, in the usual order.
    """
    usual = [*MAIN, *(name for name in EXPLAINERS if name not in MAIN)]
    known = known_for(stored, score)
    if known is None:
        return usual
    return sorted(usual, key=lambda name: _rank(known.measured, known.measured.method(name)))


def default_method(stored: StoredModel, score: Score) -> str:
    """Return which method is shown first: the first in order that draws a map and points at nearly every defect."""
    known = known_for(stored, score)
    if known is None:
        return USUAL_METHOD
    maps = [name for name in method_order(stored, score) if EXPLAINERS[name].picture is Depiction.MAP]
    found = [method for name in maps if (method := known.measured.method(name)) is not None]
    sure = [
        method.method for method in found if not method.hits or sum(method.hits) >= SURE * len(method.hits)
    ]
    return (sure or [method.method for method in found] or [USUAL_METHOD])[0]


def worths(stored: StoredModel, score: Score) -> dict[str, Worth]:
    """Return what is known of each method, by its id; empty where nothing was measured."""
    known = known_for(stored, score)
    if known is None:
        return {}
    of = None if known.model == stored.card.id else known.model
    found = {name: worth_of(known.measured, name, stored.card.subject, of=of) for name in EXPLAINERS}
    return {name: worth for name, worth in found.items() if worth is not None}


def _measured(stored: StoredModel) -> tuple[MeasuredExplanations, ...]:
    try:
        return load_measured(stored)
    except StoreError:  # an order is not worth a page: the model itself tells what is broken
        return ()


def _rank(measured: MeasuredExplanations, method: MeasuredMethod | None) -> tuple[float, ...]:
    """Return a place that sorts: measured before unmeasured, noise last, then by localisation and by faithfulness."""
    if method is None:
        return (1.0,)
    place, effect = method.figure("localisation"), method.figure("faithfulness")
    return (
        2.0 if is_noise(measured, method) else 0.0,
        -round(place.mean, DIGITS) if place else 0.0,
        -(effect.mean if effect else 0.0),
    )
