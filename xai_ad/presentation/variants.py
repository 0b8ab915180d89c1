"""Which variant a stored model is, said in words: how the pickers name it, what sets it apart, and where it stands."""

from collections import Counter
from collections.abc import Iterable

from xai_ad.data.layouts import Protocol
from xai_ad.data.specs import DATASETS
from xai_ad.networks import NETWORKS, NetworkSpec, network_options
from xai_ad.presentation.words import as_markdown, figure, percent
from xai_ad.store import ModelCard, StoredModel
from xai_ad.training.recipe import Loss

NOUN = " autoencoder"
"""What a network's title gives up for the words that follow it."""
SAME_FUNCTION = frozenset({"fused"})
"""Options that change how a network is stored and not what it does."""
LOSSES = {str(Loss.MAE): "absolute-error loss", str(Loss.COMPOUND): "structural-similarity loss"}
"""What is said of models that were not trained with the squared error."""


def variant_title(card: ModelCard) -> str:
    """Return what a model is called among those of its dataset: its network, then what was done to it beyond."""
    spec = NETWORKS.get(card.network)
    title = spec.title if spec else card.network
    title = title[:1].upper() + title[1:]
    qualities = _options(card, spec) if spec else []
    if card.loss in LOSSES:
        qualities.append(LOSSES[card.loss])
    finetuning = " + SVDD fine-tuning" if card.parent is not None else ""
    if qualities or finetuning:
        title = title.removesuffix(NOUN)
    return ", ".join([title, *qualities]) + finetuning


def variant_titles(cards: Iterable[ModelCard]) -> dict[str, str]:
    """Return the titles of one dataset's models by id, no two alike: those that would be carry their id as well."""
    titles = {card.id: variant_title(card) for card in cards}
    count = Counter(titles.values())
    return {name: title if count[title] == 1 else f"{title} ({name})" for name, title in titles.items()}


def variant_help(card: ModelCard) -> str:
    """Return as Markdown what sets a model apart, in plain sentences, and how well it does on held-out images."""
    spec = NETWORKS.get(card.network)
    sentences = [f"**{as_markdown(variant_title(card))}.**"]
    if spec:
        sentences.append(spec.sentence)
    if card.loss == Loss.MAE:
        sentences.append("It learned with the absolute error, which high contrast weighs less in.")
    if card.loss == Loss.COMPOUND:
        sentences.append("It learned to keep the picture's structure as well as its colours.")
    if card.parent is not None:
        sentences.append("Afterwards it was tuned to see all normal pictures as nearly the same (SVDD).")
    area = card.metrics.get(Protocol.HELD_OUT, {}).get("auc_roc")
    if isinstance(area, float | int):
        sentences.append(
            "Given a normal and an abnormal picture that it has never seen, it gives the abnormal one the higher "
            f"score {percent(area)} of the time (AUC-ROC {figure(area)})."
        )
    return " ".join(sentences)


def model_order(stored: StoredModel) -> tuple[int, int, bool, int, bool, str]:
    """Return a model's place: by dataset and network as they are registered, not fine-tuned first, then by loss, own last."""
    card = stored.card
    return (
        _place(card.dataset, DATASETS),
        _place(card.network, NETWORKS),
        card.parent is not None,
        _place(card.loss, Loss),
        not stored.is_shipped,
        card.id,
    )


def _place(name: str, names: Iterable[str]) -> int:
    known = list(names)
    return known.index(name) if name in known else len(known)


def _options(card: ModelCard, spec: NetworkSpec) -> list[str]:
    """Return the options that set a model apart from its network's default, in words."""
    defaults = network_options(spec)
    changed = {name: value for name, value in card.options.items() if value != defaults.get(name)}
    return [_option(name.replace("_", " "), changed[name]) for name in changed if name not in SAME_FUNCTION]


def _option(name: str, value: object) -> str:
    if isinstance(value, bool):
        return name if value else f"not {name}"
    return f"{name} {value}"
