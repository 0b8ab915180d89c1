"""Two models of one dataset, each at its own limit, on images that set neither."""

from dataclasses import dataclass

import numpy as np

from xai_ad.inspection.model_sheets import MEASURED, KnownModel, ScoredSet, areas_of, kind_name
from xai_ad.metrics.comparison import Advantage, advantage


@dataclass(frozen=True, kw_only=True)
class ComparedRow:
    """A figure of both models, in words: of the first one, and of the other."""

    label: str
    one: str
    other: str


@dataclass(frozen=True, kw_only=True)
class ModelComparison:
    """What is known of two models: a row for each figure, and by how much the first one's AUC-ROC is larger.

    `advantage` is None where they were not measured on the same images of both kinds.
    """

    rows: tuple[ComparedRow, ...]
    advantage: Advantage | None
    images: int


def compare_models(one: KnownModel, other: KnownModel) -> ModelComparison:
    """Compare two models by their stored evaluations."""
    first, second = one.set_of(MEASURED), other.set_of(MEASURED)
    rows = [
        ComparedRow(label="AUC-ROC (95 % interval)", one=_area(one), other=_area(other)),
        ComparedRow(label="Normal ones flagged", one=_above(one, first, 0), other=_above(other, second, 0)),
        ComparedRow(label="Anomalous ones caught", one=_above(one, first, 1), other=_above(other, second, 1)),
        *_classes(first, second),
        ComparedRow(label="Learned from", one=_learned(one), other=_learned(other)),
        ComparedRow(label="Training took", one=_minutes(one), other=_minutes(other)),
    ]
    same = first is not None and second is not None and _names(first) == _names(second)
    return ModelComparison(
        rows=tuple(rows),
        advantage=_advantage(first, second) if same and first and second else None,
        images=len(first.images) if same and first else 0,
    )


def roc_points(scored: ScoredSet) -> list[list[float]]:
    """Return a set's ROC curve from its corners alone, as [false-alarm rate, recall]; nothing without both kinds."""
    from sklearn.metrics import roc_curve

    labels = [image.label for image in scored.images]
    if len(set(labels)) < 2:
        return []
    false_alarms, hits, _ = roc_curve(labels, [image.score for image in scored.images])
    return [[float(x), float(y)] for x, y in zip(false_alarms, hits, strict=True)]


def _names(scored: ScoredSet) -> list[str]:
    return [image.sha256 for image in scored.images]


def _advantage(first: ScoredSet, second: ScoredSet) -> Advantage | None:
    labels = np.array([image.label for image in first.images])
    if len(set(labels.tolist())) < 2:
        return None
    scores = [np.array([image.score for image in each.images]) for each in (first, second)]
    return advantage(scores[0], scores[1], labels, first.groups)


def _area(known: KnownModel) -> str:
    if not known.about.classes:
        return "\N{EN DASH}"
    every = known.about.classes[0]
    return f"{every.auc_roc:.3f} ({every.low:.3f} to {every.high:.3f})"


def _above(known: KnownModel, scored: ScoredSet | None, label: int) -> str:
    scores = [image.score for image in scored.images if image.label == label] if scored else []
    above = sum(known.record.calibration.is_anomalous(score) for score in scores)
    return f"{above:,} of {len(scores):,}" if scores else "\N{EN DASH}"


def _classes(first: ScoredSet | None, second: ScoredSet | None) -> list[ComparedRow]:
    """Return a row for each class, where there are several."""
    one, other = (areas_of(each) if each else {} for each in (first, second))
    kinds = sorted({*one, *other}, key=kind_name)
    if len(kinds) < 2:
        return []
    words = [{kind: f"{area[0]:.3f}" for kind, area in areas.items()} for areas in (one, other)]
    return [
        ComparedRow(
            label=f"AUC-ROC, {kind_name(kind)}",
            one=words[0].get(kind, "\N{EN DASH}"),
            other=words[1].get(kind, "\N{EN DASH}"),
        )
        for kind in kinds
    ]


def _learned(known: KnownModel) -> str:
    return f"{known.stored.card.split.counts.get('train', 0):,} images"


def _minutes(known: KnownModel) -> str:
    minutes = known.stored.card.training.seconds / 60
    return "under a minute" if minutes < 1 else f"{minutes:,.0f} minutes"
