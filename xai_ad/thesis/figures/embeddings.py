"""Figures 4.9 and 4.10: the embeddings of the reported images before and after SVDD fine-tuning (4.8.2)."""

from dataclasses import asdict, dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xai_ad.data.images import to_float
from xai_ad.data.layouts import ANOMALOUS, NORMAL
from xai_ad.data.loading import load_pixels
from xai_ad.detector.streams import BATCH_SIZE
from xai_ad.errors import DatasetError
from xai_ad.metrics.detection import auc_roc
from xai_ad.networks import Autoencoder
from xai_ad.presentation.figures.renderer import ANOMALOUS_COLOUR, NORMAL_COLOUR
from xai_ad.presentation.figures.shown import Chart, Panel, Series
from xai_ad.store import load_network
from xai_ad.thesis.base import Request, Source
from xai_ad.thesis.cells import require_reported
from xai_ad.thesis.figures.base import Drawing, figure
from xai_ad.thesis.figures.samples import first_cells, of_first_clips, sample_record
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
    batches = (network.embed(to_float(batch)) for batch in torch.split(pixels, BATCH_SIZE))
    return np.asarray(torch.cat([*batches]).flatten(1).double())


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
    split = require_reported(request, source)
    samples = of_first_clips(split.test)
    if len(samples) < FEWEST:
        raise DatasetError(
            f"{str(source.data)!r} has {len(samples)} images to report on; this figure compares at least {FEWEST}."
        )
    cells = first_cells(request, source, REGULARISATION)
    networks = [load_network(stored) for stored in cells]
    training, pixels = (load_pixels(part, cells[0].card.preprocessing) for part in (split.train, samples))
    centre = embed(networks[0], training).mean(axis=0)
    both = [embed(network, pixels) for network in networks]
    labels = np.array([sample.label for sample in samples])
    places, shares = project_together(*both)
    panels, table, apart = [], [], {}
    for variant, embeddings, projected in zip(REGULARISATION, both, places, strict=True):
        measured = separation(embeddings, labels, centre)
        title = f"{variant.short}: silhouette {measured.silhouette:.3f}, distance ratio {measured.ratio:.3f}"
        panels.append(Panel(title=title, series=_points(projected, labels)))
        apart[variant.name] = asdict(measured)
        table.append([variant.short, *(f"{value:.4f}" for value in asdict(measured).values())])
    images = [
        {**sample_record(sample), "before": before.tolist(), "after": after.tolist()}
        for sample, before, after in zip(samples, *places, strict=True)
    ]
    header = ["", "distance, normal", "distance, anomalous", "ratio", "AUC-ROC of the distance", "silhouette"]
    clips = dict.fromkeys(sample.group for sample in samples if sample.number is not None)
    return Drawing(
        shown=Chart(
            x_title=f"first principal component ({shares[0]:.0%} of the variance)",
            y_title=f"second ({shares[1]:.0%})",
            panels=(tuple(panels),),
        ),
        numbers={"variance_shares": shares.tolist(), "separation": apart, "images": images},
        table=Rows(header, table),
        notes=(f"The frames are those of the test clips {', '.join(map(str, clips))}.",) if clips else (),
    )


def _points(places: Vectors, labels: NDArray[np.int64]) -> tuple[Series, ...]:
    series = []
    for label, (words, colour, marker) in KINDS.items():
        x, y = (tuple(values) for values in places[labels == label].T.tolist())
        series.append(Series(name=words, x=x, y=y, colour=colour, marker=marker))
    return tuple(series)


EMBEDDINGS = tuple(figure(f"figure-{number}", draw_embeddings) for number in ("4.9", "4.10"))
