"""In which order methods stand, and which is shown first: by what was measured on the model's own images."""

from dataclasses import dataclass

from xai_ad.detector.scores import Score
from xai_ad.errors import StoreError
from xai_ad.explain import EXPLAINERS
from xai_ad.explain.base import Depiction
from xai_ad.inspection.explainers import MAIN
from xai_ad.presentation.variants import model_order
from xai_ad.presentation.worth import Worth, doubts, is_noise, worth_of
from xai_ad.store import MeasuredExplanations, StoredModel, list_models, load_measured

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
    """Return every method in the order of what was measured, or in the usual one where nothing was."""
    known = known_for(stored, score)
    return _usual() if known is None else order_of(known.measured)


def default_method(stored: StoredModel, score: Score) -> str:
    """Return which method is shown first."""
    known = known_for(stored, score)
    return USUAL_METHOD if known is None else first_of(known.measured)


def order_of(measured: MeasuredExplanations) -> list[str]:
    """Return every method, the best placed first, of equal ones the more faithful; what is noise stands last."""
    return sorted(_usual(), key=lambda name: _rank(measured, name))


def first_of(measured: MeasuredExplanations) -> str:
    """Return the first method in order that draws a map, may be trusted, and points at nearly every defect.

    Where no map may be trusted the best that there is.
    """
    maps = [
        name
        for name in order_of(measured)
        if EXPLAINERS[name].picture is Depiction.MAP and measured.method(name) is not None
    ]
    trusted = [name for name in maps if not is_noise(measured, name) and not doubts(measured, name)]
    sure = [name for name in trusted if _hits(measured, name) >= SURE]
    return (sure or trusted or maps or [USUAL_METHOD])[0]


def _usual() -> list[str]:
    return [*MAIN, *(name for name in EXPLAINERS if name not in MAIN)]


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


def _hits(measured: MeasuredExplanations, method: str) -> float:
    """Return the share of defects that a method's strongest tenth overlaps; where none is marked it misses none."""
    found = measured.figure(method, "hits")
    return 1.0 if found is None else found.value


def _rank(measured: MeasuredExplanations, method: str) -> tuple[float, ...]:
    """Return a place that sorts: measured before unmeasured, noise last, then by localisation and by faithfulness."""
    if measured.method(method) is None:
        return (1.0,)
    place, effect = (measured.figure(method, name) for name in ("localisation", "faithfulness"))
    return (
        2.0 if is_noise(measured, method) else 0.0,
        -round(place.value, DIGITS) if place else 0.0,
        -(effect.value if effect else 0.0),
    )
