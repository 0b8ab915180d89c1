"""The two kinds of explanation there are, as data: nothing in them can be changed, and they are JSON both ways.

Those that hold arrays are equal to themselves alone; compare what of them is meant.
"""

import base64
import functools
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated, Any, TypeAlias, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import PlainSerializer, PlainValidator, TypeAdapter, ValidationError

from xai_ad.errors import InvalidInputError
from xai_ad.explain.choices import Direction, Estimator, Extent, Fill, Search
from xai_ad.machine.execution import Precision
from xai_ad.types import Image, Mask, Relevance, Segments

Scalar = TypeVar("Scalar", bound=np.generic)

Diagnostic: TypeAlias = float | int | str | bool

NEGLIGIBLE = 0.01
"""The share of all values' sizes together under which a value's sign does not matter."""


def _encoded(array: NDArray[Any] | None) -> dict[str, Any] | None:
    if array is None:
        return None
    data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
    return {"dtype": array.dtype.str, "shape": array.shape, "data": data}


def _decoded(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return np.frombuffer(base64.b64decode(value["data"]), value["dtype"]).reshape(value["shape"])


_CODEC = (PlainValidator(_decoded), PlainSerializer(_encoded))
_Values: TypeAlias = Annotated[NDArray[np.float64], *_CODEC]
_Bounds: TypeAlias = Annotated[NDArray[np.float64] | None, *_CODEC]


class _Frozen:
    """Holds copies of its arrays that cannot be written to: explanations are cached and shared."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray) and (value.flags.writeable or value.base is not None):
                copied = value.copy()
                copied.setflags(write=False)
                object.__setattr__(self, name, copied)


@dataclass(frozen=True, kw_only=True)
class Rectangle:
    """A rectangle of pixels of the network's input, in `frames` frames from the `first` on."""

    top: int
    left: int
    height: int
    width: int
    first: int = 0
    frames: int = 1

    @property
    def area(self) -> int:
        """Its area in pixels, of all its frames together."""
        return self.frames * self.height * self.width

    @property
    def inside(self) -> tuple[slice, slice, slice]:
        """The slices of frames, rows and columns that it covers."""
        return (
            slice(self.first, self.first + self.frames),
            slice(self.top, self.top + self.height),
            slice(self.left, self.left + self.width),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class SegmentValues(_Frozen):
    """What a method says of each of M segments, before it is spread over their pixels.

    A method that knows how sure it is adds the standard errors and a 90 % interval around each value, raw like them.
    """

    segments: Annotated[Segments, *_CODEC]  # (T, H, W)
    values: _Values  # (M,)
    standard_errors: _Bounds = None  # (M,)
    low: _Bounds = None  # (M,)
    high: _Bounds = None  # (M,)

    @property
    def unsure(self) -> NDArray[np.bool_] | None:
        """Which segments' signs are not known, (M,): their interval holds 0, and reaches beyond what is negligible.

        A segment whose whole interval is negligible is known to have no part in the score, whatever its sign.
        """
        if self.low is None or self.high is None:
            return None
        reach = np.maximum(-self.low, self.high)
        counts = reach > NEGLIGIBLE * np.abs(self.values).sum()
        unsure: NDArray[np.bool_] = (self.low <= 0) & (self.high >= 0) & counts
        return unsure

    @property
    def unsure_pixels(self) -> Mask | None:
        """The pixels of those segments, (T, H, W)."""
        unsure = self.unsure
        return None if unsure is None else unsure[self.segments]


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """How an explanation was made; None where a method has no such thing.

    `fill` is the resolved one and `fill_score` the raw score of the image with everything absent. `segments` is how
    many there were, `precision` and `batch_size` how copies of the image were scored.
    """

    segments: int | None = None
    precision: Precision | None = None
    batch_size: int | None = None
    fill: Fill | None = None
    fill_score: float | None = None


@dataclass(frozen=True, kw_only=True)
class SurrogateFit:
    """How far to trust a surrogate: the share of the game that it explains, and how alike another seed's would be."""

    surrogate_r2: float
    stability: float


@dataclass(frozen=True, kw_only=True)
class ShapleyEstimate:
    """How Shapley values were come by: exactly or by which estimator, and how many segments' signs are not known."""

    exact: bool
    estimator: Estimator
    unsure_segments: int | None = None


@dataclass(frozen=True, kw_only=True)
class Propagation:
    """Where relevance went that reached no pixel, raw, and how many times the score all shares' sizes come to."""

    bias_share: float
    epsilon_share: float
    cancellation: float | None = None


@dataclass(frozen=True, kw_only=True)
class WindowCount:
    """How many windows of the image were made normal, and how many pixels each has."""

    windows: int
    window_pixels: int


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Which methods a consensus is of, the mean rank correlation of their maps, and what of the strongest they share.

    `shared` is the mean, over pairs of methods, of how much of the smaller one's strongest evidence the other's holds, 0
    to 1; None where fewer than two have any, and in what older versions wrote.
    """

    members: tuple[str, ...]
    agreement: float
    shared: float | None = None


@dataclass(frozen=True, kw_only=True)
class SearchClaims:
    """What a search rules out, and how far its rounded scores were seen to lie from float32's, relative.

    `others_flip` says of stretches of time whether one without the judged frame flips its verdict.
    """

    nothing_smaller_flips: bool
    no_single_flips: bool
    largest_deviation: float | None = None
    others_flip: bool | None = None


Findings: TypeAlias = SurrogateFit | ShapleyEstimate | Propagation | WindowCount | Agreement | SearchClaims


@dataclass(frozen=True, kw_only=True, eq=False)
class Attribution(_Frozen):
    """Each pixel's share of the raw score.

    `baseline` is the score that the shares start from, so that score = baseline + relevance.sum() + residual; how
    near `residual` comes to zero is the method's completeness. `warning` and `note` are sentences for a person.
    """

    method: str
    relevance: Annotated[Relevance, *_CODEC]  # (T, H, W)
    score: float
    baseline: float
    evaluations: int
    by_segment: SegmentValues | None = None
    findings: Findings | None = None
    provenance: Provenance = Provenance()
    note: str | None = None
    warning: str | None = None

    @property
    def residual(self) -> float:
        """The part of the score that the relevance does not account for, raw."""
        return self.score - self.baseline - math.fsum(self.relevance.ravel().tolist())


@dataclass(frozen=True, kw_only=True, eq=False)
class Counterfactual(_Frozen):
    """Rectangles of the image whose replacement changes the verdict (3.8.4).

    `score` is the raw score of the image as it was given. `score_before` and `score_after` are those of the image
    that the rectangles were put into, before and after: the given one in a repair, a normal one in a transplant.
    `pixels` are the changed image's, (C, H, W) or a window's, (T, C, H, W); `area` the rectangles' share of it,
    0 to 1. Of the `extent` time the one rectangle is whole frames. Where nothing was found, `flipped` is false and the
    rectangles are those that came nearest.
    """

    method: str
    direction: Direction
    search: Search
    rectangles: tuple[Rectangle, ...]
    pixels: Annotated[NDArray[np.float32], *_CODEC]
    score: float
    score_before: float
    score_after: float
    flipped: bool
    area: float
    evaluations: int
    extent: Extent = Extent.SPACE
    findings: Findings | None = None
    provenance: Provenance = Provenance()
    note: str | None = None
    warning: str | None = None

    @property
    def image(self) -> Image:
        """The changed image, (C, H, W), or the changed window, (T, C, H, W); a copy."""
        return torch.from_numpy(self.pixels.copy())


Explanation: TypeAlias = Attribution | Counterfactual


def diagnostics(explanation: Explanation) -> dict[str, Diagnostic]:
    """Return an explanation's findings, provenance and sentences by name, as its JSON record has them."""
    found = {} if explanation.findings is None else asdict(explanation.findings)
    found |= asdict(explanation.provenance)
    found |= {"note": explanation.note, "warning": explanation.warning}
    return {name: _plain(value) for name, value in found.items() if value is not None}


def map_of(explanation: Explanation, frame: int = 0) -> Relevance:
    """Return what an explanation says of each pixel of a frame, (H, W): a counterfactual's rectangles are 1 inside.

    >>> shares = np.arange(4, dtype=np.float32).reshape(1, 2, 2)
    >>> found = Attribution(method="residual", relevance=shares, score=6.0, baseline=0.0, evaluations=1)
    >>> map_of(found).tolist()
    [[0.0, 1.0], [2.0, 3.0]]
    """
    found: Relevance = evidence_map(explanation)[frame]
    return found


def evidence_map(explanation: Explanation) -> Relevance:
    """Return the same of all frames, (T, H, W)."""
    if isinstance(explanation, Attribution):
        every: Relevance = explanation.relevance.reshape(-1, *explanation.relevance.shape[-2:])
        return every
    shape = explanation.pixels.shape  # (C, H, W) or (T, C, H, W)
    covered: Relevance = np.zeros((shape[0] if len(shape) == 4 else 1, *shape[-2:]), dtype=np.float32)
    for rectangle in explanation.rectangles:
        covered[rectangle.inside] = 1.0
    return covered


def in_frame(array: NDArray[Scalar], frame: int) -> NDArray[Scalar]:
    """Return what lies in one frame of an array of a window's shape, (T, H, W); (H, W) is its only frame."""
    return array[frame] if array.ndim == 3 else array


def changed_frame(found: Counterfactual, frame: int) -> Image:
    """Return a frame of a changed image or window, (C, H, W)."""
    return found.image[frame] if found.pixels.ndim == 4 else found.image


def rectangles_in(found: Counterfactual, frame: int) -> tuple[Rectangle, ...]:
    """Return the rectangles that lie in one frame."""
    return tuple(each for each in found.rectangles if each.first <= frame < each.first + each.frames)


def squeezed(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """Return an array of a window's shape, (T, H, W), as files and pages have it: (H, W) where T = 1."""
    return array[0] if array.ndim == 3 and len(array) == 1 else array


def to_json(explanation: Explanation) -> str:
    """Return a whole explanation, its arrays included, as JSON."""
    return _adapter().dump_json(explanation).decode()


def from_json(text: str | bytes) -> Explanation:
    """Return the explanation of a JSON text, to the bit; raises `InvalidInputError` for a text that is none."""
    try:
        return _adapter().validate_json(text)
    except (ValidationError, KeyError, TypeError) as error:
        raise InvalidInputError(f"This is no explanation's JSON. Got {text[:80]!r}.") from error


def _plain(value: Any) -> Diagnostic:
    if isinstance(value, tuple):
        return ", ".join(value)
    plain: Diagnostic = str(value) if isinstance(value, str) else value
    return plain


@functools.cache
def _adapter() -> TypeAdapter[Explanation]:
    return TypeAdapter(Explanation)
