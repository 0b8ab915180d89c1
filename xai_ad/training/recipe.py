"""How a network is trained: the thesis's recipe (4.4.1) as a frozen dataclass."""

import math
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from xai_ad.detector.losses import ETA, WINDOW
from xai_ad.detector.scores import Score, Scoring
from xai_ad.errors import InvalidInputError
from xai_ad.machine.execution import Precision
from xai_ad.networks import IMAGE_SIZE


class Device(StrEnum):
    """Where training runs."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class Loss(StrEnum):
    """What training minimises."""

    MSE = "mse"
    """The mean squared error (Eq. 3.3)."""
    MAE = "mae"
    """The mean absolute error; a model trained with it is scored with it."""
    COMPOUND = "compound"
    """Squared error and structural similarity (Eq. 3.10); a model trained with it is scored with it."""

    @property
    def score(self) -> Score:
        """The score of models trained with the loss."""
        return {
            Loss.MSE: Score.SQUARED_ERROR,
            Loss.MAE: Score.ABSOLUTE_ERROR,
            Loss.COMPOUND: Score.COMPOUND,
        }[self]


class Selection(StrEnum):
    """Which epoch's weights are kept."""

    VALIDATION_LOSS = "validation_loss"
    """The least loss on the validation images: normal images alone, the thesis's rule (4.4.1)."""
    CALIBRATION = "calibration"
    """The greatest mean over the anomalous classes of AUC-ROC on the calibration images, which no metric counts."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Adam with a plateau schedule and early stopping (4.4.1).

    The text contradicts itself on early stopping, which here counts only after half of `epochs`; the weights of the
    best validation loss are kept either way, or, by `selection`, those of the best detection on the calibration
    images: the longer a network trains, the better it rebuilds anomalies too. `eta` and `window` are those of the
    compound loss (Eq. 3.10). `fit_output` starts the output's batch norm at the training images' own moments (see
    `initialisation`). `max_minutes` ends training after the epoch in which it runs out. `noise` is the sigma of the
    Gaussian noise that about half of the pixels are shown with, 0 for none; what is answered is compared with the clean
    image.

    Networks of clips learn from windows of frames that are 1, 2, 4 and so on up to `largest_stride` frames apart
    (4.9.1), those of one stride beginning `step` frames apart; `batch_size` counts windows. They are validated with
    consecutive frames, as they are scored.
    """

    learning_rate: float = 1e-3
    plateau_factor: float = 0.75
    plateau_patience: int = 4
    patience: int = 8
    loss: Loss = Loss.MSE
    eta: float = ETA
    window: int = WINDOW
    selection: Selection = Selection.VALIDATION_LOSS
    fit_output: bool = True
    noise: float = 0.0
    largest_stride: int = 16
    step: int = 4
    epochs: int = 300
    batch_size: int = 32
    max_minutes: float | None = None
    precision: Precision = Precision.AUTO
    seed: int = 0

    def __post_init__(self) -> None:
        for name, low in (
            ("plateau_patience", 0),
            ("patience", 1),
            ("epochs", 1),
            ("batch_size", 2),
            ("seed", 0),
            ("largest_stride", 1),
            ("step", 1),
        ):
            value = getattr(self, name)
            self._require(name, isinstance(value, int) and low <= value < 2**32, f"an int in [{low}, 2^32)")
        self.scoring  # noqa: B018  # checks eta and window
        self._require("window", self.window <= IMAGE_SIZE, f"at most the images' side, {IMAGE_SIZE}")
        self._require("largest_stride", self.largest_stride.bit_count() == 1, "a power of two")
        self._require("noise", 0 <= self.noise < math.inf, "a number in [0, inf)")
        self._require("learning_rate", 0 < self.learning_rate < math.inf, "a positive number")
        self._require("plateau_factor", 0 < self.plateau_factor < 1, "between 0 and 1")
        self._require(
            "max_minutes", self.max_minutes is None or self.max_minutes > 0, "a positive number of minutes"
        )

    @property
    def scoring(self) -> Scoring:
        """What a model trained so is scored by, and what its validation loss measures."""
        return Scoring(score=self.loss.score, eta=self.eta, window=self.window)

    @property
    def strides(self) -> tuple[int, ...]:
        """The distances between the frames of a training window."""
        return tuple(2**power for power in range(self.largest_stride.bit_length()))

    def plain(self) -> dict[str, str | int | float | bool | None]:
        """Return the fields as plain values, as cards and checkpoints record them."""
        return {
            name: str(value) if isinstance(value, StrEnum) else value for name, value in asdict(self).items()
        }

    def _require(self, name: str, valid: Any, wanted: str) -> None:
        if not valid:
            raise InvalidInputError(
                f"The {name!r} of a recipe must be {wanted}. Got {getattr(self, name)!r}."
            )
