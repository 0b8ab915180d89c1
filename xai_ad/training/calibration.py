"""Where the limit lies: thresholds from scores (3.8.5, Eq. 3.21), and the scale that maps are drawn on."""

import hashlib
import math
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xai_ad.data.layouts import ANOMALOUS, NORMAL, Protocol, Sample
from xai_ad.data.notes import NOTES
from xai_ad.data.wording import counted
from xai_ad.detector.calibration import Calibration
from xai_ad.detector.scores import Scoring
from xai_ad.detector.streams import sample_maps
from xai_ad.errors import InvalidInputError
from xai_ad.networks import Autoencoder
from xai_ad.progress import Progress, silent
from xai_ad.store import CalibrationProtocol, CalibrationRecord, JudgedImage
from xai_ad.types import ErrorMaps

DEFAULT_QUANTILE = 0.99
FRAMES_PASSING = 0.8
"""The share of a normal clip's frames that are to pass, where whole clips set the limit."""
MAP_SCALE_QUANTILE = 0.999


def gmean_threshold(scores: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Return the threshold with the greatest geometric mean of sensitivity and specificity (Eq. 3.21).

    It lies midway between the two scores beside it, and is the highest of equally good ones. scores (N,) raw, labels
    (N,) 0 normal and 1 anomalous; raises `InvalidInputError` unless both occur and scores differ.
    """
    return float(gmean_thresholds(np.asarray(scores, dtype=np.float64)[None], labels)[0])


def gmean_thresholds(scores: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the `gmean_threshold` of each of B sets of scores, (B, N) -> (B,), that share their labels, (N,)."""
    order = np.argsort(scores, axis=1, kind="stable")
    ordered, anomalous = np.take_along_axis(scores, order, axis=1), np.asarray(labels)[order] == ANOMALOUS
    positives, negatives = (int(np.sum(np.asarray(labels) == label)) for label in (ANOMALOUS, NORMAL))
    gaps = np.diff(ordered, axis=1) > 0  # (B, N - 1), the threshold may stand between one score and the next
    if not positives or not negatives or not gaps.any(axis=1).all():
        raise InvalidInputError(
            f"A threshold needs normal and anomalous scores that differ. Got {negatives} normal, {positives} anomalous."
        )
    sensitivity = 1 - np.cumsum(anomalous, axis=1)[:, :-1] / positives
    specificity = np.cumsum(~anomalous, axis=1)[:, :-1] / negatives
    gmeans = np.where(gaps, np.sqrt(sensitivity * specificity), -1.0)
    best = (
        gmeans.shape[1] - 1 - np.argmax(gmeans[:, ::-1], axis=1)[:, None]
    )  # (B, 1), the last of equally good
    both = np.concatenate([best, best + 1], axis=1)
    middles: NDArray[np.float64] = np.take_along_axis(ordered, both, axis=1).sum(axis=1) / 2
    return middles


def quantile_threshold(scores: NDArray[np.float64], quantile: float, *, of: str = "image") -> float:
    """Return the ceil((n + 1) q)-th smallest of n normal scores.

    Split conformal: a new normal image passes with a probability of at least q. Refused where n is too small for q; `of`
    says in words what has a score.
    """
    return float(np.sort(scores)[quantile_rank(len(scores), quantile, of=of) - 1])


def clip_threshold(clips: Sequence[NDArray[np.float64]], quantile: float) -> float:
    """Return the limit that four in five frames of a new normal clip pass, with a probability of at least q.

    clips: the raw scores (F,) of each normal clip's frames. Split conformal over clips, which may be exchanged for one
    another, as frames that follow one another may not: of the `clip_scores` the ceil((n + 1) q)-th smallest. Refused
    where n is too small for q.
    """
    return quantile_threshold(clip_scores(clips), quantile, of="clip")


def clip_scores(clips: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return of each clip's raw scores, (F,), the ceil(0.8 F)-th smallest: the limit that four in five frames pass."""
    ranks = [math.ceil(round(FRAMES_PASSING * len(scores), 9)) for scores in clips]
    found = [np.sort(scores)[rank - 1] for scores, rank in zip(clips, ranks, strict=True)]
    return np.array(found, dtype=np.float64)


def quantile_rank(count: int, quantile: float, *, of: str = "image") -> int:
    """Return ceil((n + 1) q), or raise `InvalidInputError` where n is too small for q."""
    if not 0 < quantile < 1:
        raise InvalidInputError(f"A quantile lies between 0 and 1. Got {quantile!r}.")
    rank = math.ceil(round((count + 1) * quantile, 9))
    if rank > count:
        raise InvalidInputError(
            f"{counted(count, f'normal {of}')} {'allows' if count == 1 else 'allow'} quantiles up to "
            f"{largest_quantile(count):.4g}. Got {quantile!r}."
        )
    return rank


def largest_quantile(count: int) -> float:
    """Return the largest quantile that a number of normal scores allows."""
    return count / (count + 1)


def usual_quantile(count: int) -> float:
    """Return the quantile of a number of normal scores where none is asked for: 0.99, or what they allow."""
    return min(DEFAULT_QUANTILE, largest_quantile(count)) if count else DEFAULT_QUANTILE


def lowered_note(record: CalibrationRecord, normals: str = "normal images") -> str | None:
    """Return the line on a quantile that had to be lowered, since few images were there to set it; else None.

    `normals` is what normal images are called.
    """
    count = sum(image.label == NORMAL for image in record.images)
    allowed = largest_quantile(count)
    if record.protocol is CalibrationProtocol.CLIP_QUANTILE:
        return None  # a limit by clips says itself how many there were
    if (
        record.quantile is None
        or record.quantile >= DEFAULT_QUANTILE
        or not math.isclose(record.quantile, allowed)
    ):
        return None
    return (
        f"Of {count} {normals} at most {allowed:.3g} can be passed for sure, and {DEFAULT_QUANTILE:g} was asked for: the "
        "limit is their highest score."
    )


def calibrate(
    network: Autoencoder,
    samples: Sequence[Sample],
    pixels: Tensor,
    *,
    protocol: Protocol,
    scoring: Scoring,
    quantile: float | None = None,
    by_clip: bool = False,
    is_provisional: bool = False,
    on_progress: Progress = silent,
) -> CalibrationRecord:
    """Score calibration images, of which `pixels` are (N, C, H, W) uint8, and place the threshold.

    With `quantile`, by the normal ones alone (`normal-quantile`); without, by the G-mean over both kinds, or, where
    there are no anomalous ones, by the quantile 0.99 or the largest that the normal ones allow. With `by_clip`, that
    quantile is one of whole clips (`clip-quantile`). `score_max` is the largest anomalous score, or twice the threshold
    where there was none. Where a quantile had to be lowered a note says so, unless
    another limit is to follow and this one `is_provisional`.

    Raises `InvalidInputError` where a quantile asks for more images or clips than there are, and for pictures by clip.
    """
    labels = np.array([sample.label for sample in samples])
    clips = _normal_clips(samples) if by_clip else []
    if quantile is None and (by_clip or ANOMALOUS not in labels):
        quantile = usual_quantile(len(clips) if by_clip else len(labels))
    chosen = np.full(len(samples), quantile is None) | (labels == NORMAL)
    if by_clip:
        chosen = np.isin(np.arange(len(samples)), np.concatenate([*clips, np.empty(0, dtype=np.int64)]))
    maps = sample_maps(network, samples, pixels, scoring, on_progress=on_progress)
    scores, highest = _scores_and_highest(maps, scoring, chosen, pixels[0, 0].numel())
    normals, anomalies = scores[labels == NORMAL], scores[labels == ANOMALOUS]
    if quantile is not None and by_clip:
        anomalies = anomalies[:0]
        threshold = clip_threshold([scores[clip] for clip in clips], quantile)
        name = CalibrationProtocol.CLIP_QUANTILE
    elif quantile is not None:
        anomalies = anomalies[:0]
        threshold, name = quantile_threshold(normals, quantile), CalibrationProtocol.NORMAL_QUANTILE
    else:
        threshold, name = gmean_threshold(scores, labels), CalibrationProtocol(protocol)
    used = np.flatnonzero(chosen).tolist()
    record = CalibrationRecord(
        id="-".join(
            [scoring.score, name, _fingerprint(quantile, scoring, [samples[index] for index in used])]
        ),
        protocol=name,
        quantile=quantile,
        calibration=Calibration(
            scoring=scoring,
            threshold=threshold,
            score_max=float(anomalies.max()) if len(anomalies) else 2 * threshold,
            map_scale=highest / threshold,
        ),
        images=tuple(
            JudgedImage(
                score=float(scores[index]),
                label=samples[index].label,
                kind=samples[index].kind,
                sha256=samples[index].sha256,
            )
            for index in used
        ),
        clips=tuple(map(len, clips)),
    )
    if not is_provisional and (note := lowered_note(record)):
        NOTES.warning("%s", note)
    return record


def _normal_clips(samples: Sequence[Sample]) -> list[NDArray[np.int64]]:
    """Return where the frames of each clip without anomalies are among the samples, clip by clip."""
    clips: dict[tuple[str, str], list[int]] = {}
    for place, sample in enumerate(samples):
        if sample.number is None or sample.group is None:
            raise InvalidInputError(
                f"A limit by clips needs frames of videos, and {sample.path} is a picture. Choose a layout of videos."
            )
        clips.setdefault((sample.subset, sample.group), []).append(place)
    return [
        np.array(places)
        for places in clips.values()
        if all(samples[place].label == NORMAL for place in places)
    ]


def _fingerprint(quantile: float | None, scoring: Scoring, samples: Sequence[Sample]) -> str:
    """What tells one calibration from another by the same score and protocol: parameters, quantile and images."""
    parameters = [] if scoring == Scoring(score=scoring.score) else [repr(scoring.eta), repr(scoring.window)]
    parts = [repr(quantile), *parameters, *(sample.sha256 for sample in samples)]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:8]


def _scores_and_highest(
    batches: Iterable[ErrorMaps], scoring: Scoring, chosen: NDArray[np.bool_], size: int
) -> tuple[NDArray[np.float64], float]:
    """Return the scores, (N,), of maps in batches, and the 99.9 % quantile of the pixels of those chosen, (N,).

    A map has `size` pixels. Over the threshold, the quantile is the density (see `Calibration.density`) where a
    drawing's scale ends. No more of the maps is kept than the pixels that it may lie between.
    """
    place = MAP_SCALE_QUANTILE * (int(chosen.sum()) * size - 1)  # among all pixels, ascending
    kept = int(chosen.sum()) * size - math.floor(place)
    scores, highest, rest = [], torch.empty(0), torch.from_numpy(chosen)
    for maps in batches:
        scores.append(scoring.reduce(maps))
        pixels = torch.cat([highest, maps[rest[: len(maps)]].flatten()])
        highest, rest = pixels.topk(min(kept, len(pixels))).values, rest[len(maps) :]
    ascending = highest.flip(0).double().numpy()
    quantile = np.interp(place - math.floor(place), np.arange(len(ascending)), ascending)
    return torch.cat(scores).double().numpy(), float(quantile)
