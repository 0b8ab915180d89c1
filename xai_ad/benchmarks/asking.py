"""What a detector is asked about a sample: a picture, or one frame in the window in which its clip is scored."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from xai_ad.benchmarks.measuring import image_of
from xai_ad.data.images import Preprocessing, to_float
from xai_ad.data.layouts import Sample
from xai_ad.data.loading import load_pixels
from xai_ad.data.videos.frames import Frame
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.streams import frame_in_window
from xai_ad.errors import InvalidInputError
from xai_ad.explain.frames import FrameDetector
from xai_ad.types import Image


class Asked(NamedTuple):
    """A detector and what its score is explained of: (C, H, W), or, of a `FrameDetector`, a window, (T, C, H, W)."""

    classifier: AnomalyClassifier
    image: Image


def asked_about(
    classifier: AnomalyClassifier, sample: Sample, among: Sequence[Sample], preprocessing: Preprocessing
) -> Asked:
    """Return what is asked about a sample; `among` are the set's, those of its clip too.

    Raises `InvalidInputError` for a picture where the network sees clips.
    """
    if classifier.network.frames == 1:
        return Asked(classifier, image_of(sample, preprocessing))
    if sample.number is None:
        raise InvalidInputError(
            f"A network of clips needs frames of videos, and {sample.path} is a picture. Choose a layout of videos."
        )
    clip = [each for each in among if (each.subset, each.group) == (sample.subset, sample.group)]
    found = frame_in_window(classifier.network, _frames(clip, preprocessing), sample.number)
    if found is None:
        raise InvalidInputError(f"The clip {sample.group!r} has no frame {sample.number}.")
    return Asked(FrameDetector(classifier, found.place), to_float(found.pixels))


def _frames(clip: Sequence[Sample], preprocessing: Preprocessing) -> Iterator[Frame]:
    """Yield a clip's frames, each read when it is asked for."""
    for place, sample in enumerate(sorted(clip, key=lambda each: each.number or 0)):
        yield Frame(number=sample.number or 0, position=place, pixels=load_pixels([sample], preprocessing)[0])
