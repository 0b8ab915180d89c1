"""The thesis's figures, drawn from whatever data is at hand."""

from xai_ad.thesis.figures.ablation import ABLATION
from xai_ad.thesis.figures.embeddings import EMBEDDINGS
from xai_ad.thesis.figures.explanations import EXPLANATIONS
from xai_ad.thesis.figures.first_layers import ACTIVATIONS, ATTENTION_MAPS
from xai_ad.thesis.figures.reconstructions import FINE_TUNING, RECONSTRUCTIONS
from xai_ad.thesis.figures.recurrent_bars import RECURRENT_BARS
from xai_ad.thesis.figures.recurrent_frames import RECURRENT_FRAMES
from xai_ad.thesis.figures.similarity import SIMILARITY

FIGURES = (
    SIMILARITY,
    *RECONSTRUCTIONS,
    ACTIVATIONS,
    FINE_TUNING,
    ABLATION,
    *EMBEDDINGS,
    ATTENTION_MAPS,
    *RECURRENT_FRAMES,
    *RECURRENT_BARS,
    EXPLANATIONS,
)

__all__ = ["FIGURES"]
