"""Models on datasets: the figures of 4.3, each from images that set no threshold."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xai_ad.data.fitting import Proportions
from xai_ad.data.layouts import ANOMALOUS, NORMAL, Protocol, Sample, read_dataset, split_dataset
from xai_ad.data.loading import load_masks, load_pixels, mask_notes, proportions_of
from xai_ad.data.notes import NOTES
from xai_ad.detector.scores import Score, Scoring
from xai_ad.detector.streams import reconstructed_samples, sample_embeddings
from xai_ad.errors import DatasetError
from xai_ad.metrics.detection import auc_pr, auc_roc, class_auc_roc, equal_error_rate, precision_recall
from xai_ad.metrics.localisation import aupro, pixel_auc_roc
from xai_ad.metrics.regularity import Normalisation, video_figures
from xai_ad.networks import Autoencoder
from xai_ad.progress import Progress, part_of, silent
from xai_ad.store import (
    CalibrationRecord,
    EvaluatedScores,
    EvaluationRecord,
    JudgedImage,
    StoredModel,
    load_calibration,
    load_calibrations,
    load_network,
)
from xai_ad.training.calibration import gmean_threshold

COMPONENTS = 16
"""How many principal components of the embeddings an evaluation keeps."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """A model's figures on a dataset, and what they were computed from."""

    metrics: Mapping[str, Any]
    record: EvaluationRecord
    components: Tensor | None  # (N, 16) float32, where they were asked for
    photograph: (
        Proportions  # the shape of the dataset's images; all of each is judged, squeezed into a square
    )
    unmarked: tuple[str, ...]  # the classes that pixel figures leave out: no image of theirs has a mask

    @property
    def images(self) -> tuple[JudgedImage, ...]:
        """The images, in order, with their raw scores by the active calibration."""
        return self.record.rows(self.record.scores[0].values)


def evaluate(
    stored: StoredModel,
    data: Path,
    layout: str,
    *,
    protocol: Protocol = Protocol.HELD_OUT,
    levels: int | None = None,
    masks: Path | None = None,
    components: bool = False,
    on_progress: Progress = silent,
) -> Evaluation:
    """Judge a dataset's reported images with a stored model.

    Under `thesis`, threshold and score_max come from the reported images themselves (3.8.5). Otherwise they are the
    active calibration's; where that one saw reported images, every figure that needs a threshold is None. The score is
    the active calibration's, and beside it each image is scored by every other stored calibration; pixel figures are the
    squared error's map's, and beside them stand what the SSIM map of the same reconstructions gives, whatever the
    score. Of a set of videos, `auc_roc` and `eer` are those of the frames' smoothed regularity, normalised per video
    (4.9.1), and the same with one global normalisation stands beside them; every figure that needs a threshold is of
    the frames' raw scores. The embeddings' first principal `components`, which only a record needs, cost a second pass
    of the encoder. `levels` is the value that is white in pictures of more than 8 bits a pixel, where it was given.
    `masks` is a file of annotations, or a folder of masks, in place of the dataset's own.
    """
    card = stored.card
    dataset = read_dataset(data, layout, levels=levels, assumed=card.preprocessing.levels, masks=masks)
    test = split_dataset(dataset, protocol).test
    if not test:
        raise DatasetError(
            f"{str(data)!r} has no images to report on. Evaluate with a layout that has a test set."
        )
    pixels = load_pixels(test, card.preprocessing, on_progress=part_of(on_progress, 0.0, 0.3))
    network = load_network(stored)
    record = load_calibration(stored)
    every = [record, *load_calibrations(stored)]
    scorings = tuple(dict.fromkeys(one.calibration.scoring for one in every))  # the active one first
    marked, known = load_masks(test, card.preprocessing)
    annotated = {sample.kind for sample in dataset.samples if sample.is_marked}
    kinds = {sample.kind for sample in test if sample.label == ANOMALOUS}
    for note in mask_notes(test, marked, known, kinds=annotated if masks is None else kinds):
        NOTES.warning(note)
    judged = _judge(
        network,
        test,
        pixels,
        scorings,
        mapped=known if marked.any() else (),
        on_progress=part_of(on_progress, 0.3, 0.8),
    )
    scores = judged.scores[0]
    labels = np.array([sample.label for sample in test])
    figures = {
        "model": card.id,
        "dataset": dataset.name,
        "layout": layout,
        "protocol": str(protocol),
        **_detection_figures(test, scores, labels),
        **_judged_figures(record, test, scores, labels, protocol),
        **_pixel_figures(marked, judged, on_progress=part_of(on_progress, 0.8, 1.0)),
        "auc_roc_ssim": auc_roc(judged.ssim_scores, labels),
    }
    if dataset.clips:
        figures |= video_metrics(test, scores, labels)
        figures["auc_roc_ssim"] = video_metrics(test, judged.ssim_scores, labels)["auc_roc"]
    on_progress(1.0)
    return Evaluation(
        metrics=figures,
        record=_record(test, scorings, judged, in_clips=bool(dataset.clips)),
        components=_principal_components(network, test, pixels) if components else None,
        photograph=proportions_of(dataset, test),
        unmarked=tuple(sorted(kinds - annotated)) if annotated else (),
    )


