"""The thesis's figures, drawn from whatever data is at hand."""

from xai_ad.experiments.figures.ablation import ABLATION
from xai_ad.experiments.figures.activations import ACTIVATIONS
from xai_ad.experiments.figures.attention import ATTENTION_MAPS
from xai_ad.experiments.figures.embeddings import EMBEDDINGS, EMBEDDINGS_TOO
from xai_ad.experiments.figures.fine_tuning import FINE_TUNING
from xai_ad.experiments.figures.predictions import PREDICTIONS
from xai_ad.experiments.figures.reconstructions import RECONSTRUCTIONS
from xai_ad.experiments.figures.recurrent_bars import RECURRENT_BARS
from xai_ad.experiments.figures.recurrent_frames import RECURRENT_FRAMES
from xai_ad.experiments.figures.similarity import SIMILARITY

FIGURES = tuple(
    figure.as_experiment()
    for figure in (
        SIMILARITY,
        *RECONSTRUCTIONS,
        ACTIVATIONS,
        FINE_TUNING,
        ABLATION,
        EMBEDDINGS,
        EMBEDDINGS_TOO,
        ATTENTION_MAPS,
        *RECURRENT_FRAMES,
        PREDICTIONS,
        *RECURRENT_BARS,
    )
)

__all__ = ["FIGURES"]
