"""How forwards are run: in which arithmetic, and how many images at a time."""

from dataclasses import dataclass
from enum import StrEnum

from xai_ad.errors import InvalidInputError
from xai_ad.fields import require_whole

MAX_BATCH = 256


class Precision(StrEnum):
    """The arithmetic of a network's layers.

    Weights, scores, thresholds and verdicts are float32 in every one: `bfloat16` is for training and for the many
    forwards of masking games and searches.
    """

    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"
    AUTO = "auto"
    """Whichever the machine at hand is faster in."""


@dataclass(frozen=True, kw_only=True)
class Execution:
    """A precision, any but `auto`, and a batch size."""

    precision: Precision
    batch_size: int

    def __post_init__(self) -> None:
        if self.precision not in {Precision.FLOAT32, Precision.BFLOAT16}:
            raise InvalidInputError(
                f"Forwards run in float32 or bfloat16. Got {self.precision!r}; resolve it first."
            )
        require_whole("batch_size", self.batch_size, of="Execution", low=1, high=MAX_BATCH)
