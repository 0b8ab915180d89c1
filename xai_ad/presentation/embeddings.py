"""What is said of embeddings that are drawn as points."""

from xai_ad.data.specs import Subject
from xai_ad.presentation.limits import LIMIT_WORDS
from xai_ad.presentation.words import percent

ABOUT = {
    False: (
        "Each point is an image that set no limit, in the two directions in which the network's inner description differs "
        "most from image to image. Verdicts come from the reconstruction, not from here."
    ),
    True: (
        "Each point is an image that set no limit, in the two directions in which the network's inner description differs "
        "most from image to image, before and after fine-tuning (SVDD), each on its own scale. Verdicts come from the "
        "reconstruction, not from here."
    ),
}
"""By whether two models are shown."""


def plane_title(title: str, *, is_tuned: bool, alone: bool) -> str:
    """Return what a model's points are called, alone or as one of two."""
    return title if alone else f"{'After' if is_tuned else 'Before'} fine-tuning: {title}"


def about_plane(shown: float, apart: float | None, subject: Subject) -> str:
    """Say how much of the embeddings is seen, and how far both kinds lie apart in all that is kept."""
    words = LIMIT_WORDS[subject]
    told = f"These two directions hold {percent(shown)} of the spread in the 16 that are kept."
    if apart is None:
        return told
    return f"{told} In all 16, {words.abnormal} lie {apart:.2f} times as far from the middle of the {words.normal} as those do."
