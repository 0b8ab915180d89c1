"""Figures 4.9 and 4.10: the embeddings of the reported images before and after SVDD fine-tuning (4.8.2)."""

from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xai_ad.data.images import to_float
from xai_ad.data.layouts import ANOMALOUS, NORMAL, split_dataset
from xai_ad.data.loading import load_pixels
from xai_ad.detector.streams import BATCH_SIZE
from xai_ad.errors import DatasetError
from xai_ad.metrics.detection import auc_roc
from xai_ad.networks import Autoencoder
from xai_ad.presentation.figures.renderer import ANOMALOUS_COLOUR, NORMAL_COLOUR
from xai_ad.presentation.figures.shown import Chart, Panel, Series
from xai_ad.store import load_network
from xai_ad.thesis.base import Request, Source
from xai_ad.thesis.figures.base import Drawing, figure
from xai_ad.thesis.figures.samples import first_cells, of_first_clips, reported_samples, sample_record
from xai_ad.thesis.report import Rows
from xai_ad.thesis.variants import REGULARISATION

FEWEST = 3
"""A silhouette compares at least so many images, of two kinds."""

Vectors = NDArray[np.float64]
KINDS = {NORMAL: ("normal", NORMAL_COLOUR, "o"), ANOMALOUS: ("anomalous", ANOMALOUS_COLOUR, "^")}


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
def embed(network: Autoencoder, pixels: Tensor) -> Vectors:
    """Return the embeddings of 8-bit images, (N, C, H, W), as vectors, (N, D)."""
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
    networks = [load_network(stored) for stored in cells]
    training = split_dataset(source.read(), request.protocol).train
    centre = embed(networks[0], load_pixels(training, cells[0].card.preprocessing)).mean(axis=0)
    pixels = load_pixels(samples, cells[0].card.preprocessing)
    before, after = (embed(network, pixels) for network in networks)
    labels = np.array([sample.label for sample in samples])
    places, shares = project_together(before, after)
    measured = [separation(embeddings, labels, centre) for embeddings in (before, after)]
    names = [variant.short for variant in REGULARISATION]
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
    apart = {variant.name: asdict(each) for variant, each in zip(REGULARISATION, measured, strict=True)}
    numbers = {
        "variance_shares": shares.tolist(),
        "separation": apart,
        "images": [
            {**sample_record(sample), "before": places[0][row].tolist(), "after": places[1][row].tolist()}
            for row, sample in enumerate(samples)
        ],
    }
    clips = dict.fromkeys(sample.group for sample in samples if sample.number is not None)
    notes = (f"The frames are those of the test clips {', '.join(map(str, clips))}.",) if clips else ()
    return Drawing(shown=shown, numbers=numbers, table=Rows(header, table), notes=notes)


def _panel(name: str, places: Vectors, measured: Separation, labels: NDArray[np.int64]) -> Panel:
    series = []
    for label, (words, colour, marker) in KINDS.items():
        x, y = (tuple(values) for values in places[labels == label].T.tolist())
        series.append(Series(name=words, x=x, y=y, colour=colour, marker=marker))
    title = f"{name}: silhouette {measured.silhouette:.3f}, distance ratio {measured.ratio:.3f}"
    return Panel(title=title, series=tuple(series))


EMBEDDINGS = tuple(figure(f"figure-{number}", draw_embeddings) for number in ("4.9", "4.10"))
