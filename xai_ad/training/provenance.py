"""A stored model's own images, found again: what works on a model after its training needs the very same split."""

from pathlib import Path

from xai_ad.data.layouts import Split, read_dataset, split_dataset
from xai_ad.errors import InvalidInputError
from xai_ad.store import ModelCard


def split_as_trained(card: ModelCard, data: Path, layout: str, *, levels: int | None = None) -> Split:
    """Split a dataset as it was for a model's training, without what was left out then.

    Raises `InvalidInputError` where it is another dataset. `levels` is the value that is white in pictures of more than 8 bits a pixel, where it is not to be the training's.
    """
    if layout != card.layout:
        raise InvalidInputError(
            f"The model {card.id!r} was trained on the layout {card.layout!r}, not {layout!r}. Give --data and --layout that."
        )
    dataset = read_dataset(
        data, layout, levels=levels, assumed=card.preprocessing.levels, left_out=card.split.left_out
    )
    if dataset.name != card.dataset:
        raise InvalidInputError(
            f"The model {card.id!r} was trained on {card.dataset!r}, not {dataset.name!r}. Give --data and --layout that."
        )
    split = split_dataset(dataset, card.split.protocol)
    (trained, validated), found = (
        (counts.get("train"), counts.get("validation")) for counts in (card.split.counts, split.counts)
    )
    if (trained, validated) != found:
        raise InvalidInputError(
            f"The model {card.id!r} was trained on {trained} images of {card.dataset!r} and validated on {validated}, "
            f"not on {found[0]} and {found[1]}. Give --data those."
        )
    return split
