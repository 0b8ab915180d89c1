"""The losses of a training while it goes on, on a logarithmic scale over as many epochs as it is to have."""

from typing import TypedDict

from xai_ad.ui.components.mounting import register, require_plain

SCRIPTS = ("losses/losses.js",)


class BestData(TypedDict):
    """The epoch whose weights are kept, and its validation loss."""

    epoch: int
    loss: float


class LossesData(TypedDict):
    """Losses at some `epochs`, of `planned` ones, in order; `words` say what is drawn to those who do not see it."""

    epochs: list[int]
    training: list[float]
    validation: list[float]
    planned: int
    best: BestData | None
    caption: str
    words: str


_losses = register("losses", SCRIPTS)


def losses(data: LossesData, *, key: str) -> None:
    """Mount the curve.

    Raises:
        InvalidInputError: `data` holds a value that JSON does not carry; the message names its place.
    """
    require_plain(data)
    _losses(key=key, data=data)
