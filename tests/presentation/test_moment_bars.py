"""The row of bars: as high as the frames' shares, read off the drawing."""

import numpy as np
import pytest

from xai_ad.presentation.moment_bars import HEIGHT, LETTER, moment_bars
from xai_ad.presentation.render import colour_table

NUMBERS = range(57, 65)
ROOM = HEIGHT - LETTER - 6


def heights(values):
    """Return how many pixels of each column's middle have the colour of what pushes up, and of what pushes down."""
    drawn = np.asarray(moment_bars(np.array(values, float), list(NUMBERS), explained=62, width=480))
    colours = colour_table(signed=True)[[-1, 0], :3]
    middles = [round((place + 0.5) * 60) for place in range(8)]
    found = [[int((drawn[: ROOM + 4, x] == colour).all(axis=1).sum()) for x in middles] for colour in colours]
    return np.array(found)


def test_bars_are_as_high_as_the_shares():
    up, down = heights([0, 0, 1, 2, 4, 8, 0.01, 0])
    assert not down.any()
    assert up / ROOM == pytest.approx(np.array([0, 0, 1, 2, 4, 8, 0, 0]) / 8, abs=2.5 / ROOM)


def test_what_pushes_towards_normal_hangs_below():
    up, down = heights([-2, 0, 0, 0, 0, 6, 0, -1])
    assert up / ROOM == pytest.approx(np.array([0, 0, 0, 0, 0, 6, 0, 0]) / 8, abs=2.5 / ROOM)
    assert down / ROOM == pytest.approx(np.array([2, 0, 0, 0, 0, 0, 0, 1]) / 8, abs=2.5 / ROOM)


@pytest.mark.parametrize("values", [[0] * 8, [-1] * 8, [3] * 8])
def test_flat_shares_are_drawn_too(values):
    up, down = heights(values)
    assert (up > 0).all() == (values[0] > 0)
    assert (down > 0).all() == (values[0] < 0)


def test_the_explained_frames_number_is_the_boldest():
    drawn = np.asarray(moment_bars(np.zeros(8), list(NUMBERS), explained=62, width=480).convert("L"))
    ink = [
        int((255 - drawn[HEIGHT - LETTER - 3 :, place * 60 : (place + 1) * 60].astype(int)).sum())
        for place in range(8)
    ]
    assert int(np.argmax(ink)) == 5
