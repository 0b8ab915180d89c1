"""The thesis's figures, drawn from whatever data is at hand."""

from xai_ad.thesis.figures.ablation import ABLATION
from xai_ad.thesis.figures.activations import ACTIVATIONS
from xai_ad.thesis.figures.attention import ATTENTION_MAPS
from xai_ad.thesis.figures.embeddings import EMBEDDINGS, EMBEDDINGS_TOO
from xai_ad.thesis.figures.fine_tuning import FINE_TUNING
from xai_ad.thesis.figures.predictions import PREDICTIONS
from xai_ad.thesis.figures.reconstructions import RECONSTRUCTIONS
from xai_ad.thesis.figures.recurrent_bars import RECURRENT_BARS
from xai_ad.thesis.figures.recurrent_frames import RECURRENT_FRAMES
from xai_ad.thesis.figures.similarity import SIMILARITY

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
