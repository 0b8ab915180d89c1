"""How like its training pictures a model finds what is inspected, and what is said of a stranger."""

from collections.abc import Iterable, Iterator

import torch
from torch import Tensor

from xai_ad.data.fitting import Cut, Size
from xai_ad.data.images import to_float
from xai_ad.data.videos.frames import Frame
from xai_ad.detector.familiarity import BATCH, Familiarity, Likeness
from xai_ad.store import ModelCard


def squeezed_size(size: Size, seen: Cut, card: ModelCard) -> Size | None:
    """Return the (height, width) of what is seen of an image of some size, to be compared with the training images'.

    None of an image that has the size of the network's input already: what shape it once had is not known.
    """
    side = card.preprocessing.size
    return None if size == (side, side) else (seen.height, seen.width)


def stranger_note(likeness: Likeness | None) -> str | None:
    """Return one line on a stranger, and None of anything else.

    >>> from xai_ad.detector.familiarity import Cause
    >>> stranger_note(Likeness(p_value=0.005, is_stranger=True, cause=Cause.LIGHT, distance=2.0))
    'Not like the training pictures (light): its verdict is no verdict.'
    """
    if likeness is None or not likeness.is_stranger:
        return None
    return f"Not like the training pictures ({likeness.cause}): its verdict is no verdict."


class FrameLikenesses:
    """Compares frames with the training images as they pass by, some at a time; no frame waits for it."""

    def __init__(self, familiarity: Familiarity | None) -> None:
        self._familiarity = familiarity
        self._pending: list[Tensor] = []
        self._found: list[Likeness] = []

    def over(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        """Yield frames as they come."""
        for frame in frames:
            if self._familiarity is not None:
                self._pending.append(frame.pixels)
            if len(self._pending) == BATCH:
                self._judge()
            yield frame

    def first(self, count: int) -> tuple[Likeness, ...]:
        """Return how like the training images the first frames that came are; nothing where the model cannot tell."""
        self._judge()
        return tuple(self._found[:count])

    def _judge(self) -> None:
        if self._familiarity is not None and self._pending:
            self._found += self._familiarity.judge_many(to_float(torch.stack(self._pending)))
            self._pending = []


def strangers_note(likenesses: Iterable[Likeness]) -> str | None:
    """Return one line on the strangers among a clip's frames, and None where there are none."""
    every = list(likenesses)
    strangers = [likeness for likeness in every if likeness.is_stranger]
    if not strangers:
        return None
    causes = [likeness.cause for likeness in strangers if likeness.cause is not None]
    commonest = max(dict.fromkeys(causes), key=causes.count)
    if len(strangers) == len(every) > 1:
        return (
            f"None of the {len(every)} frames looks like the training pictures (mostly {commonest}): no verdict on this clip "
            "is a verdict. Perhaps it shows another place, or is of another camera."
        )
    verb = "is" if len(strangers) == 1 else "are"
    return (
        f"Of {len(every)} frames {len(strangers)} {verb} not like the training pictures (mostly {commonest}): there "
        "a verdict is no verdict."
    )
