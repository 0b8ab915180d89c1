"""What rivals share: the score of many changed copies, counted, and what stands for absent."""

from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from typing import ClassVar

from xai_ad.benchmarks.maps import Method
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.fast.measuring import fastest_execution
from xai_ad.explain.choices import Fill
from xai_ad.explain.fills import choose_fill
from xai_ad.explain.segments import grid_segments
from xai_ad.machine.execution import Execution
from xai_ad.types import Image

BUDGET = 512
"""Images that a rival may score where it has a budget: as many as KernelSHAP."""
CELLS = 64


@dataclass(frozen=True, kw_only=True)
class Rival(Method):
    """Another library's method as its users call it, on this package's scorer: maps are compared, and not networks.

    `normal` says whether this package's fill stands for absent in place of the library's own.
    """

    library: ClassVar[str]
    seeded: ClassVar[bool] = False
    normal: bool = False

    @property
    def identity(self) -> str:
        """The settings, the library's version, and the arithmetic."""
        return f"{self!r} {self.library} {self.version} {self.execution}"

    @property
    def version(self) -> str:
        """The library's version."""
        return version(self.library)

    @cached_property
    def execution(self) -> Execution:
        """How copies are scored: as this package's own methods score them."""
        return fastest_execution()


def normal_image(classifier: AnomalyClassifier, image: Image) -> Image:
    """Return what this package shows where something is absent, of the image's shape."""
    height, width = image.shape[-2:]
    return choose_fill(classifier, image, grid_segments(height, width, CELLS), Fill.AUTO).image
