"""A clip's frames as they are taken away: picture, verdict, score, residual where abnormal, and the curve with a cursor."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw

from xai_ad.detector.calibration import Calibration, State
from xai_ad.detector.placement import Placement
from xai_ad.presentation import render
from xai_ad.presentation.canvas import Canvas
from xai_ad.presentation.captions import font_of
from xai_ad.presentation.clips import AbnormalStretch, extremes
from xai_ad.presentation.scales import ShownMap, density_scale
from xai_ad.presentation.words import Wording, figure, verdict_word
from xai_ad.types import Relevance

LEAST_WIDTH, MOST_WIDTH = 480, 1280
"""Pixels that a frame is wide: small ones are enlarged, so that words fit, and large ones reduced."""
BAND, PLOT = 46, 96
"""Pixels of the verdict's band over the picture, and of the curve under it."""
_MARGIN = 10
_INK, _PAPER, _FAINT, _ABNORMAL, _LINE = "#10161d", "#ffffff", "#8a929c", "#f3c9c6", "#0b5a9c"
_BANDS = {
    State.NORMAL: "#17733a",
    State.ANOMALOUS: "#c3261d",
    State.BORDERLINE: "#8a5d00",
    State.STRANGER: "#6a3cae",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class AnnotatedFrame:
    """One frame: its number and picture, where the network's grid lies on it, and what was said of it.

    `errors` (H, W) are drawn over the picture; None where they are not.
    """

    number: int
    picture: Pillow.Image
    placement: Placement
    state: State
    score: float
    errors: Relevance | None


class ClipDrawing:
    """Draws the frames of one clip, all alike: `size` is the (width, height) of each, both even, as video codecs want."""

    def __init__(
        self,
        picture_size: tuple[int, int],
        calibration: Calibration,
        wording: Wording,
        *,
        numbers: NDArray[np.int64],
        scores: NDArray[np.float64],
        stretches: list[AbnormalStretch],
    ) -> None:
        width, height = picture_size
        share = min(MOST_WIDTH, max(LEAST_WIDTH, width)) / width
        self._picture_size = _even(width * share), _even(height * share)
        self.size = self._picture_size[0], self._picture_size[1] + BAND + PLOT
        self._calibration, self._wording = calibration, wording
        self._first, self._last = int(numbers[0]), int(numbers[-1])
        self._curve = self._drawn_curve(numbers, scores / calibration.threshold, stretches)

    def drawn(self, frame: AnnotatedFrame) -> Pillow.Image:
        """Return a frame with all that belongs to it."""
        sheet = Pillow.new("RGB", self.size, _PAPER)
        sheet.paste(self._band(frame), (0, 0))
        sheet.paste(self._picture(frame), (0, BAND))
        sheet.paste(self._curve, (0, self.size[1] - PLOT))
        at = self._x(frame.number)
        ImageDraw.Draw(sheet).line([(at, self.size[1] - PLOT), (at, self.size[1])], fill=_INK, width=3)
        return sheet

    def _picture(self, frame: AnnotatedFrame) -> Pillow.Image:
        if frame.errors is None:
            return frame.picture.convert("RGB").resize(self._picture_size, Pillow.Resampling.BICUBIC)
        canvas = Canvas.of(frame.picture, frame.placement)
        values = self._calibration.density(frame.errors)
        shown = ShownMap(values=values, scale=density_scale(self._calibration), signed=False)
        canvas.lay(render.coloured(shown, opacity=render.OPACITY))
        return canvas.picture.resize(self._picture_size, Pillow.Resampling.BICUBIC)

    def _band(self, frame: AnnotatedFrame) -> Pillow.Image:
        band = Pillow.new("RGB", (self.size[0], BAND), _BANDS[frame.state])
        canvas = ImageDraw.Draw(band)
        canvas.text(
            (_MARGIN, BAND // 2),
            verdict_word(frame.state, self._wording),
            fill=_PAPER,
            font=font_of(25),
            anchor="lm",
        )
        words = f"frame {frame.number}: {figure(frame.score / self._calibration.threshold)}x the limit"
        canvas.text((self.size[0] - _MARGIN, BAND // 2), words, fill=_PAPER, font=font_of(16), anchor="rm")
        return band

    def _drawn_curve(
        self, numbers: NDArray[np.int64], times: NDArray[np.float64], stretches: list[AbnormalStretch]
    ) -> Pillow.Image:
        plot = Pillow.new("RGB", (self.size[0], PLOT), _PAPER)
        canvas = ImageDraw.Draw(plot)
        high = max(1.25, float(times.max()) * 1.05)

        def y(value: float) -> float:
            return PLOT - 6 - (PLOT - 14) * max(0.0, value) / high

        for stretch in stretches:
            canvas.rectangle(
                [self._x(stretch.first), 0, max(self._x(stretch.last), self._x(stretch.first) + 1), PLOT],
                fill=_ABNORMAL,
            )
        for left in range(0, self.size[0], 12):
            canvas.line([(left, y(1.0)), (left + 6, y(1.0))], fill=_INK, width=1)
        kept = extremes(times, self.size[0])
        points = [(self._x(int(numbers[index])), y(float(times[index]))) for index in kept]
        canvas.line(points, fill=_LINE, width=2)
        canvas.text((_MARGIN, y(1.0) - 2), "limit", fill=_FAINT, font=font_of(13), anchor="lb")
        return plot

    def _x(self, number: int) -> float:
        return _MARGIN + (self.size[0] - 2 * _MARGIN) * (number - self._first) / max(
            1, self._last - self._first
        )


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)
