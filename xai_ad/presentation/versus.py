"""Whether one of two models is better, in words."""

from xai_ad.metrics.comparison import Advantage

NOT_SAME = "They were not measured on the same images: their figures say nothing about which one is better."


def advantage_words(found: Advantage | None, images: int) -> str:
    """Say which of two models tells both kinds apart better, and whether that may be chance.

    >>> advantage_words(Advantage(difference=0.04, standard_error=0.01), 54)
    'On the same 54 images, which set neither limit, the first one has the larger AUC-ROC, by 0.040 (standard error 0.010).'
    """
    if found is None:
        return NOT_SAME
    told = f"On the same {images:,} images, which set neither limit, "
    error = f"standard error {found.standard_error:.3f}"
    if found.is_tie:
        return f"{told}they differ by no more than chance would make them: {abs(found.difference):.3f} ({error})."
    better = "first" if found.difference > 0 else "second"
    return f"{told}the {better} one has the larger AUC-ROC, by {abs(found.difference):.3f} ({error})."
