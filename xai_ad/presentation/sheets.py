"""A model's card as a page that a person reads: trained on what, by which recipe, how good, and what it must not be used for."""

from dataclasses import dataclass

from xai_ad.data.specs import Subject, dataset_spec
from xai_ad.data.wording import counted
from xai_ad.networks import NETWORKS
from xai_ad.presentation.about import NORMAL, About
from xai_ad.presentation.limits import LIMIT_WORDS
from xai_ad.presentation.words import MEASURES, NARROW, TIMES, figure
from xai_ad.store import CalibrationRecord, ModelCard
from xai_ad.training.recipe import Loss, Selection

FEW = 50
"""A model that learned from fewer pictures says so."""
HASH_DIGITS = 12
_LOSSES = {
    Loss.MSE: "squared error",
    Loss.MAE: "absolute error",
    Loss.COMPOUND: "squared error and structural similarity",
}
_ENDED = {
    "epochs": "It ran for as many epochs as were planned.",
    "early stopping": "It ended once it no longer improved.",
    "time budget": "It ended when its time was up.",
    "divergence": "It ended when the loss was no number any more; kept is what was best before.",
    "collapse": "It ended when the network answered every image alike; kept is what was best before.",
    "none: kept on the way": "It is one of the states on the way, kept before the end.",
}
"""What `Ending` of a training means, which is not imported for it: that would take seconds."""
_SELECTED = {
    Selection.VALIDATION_LOSS: "Kept are the weights that rebuilt unseen normal images best.",
    Selection.CALIBRATION: "Kept are the weights that told the calibration images apart best.",
}
_NOT_FOR = {
    Subject.PART: (
        "Other parts, or the same ones under another camera, light or position: it takes every change for a defect.",
        "The only check where a missed defect can hurt someone.",
    ),
    Subject.LESION: (
        "Diagnosis, triage or advice to patients: a score says how unusual a lesion looks to it, not what it is.",
        "Other pictures of skin than dermatoscopic ones, and lesions of kinds that it has not been measured on.",
    ),
    Subject.SCENE: (
        "Another camera, or the same one turned: it knows one view alone.",
        "Identifying people, or deciding about them: it only says that something moves or looks unusual.",
    ),
}
_GENERATED = "Real {what}: it learned from drawn pictures, and is here to try everything out."
_WHAT = {Subject.PART: "parts", Subject.LESION: "skin", Subject.SCENE: "surveillance"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a sheet: what it is, and what is said of it."""

    label: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A model's page: `rows` to read first, `not_for` what it must not be used for, and `details` for who asks further."""

    title: str
    rows: tuple[Row, ...]
    not_for: tuple[str, ...]
    licence: str
    details: tuple[Row, ...]


def sheet(card: ModelCard, record: CalibrationRecord, known: About, *, folder: str, size: int) -> Sheet:
    """Return a model's page; `known` is what is known of it at its limit, `size` the bytes of its `folder`."""
    rows = [
        Row(label="Learned from", text=known.trained),
        Row(label="Counts as normal", text=NORMAL[card.subject]),
        Row(label="How", text=_how(card)),
        Row(label="How good", text=_how_good(known)),
        Row(label="Judged by", text=f"{MEASURES[record.calibration.scoring.score]}.".capitalize()),
    ]
    return Sheet(
        title=known.title,
        rows=tuple(rows),
        not_for=_not_for(card),
        licence=card.licence,
        details=_details(card, record, folder, size),
    )


def _how(card: ModelCard) -> str:
    """Say what the network is and how it was trained."""
    spec, recipe, training = NETWORKS.get(card.network), card.training.recipe, card.training
    told = [spec.sentence] if spec else []
    if card.parent is not None:
        told.append(f"Tuned from {card.parent} to see all normal images as nearly the same (SVDD).")
    else:
        loss = _LOSSES[Loss(card.loss)] if card.loss in set(Loss) else card.loss
        told.append(f"Trained to rebuild normal images with the least {loss}.")
    told.append(
        f"{counted(training.epochs, 'epoch')}, {counted(training.images_seen, 'image')} seen, {_time(training.seconds)}."
    )
    told.append(_ENDED.get(training.ended_by, ""))
    selection = recipe.get("selection", "")
    if selection in set(Selection):
        told.append(_SELECTED[Selection(str(selection))])
    return " ".join(filter(None, told))


def _how_good(known: About) -> str:
    if not known.classes:
        return known.against
    every = known.classes[0]
    area = f"AUC-ROC {every.auc_roc:.3f} (95{NARROW}% sure: {every.low:.3f} to {every.high:.3f}) on images that set no limit."
    return " ".join(filter(None, [area, known.rates]))


def _not_for(card: ModelCard) -> tuple[str, ...]:
    spec = dataset_spec(card.dataset, subject=card.subject)
    told = [*_NOT_FOR[card.subject]]
    if spec.generated:
        told.insert(0, _GENERATED.format(what=_WHAT[card.subject]))
    learned = card.split.counts.get("train", 0)
    if 0 < learned < FEW:
        noun = LIMIT_WORDS[card.subject].normal
        told.append(
            f"Anything that matters, before more than {learned} {noun} taught it: it has seen little."
        )
    if "non-commercial" in card.licence or "research" in card.licence:
        told.append("Commercial use: the licence of what it learned from does not allow it.")
    return tuple(told)


def _details(card: ModelCard, record: CalibrationRecord, folder: str, size: int) -> tuple[Row, ...]:
    seen = card.preprocessing
    colours = "grey" if seen.channels == 1 else "colour"
    frames = f", {seen.frames} frames together" if seen.frames else ""
    split = ", ".join(f"{count:,} {name}" for name, count in card.split.counts.items())
    return (
        Row(label="Name", text=card.id),
        Row(label="Network", text=_network(card)),
        Row(label="Sees", text=f"{seen.size} {TIMES} {seen.size} pixels, {colours}{frames}"),
        Row(label="Split", text=f"{split}; protocol {card.split.protocol}, seed {card.split.seed}"),
        Row(label="Recipe", text=_recipe(card.training.recipe)),
        Row(label="Limit, raw", text=figure(record.calibration.threshold)),
        Row(label="Calibration", text=record.id),
        Row(label="Weights", text=f"{card.weights_dtype}, SHA-256 {_hash(card)}"),
        Row(label="Versions", text=", ".join(f"{name} {version}" for name, version in card.versions.items())),
        Row(label="Folder", text=f"{folder}, {size / 2**20:.1f} MB"),
    )


def _network(card: ModelCard) -> str:
    options = ", ".join(f"{name} {value}" for name, value in card.options.items())
    return f"{card.network} ({options})" if options else card.network


def _recipe(recipe: dict[str, str | int | float | bool | None]) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} {value}" for name, value in recipe.items() if value is not None
    )


def _hash(card: ModelCard) -> str:
    return card.sha256.get("weights.safetensors", "")[:HASH_DIGITS]


def _time(seconds: float) -> str:
    """Return how long a training took, as people say it.

    >>> [_time(seconds) for seconds in (0.7, 42, 286, 5380)]
    ['under a second', '42 seconds', '5 minutes', '1.5 hours']
    """
    if seconds < 1:
        return "under a second"
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    if seconds < 5370:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"
