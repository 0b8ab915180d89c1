"""Which other dataset's models know a picture that is a stranger to one."""

from collections.abc import Sequence

from xai_ad.data.reading import read_image
from xai_ad.errors import XaiAdError
from xai_ad.inspection.image_files import ImageFile, decoded
from xai_ad.inspection.results import BoundedCache
from xai_ad.store import Fingerprint, StoredModel, fingerprint, load_familiarity

LIKE = 0.02
"""From which share of training pictures on that are as unlike the others a picture counts as one of theirs."""
_FOUND: BoundedCache[tuple[Fingerprint, tuple[Fingerprint, ...], str], str] = BoundedCache(64)


def find_other_model(
    image_file: ImageFile, stranger_to: StoredModel, models: Sequence[StoredModel]
) -> StoredModel | None:
    """Return the model of another dataset to whose training pictures the image is most like, or None.

    Of each dataset the first of `models` is asked that can tell. No verdict is made. An image that a model cannot take,
    and a damaged model, count as not alike.
    """
    others = _one_of_each(stranger_to.card.dataset, models)
    key = fingerprint(stranger_to), tuple(fingerprint(other) for other in others), image_file.sha256
    found = _FOUND.get_or(key, lambda: _most_like(image_file, others))
    return next((other for other in others if other.card.id == found), None)


def _one_of_each(dataset: str, models: Sequence[StoredModel]) -> list[StoredModel]:
    first: dict[str, StoredModel] = {}
    for stored in models:
        first.setdefault(stored.card.dataset, stored)
    return [stored for name, stored in first.items() if name != dataset]


def _most_like(image_file: ImageFile, others: Sequence[StoredModel]) -> str:
    """Return the id of the model that knows an image best, or nothing where none knows it."""
    values = {other.card.id: _p_value(image_file, other) for other in others}
    best = max(values, key=lambda name: values[name], default=None)
    return best if best is not None and values[best] >= LIKE else ""


def _p_value(image_file: ImageFile, stored: StoredModel) -> float:
    """Return the p-value of an image being one of a model's kind; 0 where that cannot be told, or it is a stranger."""
    try:
        familiarity = load_familiarity(stored)
        if familiarity is None:
            return 0.0
        image = read_image(decoded(image_file), stored.card)
        likeness = familiarity.judge(image)
    except XaiAdError:
        return 0.0
    return 0.0 if likeness.is_stranger else likeness.p_value
