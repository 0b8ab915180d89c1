"""How a network is trained: the thesis's recipe (4.4.1) as a frozen dataclass."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, ClassVar

from xai_ad.detector.losses import ETA, WINDOW
from xai_ad.detector.scores import Score, Scoring
from xai_ad.errors import InvalidInputError
from xai_ad.fields import Checked, member, number, whole
from xai_ad.machine.execution import Precision
from xai_ad.networks import IMAGE_SIZE

_MANY = 2**32 - 1


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
        scores = {
            Loss.MSE: Score.SQUARED_ERROR,
            Loss.MAE: Score.ABSOLUTE_ERROR,
            Loss.COMPOUND: Score.COMPOUND,
        }
        return scores[self]


class Selection(StrEnum):
    """Which epoch's weights are kept."""

    VALIDATION_LOSS = "validation_loss"
    """The least loss on the validation images: normal images alone, the thesis's rule (4.4.1)."""
    CALIBRATION = "calibration"
    """The greatest mean over the anomalous classes of AUC-ROC on the calibration images, which no metric counts."""


@dataclass(frozen=True, kw_only=True)
class Recipe(Checked):
    """Adam with a plateau schedule and early stopping (4.4.1).

    The text contradicts itself on early stopping, which here counts only after half of `epochs`; the weights of the
    best validation loss are kept either way, or, by `selection`, those of the best detection on the calibration
    images: the longer a network trains, the better it reconstructs anomalies too. `eta` and `window` are those of the
    compound loss (Eq. 3.10). `fit_output` starts the output's batch norm at the training images' own moments (see
    `initialisation`). `max_minutes` ends training after the epoch in which it runs out. `noise` is the sigma of the
    Gaussian noise that about half of the pixels are shown with, 0 for none; what is answered is compared with the clean
    image.

    Networks of clips learn from windows of frames that are 1, 2, 4 and so on up to `largest_stride` frames apart
    (4.9.1), those of one stride beginning `step` frames apart; `batch_size` counts windows. They are validated with
    consecutive frames, as they are scored. With `quickest` of two or more, half of the windows are pseudo-anomalies:
    their frames lie 2 to `quickest` apart, and the answer should go on at the ordinary pace (see `material`).

    `precision` is float32 or bfloat16, which gives the same numbers on every machine that knows it; what a machine is
    fastest in the command line finds out.
    """

    called: ClassVar[str] = "a recipe"

    learning_rate: float = number(1e-3, above=0)
    plateau_factor: float = number(0.75, above=0, below=1)
    plateau_patience: int = whole(4, low=0, high=_MANY)
    patience: int = whole(8, low=1, high=_MANY)
    loss: Loss = member(Loss.MSE)
    eta: float = ETA
    window: int = WINDOW
    selection: Selection = member(Selection.VALIDATION_LOSS)
    fit_output: bool = True
    noise: float = number(0.0, low=0)
    largest_stride: int = whole(16, low=1, high=_MANY)
    step: int = whole(4, low=1, high=_MANY)
    quickest: int = whole(1, low=1, high=16)
    epochs: int = whole(300, low=1, high=_MANY)
    batch_size: int = whole(32, low=2, high=_MANY)
    max_minutes: float | None = None
    precision: Precision = Precision.FLOAT32
    seed: int = whole(0, low=0, high=_MANY)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.scoring  # noqa: B018  # checks eta and window
        self._require("window", self.window <= IMAGE_SIZE, f"at most the images' side, {IMAGE_SIZE}")
        self._require("largest_stride", self.largest_stride.bit_count() == 1, "a power of two")
        self._require(
            "largest_stride",
            self.quickest == 1 or self.largest_stride == 1,
            f"1 where 'quickest' is {self.quickest}: frames that lie apart are normal or they are not",
        )
        self._require(
            "precision", self.precision in {Precision.FLOAT32, Precision.BFLOAT16}, "float32 or bfloat16"
        )
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

    @property
    def paces(self) -> tuple[int, ...]:
        """The distances between the frames of pseudo-anomalies; none where there are none."""
        return tuple(range(2, self.quickest + 1))

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