def _record(
    test: Sequence[Sample], scorings: Sequence[Scoring], judged: "_Judged", *, in_clips: bool
) -> EvaluationRecord:
    """Return the images with their scores by every scoring, as they are stored."""
    return EvaluationRecord(
        label=tuple(sample.label for sample in test),
        kind=tuple(sample.kind for sample in test),
        sha256=tuple(sample.sha256 for sample in test),
        groups=tuple(sample.group or "" for sample in test) if in_clips else None,
        scores=tuple(
            EvaluatedScores(
                score=scoring.score, eta=scoring.eta, window=scoring.window, values=tuple(values.tolist())
            )
            for scoring, values in zip(scorings, judged.scores, strict=True)
        ),
    )


def _detection_figures(
    test: Sequence[Sample], scores: NDArray[np.float64], labels: NDArray[np.int64]
) -> dict[str, Any]:
    """Return how many images there are, and how well scores tell them apart, whatever the threshold."""
    return {
        "n_normal": int((labels == NORMAL).sum()),
        "n_anomalous": int((labels == ANOMALOUS).sum()),
        "auc_roc": auc_roc(scores, labels),
        "auc_pr": auc_pr(scores, labels),
        "eer": equal_error_rate(scores, labels),
        "per_class": class_auc_roc(scores, labels, [sample.kind for sample in test]),
    }


def _judged_figures(
    record: CalibrationRecord,
    test: tuple[Sample, ...],
    scores: NDArray[np.float64],
    labels: NDArray[np.int64],
    protocol: Protocol,
) -> dict[str, Any]:
    """The figures that depend on a threshold, and the threshold."""
    if protocol is Protocol.THESIS:
        threshold, score_max = gmean_threshold(scores, labels), float(scores[labels == ANOMALOUS].max())
        leaks = False
    else:
        threshold, score_max = record.calibration.threshold, record.calibration.score_max
        leaks = bool({image.sha256 for image in record.images} & {sample.sha256 for sample in test})
    figures: dict[str, Any] = {"threshold": threshold, "score_max": score_max}
    if leaks:
        return {**figures, "f1": None, "precision": None, "recall": None, "weighted": None}
    plain = precision_recall(scores, labels, threshold=threshold, average="binary")
    weighted = precision_recall(scores, labels, threshold=threshold, average="weighted")
    return {
        **figures,
        "f1": plain.f1,
        "precision": plain.precision,
        "recall": plain.recall,
        "weighted": asdict(weighted),
    }


