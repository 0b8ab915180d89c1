"""A stored model on a dataset, as figures and as the record that a model keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from xai_ad.data.fitting import Proportions
from xai_ad.data.layouts import ANOMALOUS, Protocol, Sample, read_dataset, split_dataset
from xai_ad.data.loading import load_masks, load_pixels, mask_notes, proportions_of
from xai_ad.data.notes import NOTES
from xai_ad.detector.scores import Scoring
from xai_ad.detector.streams import sample_embeddings
from xai_ad.errors import DatasetError
from xai_ad.evaluation.figures import image_figures, video_metrics
from xai_ad.evaluation.judging import Judged, judge
from xai_ad.networks import Autoencoder
from xai_ad.progress import Progress, part_of, silent
from xai_ad.store import (
    EvaluatedScores,
    EvaluationRecord,
    JudgedImage,
    StoredModel,
    load_calibration,
    load_calibrations,
    load_network,
)

COMPONENTS = 16
"""How many principal components of the embeddings an evaluation keeps."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """A model's figures on a dataset, and what they were computed from."""

    metrics: Mapping[str, Any]
    record: EvaluationRecord
    components: Tensor | None
    """(N, 16) float32, where they were asked for."""
    photograph: Proportions
    """The shape of the dataset's images; all of each is judged, squeezed into a square."""
    unmarked: tuple[str, ...]
    """The classes that pixel figures leave out: no image of theirs has a mask."""

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
    the active calibration's, and beside it each image is scored by every other stored calibration.

    Pixel figures are those of the squared error's map, and beside them stand those of the SSIM map of the same
    reconstructions, whatever the score. `masks` is a file of annotations, or a folder of masks, in place of the
    dataset's own. `levels` is the value that is white in pictures of more than 8 bits a pixel, where it was given.

    Of a set of videos, `auc_roc` and `eer` are those of the frames' smoothed regularity, normalised per video (4.9.1),
    and the same with one global normalisation stands beside them; every figure that needs a threshold is of the
    frames' raw scores.

    The embeddings' first principal `components`, which only a record needs, cost a second pass of the encoder.

    Raises `DatasetError` for a folder that does not follow the layout, or that has nothing to report on, and
    `ImageError` for a file that cannot be read.
    """
    card = stored.card
    dataset = read_dataset(
        data,
        layout,
        levels=levels,
        assumed=card.preprocessing.levels,
        masks=masks,
        left_out=card.split.left_out,
    )
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
    judged = judge(
        network,
        test,
        pixels,
        scorings,
        mapped=known if marked.any() else (),
        on_progress=part_of(on_progress, 0.3, 0.8),
    )
    figures = {
        "model": card.id,
        "dataset": dataset.name,
        "layout": layout,
        "protocol": str(protocol),
        **image_figures(test, judged, record, marked, protocol, on_progress=part_of(on_progress, 0.8, 1.0)),
    }
    if dataset.clips:
        labels = np.array([sample.label for sample in test])
        figures |= video_metrics(test, judged.scores[0], labels)
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
    test: Sequence[Sample], scorings: Sequence[Scoring], judged: Judged, *, in_clips: bool
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


def _principal_components(network: Autoencoder, samples: Sequence[Sample], pixels: Tensor) -> Tensor:
    """The embeddings' first principal components, zero beyond as many as there are images."""
    from sklearn.decomposition import PCA

    embeddings = sample_embeddings(network, samples, pixels).double().numpy()
    count = min(COMPONENTS, *embeddings.shape)
    components = torch.zeros(len(pixels), COMPONENTS)
    projected = PCA(n_components=count, svd_solver="full").fit_transform(embeddings)
    components[:, :count] = torch.from_numpy(projected).float()
    return components
