"""Masking as a game: segments are the players, and a coalition is worth what the image scores with only it present.

What LIME, KernelSHAP and the deletion curves share. Everything that scores copies of an image with some pixels taken
from another image goes through `PatchedScore`.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import InvalidInputError
from xai_ad.explain.base import BATCH_SIZE, raw_score
from xai_ad.explain.choices import Fill
from xai_ad.explain.fills import ChosenFill, choose_fill
from xai_ad.explain.frames import frame_of
from xai_ad.explain.results import Provenance, Rectangle
from xai_ad.explain.segments import SpaceTime
from xai_ad.machine.execution import Execution, Precision
from xai_ad.progress import Progress, silent
from xai_ad.types import Coalitions, Image, Segments

Write: TypeAlias = Callable[[Tensor, int, int], object]
"""Called with a batch, (B, T, H, W, C), and the ends of a range of copies, which it writes into the batch.

An image of no frames, (C, H, W), has batches of none, (B, H, W, C)."""


DEFAULT = Execution(precision=Precision.FLOAT32, batch_size=BATCH_SIZE)
"""How games are scored that say nothing of it."""


LEAST_SPAN = 0.05
"""How far apart the anchors must be, relative, to tell bfloat16's scale and not only its offset."""


def made(execution: Execution, fill: ChosenFill | None = None, *, segments: int | None = None) -> Provenance:
    """Return how copies of an image were made and scored, as an explanation reports it."""
    return Provenance(
        segments=segments,
        precision=execution.precision,
        batch_size=execution.batch_size,
        fill=fill.fill if fill else None,
        fill_score=fill.score if fill else None,
    )


class PatchedScore:
    """Raw scores of copies of an image in which some pixels come from another image.

    One batch is allocated, channels-last, and written anew for every batch scored, so that memory does not grow with
    their number. `evaluations` counts the images scored.
    """

    def __init__(
        self, classifier: AnomalyClassifier, image: Image, other: Image, *, execution: Execution = DEFAULT
    ) -> None:
        device = next(classifier.network.parameters()).device
        self._classifier = classifier
        # A pixel's channels lie side by side, as the network wants them: copies are written several times as fast.
        self.image, self.other = (
            part.detach().to(device).movedim(-3, -1).contiguous() for part in (image, other)
        )  # (T, H, W, C)
        self._precision = execution.precision
        self._batch = torch.empty((execution.batch_size, *self.image.shape), device=device)  # (B, T, H, W, C)
        self.evaluations = 0

    @torch.inference_mode()
    def score(self, count: int, write: Write, on_progress: Progress = silent) -> NDArray[np.float64]:
        """Score `count` copies, (count,); reports after each batch."""
        scores = np.empty(count)
        for start in range(0, count, len(self._batch)):
            stop = min(start + len(self._batch), count)
            batch = self._batch[: stop - start]
            write(batch, start, stop)
            images = batch.movedim(-1, -3)  # (B, T, C, H, W)
            scores[start:stop] = self._classifier.score_fast(images, self._precision).double().cpu().numpy()
            self.evaluations += stop - start
            on_progress(stop / count)
        return scores

    def of_changes(
        self, changes: Sequence[Sequence[Rectangle]], on_progress: Progress = silent
    ) -> NDArray[np.float64]:
        """Score the image with each of K sets of rectangles, one set at a time, replaced by the other image: (K,)."""

        def write(batch: Tensor, start: int, stop: int) -> None:
            batch.copy_(self.image)
            for copy, change in zip(batch, changes[start:stop], strict=True):
                for rectangle in change:
                    inside = rectangle.inside[-copy.ndim + 1 :]  # no frames where the image has none
                    copy[inside] = self.other[inside]

        return self.score(len(changes), write, on_progress)


