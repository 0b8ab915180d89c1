"""What a person should know of a model before trusting it: what it learned from, what counts as normal, and its limits."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xai_ad.data.specs import Subject, dataset_spec
from xai_ad.metrics.detection import auc_roc
from xai_ad.metrics.intervals import auc_roc_interval
from xai_ad.presentation.rates import CLASSES, error_rates
from xai_ad.presentation.variants import variant_title
from xai_ad.presentation.words import WORDING
from xai_ad.store import JudgedImage, ModelCard

NORMAL = {
    Subject.PART: "Only good parts count as normal: whatever differs from them raises the score, whether it matters or not.",
    Subject.LESION: (
        "Naevi alone count as typical: every other lesion is atypical to it, harmless ones too, and so is an unusual naevus."
    ),
    Subject.SCENE: "Only what the normal scenes showed counts as normal: anything else raises the score, dangerous or not.",
}
"""What a subject's models take for normal."""
UNKNOWN = "No evaluation is stored under this limit: how often it errs is not known."
SHARED = "An AUC-ROC of 1 would mean that each such picture scores higher than each normal one, 0.5 that it is a matter of chance."
_IMAGES = {Subject.PART: "good parts", Subject.LESION: "naevi", Subject.SCENE: "normal frames"}
_EVERY = {
    Subject.PART: "all defects",
    Subject.LESION: "all other lesions",
    Subject.SCENE: "all abnormal frames",
}


@dataclass(frozen=True, kw_only=True)
class ClassLimit:
    """How well a model tells one class from normal images: its AUC-ROC with a 95 % interval, and what it misses at the limit.

    `images` is how many of the class were judged; `missed` how many of them passed.
    """

    name: str
    images: int
    auc_roc: float
    low: float
    high: float
    missed: int


@dataclass(frozen=True, kw_only=True)
class About:
    """What is known of a model, in sentences; `classes` has all anomalous images first, then each class where there are several.

    `against` says what they are compared with; it and `rates` are empty where nothing was evaluated.
    """

    title: str
    trained: str
    normal: str
    against: str
    classes: tuple[ClassLimit, ...]
    rates: str
    licence: str
    disclaimer: str


def about(
    card: ModelCard, threshold: float, images: Sequence[JudgedImage], groups: Sequence[str] | None = None
) -> About:
    """Return what is known of a model at a raw limit; `images` are evaluated ones that set none, with their raw scores.

    `groups` names each image's clip, where they are frames.
    """
    subject = card.subject
    normal = sum(image.label == 0 for image in images)
    both = 0 < normal < len(images)
    clips = len(set(groups)) if groups else 0
    count = f"{normal:,} {_IMAGES[subject]}{f' in {clips} clips' if clips else ''}"
    return About(
        title=variant_title(card),
        trained=_trained(card),
        normal=NORMAL[subject],
        against=f"Measured against {count} that set no limit. {SHARED}" if both else UNKNOWN,
        classes=_classes(subject, threshold, images, groups) if both else (),
        rates=error_rates(images, threshold, subject),
        licence=card.licence,
        disclaimer=WORDING[subject].disclaimer,
    )


def _trained(card: ModelCard) -> str:
    """Say what a model learned from."""
    counts = card.split.counts
    title = dataset_spec(card.dataset, subject=card.subject).title
    learned, checked = counts.get("train", 0), counts.get("validation", 0)
    pictures = {
        Subject.PART: "pictures of good parts",
        Subject.LESION: "pictures of naevi",
        Subject.SCENE: "normal frames",
    }[card.subject]
    more = f"; {checked:,} more told when to stop" if checked else ""
    return f'It learned from {learned:,} {pictures} in the set "{title}"{more}. It has seen nothing else.'


def _classes(
    subject: Subject, threshold: float, images: Sequence[JudgedImage], groups: Sequence[str] | None
) -> tuple[ClassLimit, ...]:
    kinds = sorted({image.kind for image in images if image.label == 1})
    found = [_limit(_EVERY[subject], None, threshold, images, groups)]
    if len(kinds) > 1:
        named = [(CLASSES.get(kind, kind.replace("_", " ")), kind) for kind in kinds]
        found += [_limit(name, kind, threshold, images, groups) for name, kind in sorted(named)]
    return tuple(found)


def _limit(
    name: str,
    kind: str | None,
    threshold: float,
    images: Sequence[JudgedImage],
    groups: Sequence[str] | None,
) -> ClassLimit:
    """Return how well one class, or every one, is told from all normal images."""
    places = [at for at, image in enumerate(images) if image.label == 0 or kind in {None, image.kind}]
    scores = np.array([images[at].score for at in places])
    labels = np.array([images[at].label for at in places])
    clips = None if groups is None else [groups[at] for at in places]
    low, high = auc_roc_interval(scores, labels, clips)
    return ClassLimit(
        name=name,
        images=int(labels.sum()),
        auc_roc=auc_roc(scores, labels),
        low=low,
        high=high,
        missed=int((scores[labels == 1] <= threshold).sum()),
    )
