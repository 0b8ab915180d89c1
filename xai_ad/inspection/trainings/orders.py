"""What a person orders to be trained, as data: a job's folder keeps it, and whoever works on the job reads it there."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from xai_ad.detector.scores import Score
from xai_ad.errors import InvalidInputError
from xai_ad.training.promises import Promise
from xai_ad.training.recipe import Loss
from xai_ad.training.recommended import MINUTES, RECOMMENDED

SVDD = "-svdd"
"""What the id of a fine-tuned model has behind its parent's."""
LONGEST = 24 * 60.0


@dataclass(frozen=True, kw_only=True)
class TrainingOrder:
    """A model to be trained: `name` is its id, `data` and `layout` say on what, `minutes` for how long at most.

    With `fine_tuning` a second model follows, `<name>-svdd`. Judged is by `score`; without one by what is recommended or the
    loss's own, whichever tells the defects apart better, where there are any. `limit` says how the limit is placed.
    Pictures whose SHA-256 is in `left_out`, and files by `one_of_copies`, take no part. Without `epochs` there are as many
    as are recommended for the pictures. Raises `InvalidInputError` for minutes that are none.
    """

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012  # pydantic's own protocol

    name: str
    data: Path
    layout: str
    network: str = RECOMMENDED
    options: dict[str, Any] = field(default_factory=dict)
    loss: Loss = Loss.MSE
    fine_tuning: bool = False
    minutes: float = MINUTES
    epochs: int | None = None
    score: Score | None = None
    limit: Promise = Promise.BALANCED
    left_out: tuple[str, ...] = ()
    levels: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.minutes <= LONGEST:
            raise InvalidInputError(
                f"A training takes up to {LONGEST:g} minutes, and more than none. Got {self.minutes!r}."
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The ids of the models that it makes, the last of which is the one that was wanted."""
        return (self.name, self.name + SVDD) if self.fine_tuning else (self.name,)


ORDER = TypeAdapter(TrainingOrder)