def video_metrics(
    test: Sequence[Sample], scores: NDArray[np.float64], labels: NDArray[np.int64]
) -> dict[str, float]:
    """Return the figures of the frames' regularity (4.9.1), of raw scores (N,); a clip's frames follow one another."""
    groups = [sample.group for sample in test]
    cuts = [index for index in range(1, len(groups)) if groups[index] != groups[index - 1]]
    figures = video_figures(np.split(scores, cuts), np.split(labels, cuts))
    per_video, overall = figures[Normalisation.PER_VIDEO], figures[Normalisation.GLOBAL]
    return {
        "auc_roc": per_video.auc_roc,
        "eer": per_video.eer,
        "auc_roc_global": overall.auc_roc,
        "eer_global": overall.eer,
    }


@dataclass(frozen=True, kw_only=True, eq=False)
class _Judged:
    """N images' scores by each of S scorings, and the maps of the K that were asked for."""

    scores: NDArray[np.float64]  # (S, N)
    ssim_scores: NDArray[np.float64]  # (N,)
    squared_errors: NDArray[np.float32]  # (K, H, W)
    dissimilarities: NDArray[np.float32]  # (K, H, W)


def _judge(
    network: Autoencoder,
    samples: Sequence[Sample],
    pixels: Tensor,
    scorings: Sequence[Scoring],
    *,
    mapped: Collection[int],
    on_progress: Progress,
) -> _Judged:
    """Reconstruct once, and score and map in every way that is reported.

    The maps of the images in `mapped` (indices) are kept: those of a long video without masks would fill the memory.
    """
    wanted = torch.zeros(len(samples), dtype=torch.bool)
    wanted[list(mapped)] = True
    squared_error, ssim = Scoring(), Scoring(score=Score.SSIM, window=scorings[0].window)
    scores: list[list[Tensor]] = [[] for _ in scorings]
    ssim_scores, begin = [], 0
    squared_errors, dissimilarities = (
        np.empty((len(mapped), *pixels.shape[2:]), dtype=np.float32) for _ in range(2)
    )
    for images, reconstructions in reconstructed_samples(network, samples, pixels, on_progress=on_progress):
        for found, scoring in zip(scores, scorings, strict=True):
            found.append(scoring.reduce(scoring.map(images, reconstructions)))
        kept, wanted = wanted[: len(images)], wanted[len(images) :]
        place, begin = slice(begin, begin + int(kept.sum())), begin + int(kept.sum())
        squared_errors[place] = squared_error.map(images, reconstructions)[kept].numpy()
        dissimilar = ssim.map(images, reconstructions)
        ssim_scores.append(ssim.reduce(dissimilar))
        dissimilarities[place] = dissimilar[kept].numpy()
    return _Judged(
        scores=torch.stack([torch.cat(found) for found in scores]).double().numpy(),
        ssim_scores=torch.cat(ssim_scores).double().numpy(),
        squared_errors=squared_errors,
        dissimilarities=dissimilarities,
    )


def _pixel_figures(
    masks: NDArray[np.bool_], judged: _Judged, *, on_progress: Progress
) -> dict[str, float | None]:
    """How well both maps lie on the marked defects, (K, H, W); None without any."""
    figures: dict[str, float | None] = {}
    for suffix, maps in (("", judged.squared_errors), ("_ssim", judged.dissimilarities)):
        marked = masks.any()
        figures[f"pixel_auc_roc{suffix}"] = pixel_auc_roc(maps, masks) if marked else None
        figures[f"aupro{suffix}"] = aupro(maps, masks) if marked else None
        on_progress(0.5 if not suffix else 1.0)
    return figures


def _principal_components(network: Autoencoder, samples: Sequence[Sample], pixels: Tensor) -> Tensor:
    """The embeddings' first principal components, zero beyond as many as there are images."""
    from sklearn.decomposition import PCA

    embeddings = sample_embeddings(network, samples, pixels).double().numpy()
    count = min(COMPONENTS, *embeddings.shape)
    components = torch.zeros(len(pixels), COMPONENTS)
    projected = PCA(n_components=count, svd_solver="full").fit_transform(embeddings)
    components[:, :count] = torch.from_numpy(projected).float()
    return components
