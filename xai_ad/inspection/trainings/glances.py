"""Somebody's pictures, each decoded once and kept small."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count

from torch import Tensor

from xai_ad.data.decoding import decode_image
from xai_ad.data.images import Preprocessing, prepare
from xai_ad.data.layouts import Sample
from xai_ad.errors import ImageError
from xai_ad.progress import Progress

_SIDE = 128


@dataclass(frozen=True, kw_only=True, eq=False)
class Glance:
    """A picture decoded once: its size, whether it has colours, and itself small, (3, S, S) uint8."""

    size: tuple[int, int] | None
    coloured: bool = False
    small: Tensor | None = None
    problem: str = ""


def glance_at(samples: Sequence[Sample], progress: Progress) -> list[Glance]:
    """Decode every picture once, several at a time."""
    found: list[Glance] = []
    with ThreadPoolExecutor(cpu_count()) as readers:  # decoding leaves Python's lock alone
        for done, look in enumerate(readers.map(_look, samples), 1):
            found.append(look)
            try:
                progress(done / len(samples))
            except BaseException:
                readers.shutdown(cancel_futures=True)
                raise
    return found


def _look(sample: Sample) -> Glance:
    try:
        picture = decode_image(sample.path, levels=sample.levels)
    except ImageError as error:
        return Glance(size=None, problem=str(error).replace(str(sample.path), sample.path.name))
    except OSError as error:
        return Glance(size=None, problem=f"{sample.path.name} cannot be read ({error.strerror}).")
    small = prepare(picture, Preprocessing(size=_SIDE, channels=3))
    coloured = bool((small.amax(0).int() - small.amin(0).int()).max() > 0)
    return Glance(size=(picture.height, picture.width), coloured=coloured, small=small)
