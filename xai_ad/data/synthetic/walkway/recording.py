"""The set on disk, laid out as UCSD's: clips as H.264, masks of their anomalous frames, labels of all test frames."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xai_ad.data.sets.clips import MASKS
from xai_ad.data.synthetic.saving import save_mask
from xai_ad.data.synthetic.walkway.place import FRAMES_A_SECOND, HEIGHT, WIDTH
from xai_ad.data.synthetic.walkway.plots import TEST, TRAINING, stage
from xai_ad.data.synthetic.walkway.rendering import Scene, film
from xai_ad.data.videos.base import FIRST
from xai_ad.data.videos.labels import FRAME_LABELS
from xai_ad.progress import Progress

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.stream import VideoStream

KEY_EVERY = 25
"""Frames from one that stands by itself to the next: to seek is to decode at most so many."""
QUALITY = 21
"""x264's constant rate factor: the sensor's noise mostly survives."""
LEAST_TESTS = 6
"""With fewer, some kind of anomaly or the normal clip would be missing."""


def test_clips(count: int) -> int:
    """Return how many test clips go with so many training clips: three for five, but at least one of each kind."""
    return max(count * 3 // 5, LEAST_TESTS)


@dataclass(frozen=True, kw_only=True)
class WalkwayGenerator:
    """The set `walkway`."""

    name: str = "walkway"
    count: int = 15
    shortest: int = 120
    longest: int = 180
    """Frames of a training clip, at least and at most; a test clip has the most."""

    def scene(self, seed: int, split: str, index: int) -> Scene:
        """Return what happens in a clip of a split, `train` or `test`: the same however many others are asked for."""
        stream = ("train", "test").index(split)
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(stream, index)))
        plots, frames = TEST, self.longest
        if split == "train":
            plots, frames = TRAINING, int(rng.integers(self.shortest, self.longest + 1))
        return stage(plots[index % len(plots)], rng, frames)

    def write(self, directory: Path, seed: int, count: int, on_progress: Progress) -> None:
        """Write `count` training clips, and test clips in proportion, into a folder."""
        clips = [("train", index) for index in range(count)]
        clips += [("test", index) for index in range(test_clips(count))]
        scenes = [self.scene(seed, split, index) for split, index in clips]
        total, done = sum(scene.frames for scene in scenes), 0
        labels = ["clip,frame,label"]
        for (split, index), scene in zip(clips, scenes, strict=True):
            name = f"{split.capitalize()}{index + 1:03d}"
            folder = directory / split.capitalize()
            folder.mkdir(exist_ok=True)
            with recorder(folder / f"{name}.mp4") as record:
                for number, (frame, mask) in enumerate(film(scene), FIRST):
                    record(frame)
                    if mask.any():
                        save_mask(mask, folder / f"{name}{MASKS}" / f"{number:03d}.png")
                    if split == "test":
                        labels.append(f"{name},{number},{int(mask.any())}")
                    done += 1
                    on_progress(done / total)
        (directory / FRAME_LABELS).write_text("\n".join(labels) + "\n")


@contextmanager
def recorder(path: Path) -> Iterator["Recorder"]:
    """Open a new video file; it is whole once the context is left."""
    import av

    options = {"crf": str(QUALITY), "preset": "slow", "x264-params": f"keyint={KEY_EVERY}:scenecut=0"}
    with av.open(str(path), "w", options={"movflags": "+faststart", "fflags": "+bitexact"}) as container:
        stream = container.add_stream("libx264", rate=FRAMES_A_SECOND, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.thread_count = 1  # more threads may code the same frames into other bytes
        record = Recorder(container, stream)
        yield record
        container.mux(stream.encode(None))


class Recorder:
    """Writes frames `(HEIGHT, WIDTH, 3)` into a video file, one after another."""

    def __init__(self, container: "OutputContainer", stream: "VideoStream") -> None:
        self._container, self._stream = container, stream

    def __call__(self, frame: NDArray[np.uint8]) -> None:
        """Write the next one."""
        import av

        self._container.mux(self._stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
