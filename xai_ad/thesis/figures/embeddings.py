"""Figures 4.9 and 4.10: the embeddings of the reported images before and after SVDD fine-tuning (4.8.2)."""

from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xai_ad.data.images import to_float
from xai_ad.data.layouts import ANOMALOUS, NORMAL, read_dataset, split_dataset
from xai_ad.data.loading import load_pixels
from xai_ad.detector.streams import BATCH_SIZE
from xai_ad.errors import DatasetError
from xai_ad.metrics.detection import auc_roc
from xai_ad.networks import ConvolutionalAutoencoder
from xai_ad.store import load_image_network
from xai_ad.thesis.base import Request, Source
from xai_ad.thesis.cells import REGULARISATION
from xai_ad.thesis.figures.base import Drawing, ThesisFigure
from xai_ad.thesis.figures.chart import Chart, Panel, Series
from xai_ad.thesis.figures.colour import ANOMALOUS_COLOUR, NORMAL_COLOUR
from xai_ad.thesis.figures.shown import (
    first_cells,
    of_first_clips,
    reported_samples,
    sample_record,
    short_name,
)

FEWEST = 3
"""A silhouette compares at least so many images, of two kinds."""

Vectors = NDArray[np.float64]
KINDS = {NORMAL: ("normal", NORMAL_COLOUR), ANOMALOUS: ("anomalous", ANOMALOUS_COLOUR)}


@dataclass(frozen=True, kw_only=True)
class Separation:
    """How far normal and anomalous embeddings lie apart, measured in all dimensions.

    Distances are Euclidean, averaged, and from the mean training embedding before fine-tuning, which is SVDD's centre.
    """

    normal_distance: float
    anomalous_distance: float
    ratio: float
    distance_auc_roc: float
    """AUC-ROC of that distance taken as a score."""
    silhouette: float


@torch.inference_mode()
def embed(network: ConvolutionalAutoencoder, pixels: Tensor) -> Vectors:
    """Return the embeddings of 8-bit pictures, (N, C, H, W), as vectors, (N, D)."""
    batches = torch.split(pixels, BATCH_SIZE)
    embeddings: Vectors = (
        torch.cat([network.embed(to_float(batch)).flatten(1) for batch in batches]).double().numpy()
    )
    return embeddings


def project_together(before: Vectors, after: Vectors) -> tuple[list[Vectors], Vectors]:
    """Return both sets' first two principal components, (N, 2) each, and the variance's shares of the axes, (2,).

    One PCA is fitted to both sets together, so that their axes are the same.
    """
    from sklearn.decomposition import PCA

    components = PCA(n_components=2, svd_solver="full").fit(np.concatenate([before, after]))
    return [components.transform(part) for part in (before, after)], components.explained_variance_ratio_


def separation(embeddings: Vectors, labels: NDArray[np.int64], centre: Vectors) -> Separation:
    """Measure how far embeddings, (N, D), of normal and anomalous images lie apart; the centre is (D,)."""
    from sklearn.metrics import silhouette_score

    distances = np.linalg.norm(embeddings - centre, axis=1)  # (N,)
    normal, anomalous = (float(distances[labels == label].mean()) for label in (NORMAL, ANOMALOUS))
    return Separation(
        normal_distance=normal,
        anomalous_distance=anomalous,
        ratio=anomalous / normal,
        distance_auc_roc=auc_roc(distances, labels),
        silhouette=float(silhouette_score(embeddings, labels)),
    )


def draw_embeddings(request: Request, source: Source) -> Drawing:
    """Draw the reported images' embeddings on the axes of one PCA, before and after fine-tuning."""
    samples = of_first_clips(reported_samples(request, source))
    if len(samples) < FEWEST:
        raise DatasetError(
            f"{str(source.data)!r} has {len(samples)} images to report on; this figure compares at least {FEWEST}."
        )
    cells = first_cells(request, source, REGULARISATION)
    networks = [load_image_network(stored) for stored in cells]
    training = split_dataset(read_dataset(source.data, source.layout), request.protocol).train
    centre = embed(networks[0], load_pixels(training, cells[0].card.preprocessing)).mean(axis=0)
    pixels = load_pixels(samples, cells[0].card.preprocessing)
    before, after = (embed(network, pixels) for network in networks)
    labels = np.array([sample.label for sample in samples])
    places, shares = project_together(before, after)
    measured = [separation(embeddings, labels, centre) for embeddings in (before, after)]
    names = [short_name(variant) for variant in REGULARISATION]
    shown = Chart(
        x_title=f"first principal component ({shares[0]:.0%} of the variance)",
        y_title=f"second ({shares[1]:.0%})",
        panels=(tuple(_panel(*item, labels) for item in zip(names, places, measured, strict=True)),),
        note=(
            "One PCA of the embeddings before and after together, so that both panels have the same axes. Silhouette and "
            "distances are measured in all dimensions; distances from the mean training embedding before fine-tuning."
        ),
    )
    header = ["", "distance, normal", "distance, anomalous", "ratio", "AUC-ROC of the distance", "silhouette"]
    table = [
        [name, *(f"{value:.4f}" for value in asdict(each).values())]
        for name, each in zip(names, measured, strict=True)
    ]
    numbers = {
        "variance_shares": shares.tolist(),
        "separation": {
            variant.name: asdict(each) for variant, each in zip(REGULARISATION, measured, strict=True)
        },
        "images": [
            {**sample_record(sample), "before": places[0][row].tolist(), "after": places[1][row].tolist()}
            for row, sample in enumerate(samples)
        ],
    }
    clips = dict.fromkeys(sample.group for sample in samples if sample.number is not None)
    notes = (f"The frames are those of the test clips {', '.join(map(str, clips))}.",) if clips else ()
    return Drawing(shown=shown, numbers=numbers, table=(header, table), notes=notes)


def _panel(name: str, places: Vectors, measured: Separation, labels: NDArray[np.int64]) -> Panel:
    series = [
        Series(
            name=words,
            x=tuple(places[labels == label, 0].tolist()),
            y=tuple(places[labels == label, 1].tolist()),
            colour=colour,
            dots=True,
        )
        for label, (words, colour) in KINDS.items()
    ]
    title = f"{name}: silhouette {measured.silhouette:.3f}, distance ratio {measured.ratio:.3f}"
    return Panel(title=title, series=tuple(series))


def _figure(number: str, dataset: str) -> ThesisFigure:
    return ThesisFigure(
        id=f"figure-{number}",
        title=f"Figure {number}: embeddings before and after SVDD fine-tuning (thesis: {dataset})",
        section="4.8.2",
        intro=(
            "The reported images' embeddings on their first two principal components, and how far normal and anomalous "
            "ones lie apart. Of videos, the frames of the first three test clips, and of more where those are all of one "
            "kind."
        ),
        draw=draw_embeddings,
    )


EMBEDDINGS = _figure("4.9", "UCSD Ped 2")
EMBEDDINGS_TOO = _figure("4.10", "Avenue")
"""The same of another of the thesis's sets."""
