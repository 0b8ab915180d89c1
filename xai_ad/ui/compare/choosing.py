"""Which models and methods are compared: read from the address, and said where they cannot be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from xai_ad.data.specs import dataset_spec
from xai_ad.errors import XaiAdError
from xai_ad.explain import EXPLAINERS
from xai_ad.inspection.explainers import MAIN
from xai_ad.inspection.methods import method_order
from xai_ad.inspection.results import BoundedCache
from xai_ad.presentation.words import listed
from xai_ad.store import Fingerprint, StoredModel, fingerprint, list_models, load_calibration
from xai_ad.ui import address, state

MOST = 12
"""How many models are compared at once."""
USUAL = 3
"""How many are by default."""
NAMED, LONGEST = 3, 40
"""So many names that cannot be compared are quoted, with so many characters."""

_ORDERS: BoundedCache[Fingerprint, tuple[str, ...]] = BoundedCache(32)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What is compared: at least one model, all of one dataset, and at least one method."""

    dataset: str
    models: tuple[StoredModel, ...]
    methods: tuple[str, ...]


def follow_chosen(models: Mapping[str, StoredModel]) -> Chosen:
    """Return what the address names, else the defaults; what cannot be compared is reported, and left out.

    `models` are those of images, at least one. A model names its dataset.
    """
    titles = {stored.card.dataset: dataset_spec(stored.card.dataset).title for stored in models.values()}
    dataset = state.asked_of(state.DATASET, "dataset", titles)
    asked = names_in(address.asked(state.MODELS))
    own = {models[name].card.dataset for name in asked if name in models}
    if own and dataset not in own:
        dataset = next(models[name].card.dataset for name in asked if name in models)
    dataset = dataset or next(iter(titles))
    chosen = _models(models, dataset, asked)
    methods = _methods(chosen[0])
    for key, value in (
        (state.DATASET, dataset),
        (state.MODELS, as_text(stored.card.id for stored in chosen)),
        (state.METHODS, as_text(methods)),
    ):
        address.note(key, value)
    return Chosen(dataset=dataset, models=chosen, methods=methods)


def names_in(text: str | None) -> list[str]:
    """Return the names in a list of the address, each once.

    >>> names_in("lrp, lime,,lrp"), names_in(None)
    (['lrp', 'lime'], [])
    """
    names = (name.strip() for name in (text or "").split(","))
    return list(dict.fromkeys(name for name in names if name))


def as_text(names: Iterable[str]) -> str:
    """Return names as a list of the address."""
    return ",".join(names)


def with_others(first: StoredModel, models: Iterable[StoredModel]) -> tuple[StoredModel, ...]:
    """Return a model and the next ones of its dataset, of other networks as far as there are any, `USUAL` in all."""
    same = [one for one in models if one.card.dataset == first.card.dataset and one.card.id != first.card.id]
    networks = {first.card.network}
    others: list[StoredModel] = []
    alike: list[StoredModel] = []
    for one in same:
        (alike if one.card.network in networks else others).append(one)
        networks.add(one.card.network)
    return (first, *(others + alike)[: USUAL - 1])


def measured_order(stored: StoredModel) -> tuple[str, ...]:
    """Return every method in the order of what was measured of it on a model's images; it is read from disk once."""

    def read() -> tuple[str, ...]:
        return tuple(method_order(stored, load_calibration(stored).calibration.scoring.score))

    try:
        return _ORDERS.get_or(fingerprint(stored), read)
    except XaiAdError:  # an order is not worth a page; the model's row tells what is wrong
        return tuple(EXPLAINERS)


def _models(models: Mapping[str, StoredModel], dataset: str, asked: Sequence[str]) -> tuple[StoredModel, ...]:
    same = {name: stored for name, stored in models.items() if stored.card.dataset == dataset}
    wrong = [name for name in asked if name not in same]
    if wrong:
        reasons = [f"{_quoted(name)} ({_reason(name, models)})" for name in wrong[:NAMED]]
        state.warn(
            f"Not compared: {_and_more(reasons, wrong)}. Models of {dataset_spec(dataset).title}: {', '.join(same)}.",
            about=state.MODELS,
        )
    found = [same[name] for name in asked if name in same]
    if len(found) > MOST:
        left_out = listed([stored.card.id for stored in found[MOST:]])
        state.warn(
            f"{MOST} models are compared at most. Left out: {left_out}.", about="too many models", kind="info"
        )
    return tuple(found[:MOST]) or with_others(next(iter(same.values())), same.values())


def _quoted(name: str) -> str:
    """Return a name as a message quotes it: it may be as long as an address."""
    return repr(name if len(name) <= LONGEST else f"{name[:LONGEST]}...")


def _and_more(told: Sequence[str], every: Sequence[str]) -> str:
    """Return what is told of the first ones, and how many others there are."""
    more = len(every) - len(told)
    return "; ".join([*told, *([f"{more} more"] if more else [])])


def _reason(name: str, models: Mapping[str, StoredModel]) -> str:
    if name in models:
        return f"a model of {dataset_spec(models[name].card.dataset).title}"
    stored = next((one for one in list_models(on_broken=lambda _: None) if one.card.id == name), None)
    if stored is None:
        return "there is no such model"
    return f"it scores clips of {stored.card.preprocessing.frames} frames and no single pictures"


def _methods(stored: StoredModel) -> tuple[str, ...]:
    asked = names_in(address.asked(state.METHODS))
    wrong = [name for name in asked if name not in EXPLAINERS]
    if wrong:
        state.warn(
            f"There is no method {_and_more([_quoted(name) for name in wrong[:NAMED]], wrong)}. "
            f"Choose of: {', '.join(EXPLAINERS)}.",
            about=state.METHODS,
        )
    found = tuple(name for name in asked if name in EXPLAINERS)
    return found or tuple(name for name in measured_order(stored) if name in MAIN)