class MaskedScore:
    """The masking game: maps coalitions, (K, M) bool, to raw scores, (K,) float64.

    Absent segments show `fill_image`, which has the image's shape. No coalition is scored twice.
    bfloat16 scores lie off float32's to one side, by much the same for all coalitions; `anchor` takes that out.
    """

    def __init__(
        self,
        classifier: AnomalyClassifier,
        image: Image,
        segments: Segments,
        fill_image: Image,
        *,
        execution: Execution = DEFAULT,
    ) -> None:
        shape = (*image.shape[:-3], *image.shape[-2:])
        if segments.shape != shape:
            raise InvalidInputError(
                f"The segments must have the image's shape {shape}. Got {segments.shape}."
            )
        self.segments = segments
        self.players = int(segments.max()) + 1
        self._patched = PatchedScore(classifier, image, fill_image, execution=execution)
        labels = segments.ravel()  # (T H W,)
        starts = np.flatnonzero(
            np.diff(labels, prepend=-1)
        )  # (R,), of the runs of one segment along the rows
        self._runs = labels[starts]  # (R,), whose they are
        self._lengths = np.diff(starts, append=len(labels)) * image.shape[-3]  # (R,), in values
        self._known: dict[bytes, float] = {}
        self._rounded = execution.precision is Precision.BFLOAT16
        self._slope, self._offset = 1.0, 0.0

    @property
    def evaluations(self) -> int:
        """How many images were scored so far."""
        return self._patched.evaluations

    def anchor(self, *, empty: float, full: float) -> None:
        """Take note of the empty and the full coalition's float32 scores.

        In bfloat16 both are scored once more, and every score is mapped by the line that takes these two to those.
        """
        anchors = np.array([[False], [True]]).repeat(self.players, axis=1)  # (2, M)
        if self._rounded:
            low, high = self(anchors).tolist()
            steep = abs(full - empty) > LEAST_SPAN * max(abs(low), abs(high), abs(high - low))
            self._slope = (full - empty) / (high - low) if steep and high != low else 1.0
            self._offset = (empty + full - self._slope * (low + high)) / 2
        self.remember(anchors[0], empty)
        self.remember(anchors[1], full)

    def remember(self, coalition: NDArray[np.bool_], score: float) -> None:
        """Take note of a coalition's score, (M,) bool, that is known from elsewhere."""
        self._known[coalition.tobytes()] = score

    def __call__(self, coalitions: Coalitions, on_progress: Progress = silent) -> NDArray[np.float64]:
        """Score the coalitions; reports after each batch and may be stopped there."""
        if coalitions.ndim != 2 or coalitions.shape[1] != self.players or coalitions.dtype != np.bool_:
            raise InvalidInputError(
                f"Coalitions must be bool of shape (K, {self.players}). Got {coalitions.dtype} {coalitions.shape}."
            )
        keys = [coalition.tobytes() for coalition in coalitions]
        unknown = {key: row for row, key in enumerate(keys) if key not in self._known}
        present = coalitions[list(unknown.values())].astype(np.float32)  # (U, M)

        def write(batch: Tensor, start: int, stop: int) -> None:
            # Whole runs are filled several times as fast as single values are looked up.
            kept = np.repeat(present[start:stop, self._runs], self._lengths, axis=1)  # (B, T H W C)
            weights = torch.from_numpy(kept).to(batch.device).reshape(batch.shape)
            # By weights of 0 and 1 it returns either image to the bit, thrice as fast as a choice does.
            torch.lerp(self._patched.other, self._patched.image, weights, out=batch)

        scores = self._patched.score(len(unknown), write, on_progress)
        scores = self._slope * scores + self._offset
        self._known.update(zip(unknown, scores.tolist(), strict=True))
        return np.array([self._known[key] for key in keys])


class MaskingGame:
    """A `MaskedScore` set up the one way that LIME and KernelSHAP share, its two anchors already scored, in float32.

    Segments of space, in a window crossed with `stretches` of time (see `SpaceTime`), the fill resolved, and the scores
    of the full and the empty coalition. `evaluations` counts everything scored, the fills that were tried and rejected too.
    """

    def __init__(
        self,
        classifier: AnomalyClassifier,
        image: Image,
        *,
        n_segments: int,
        fill: Fill,
        stretches: int = 1,
        execution: Execution = DEFAULT,
    ) -> None:
        self._execution = execution
        self.full = raw_score(classifier, image)
        cut = SpaceTime(n_segments=n_segments, stretches=stretches)
        self.segments = cut(image, frame_of(classifier))
        self.fill: ChosenFill = choose_fill(classifier, image, self.segments, fill)
        self.empty = self.fill.score
        self.score = MaskedScore(classifier, image, self.segments, self.fill.image, execution=execution)
        self.score.anchor(empty=self.empty, full=self.full)

    @property
    def players(self) -> int:
        """How many segments there are, M."""
        return int(self.segments.max()) + 1

    @property
    def provenance(self) -> Provenance:
        """How the game was set up: segments, fill and arithmetic."""
        return made(self._execution, self.fill, segments=self.players)

    @property
    def evaluations(self) -> int:
        """How many images were scored so far."""
        return 1 + self.fill.evaluations + self.score.evaluations
