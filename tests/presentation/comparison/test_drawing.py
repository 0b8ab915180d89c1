"""A sheet is one picture: every cell at its place, nothing cut off, however much there is on it."""

import numpy as np
import pytest
from PIL import Image as Pillow

from xai_ad.errors import InvalidInputError
from xai_ad.presentation.captions import PAPER, DrawnScale
from xai_ad.presentation.comparison.drawing import LEAST, SMALLEST_TILE, Measures, drawn, sheet_png
from xai_ad.presentation.comparison.marks import LOOKS, badge, sample
from xai_ad.presentation.comparison.sheet import Bar, Column, Heading, Line, Mark, Sheet, SheetRow, Tile, Tone
from xai_ad.presentation.legends import EXPLANATIONS
from xai_ad.presentation.scales import MapScale, Unit

COLOURS = ((255, 0, 0), (0, 160, 0), (0, 0, 255), (200, 0, 200))


def tile(colour, **told):
    return Tile(picture=Pillow.new("RGB", (64, 48), colour), **told)


def sheet(rows, columns, **told):
    """A sheet whose cells have the colours in turn."""
    return Sheet(
        columns=tuple(Column(title=f"Method {column}", sentence="How?") for column in range(columns)),
        rows=tuple(
            SheetRow(
                heading=Heading(title=f"Model {row}", verdict="FAIL", look="fail"),
                tiles=tuple(tile(COLOURS[(row + column) % len(COLOURS)]) for column in range(columns)),
            )
            for row in range(rows)
        ),
        **told,
    )


def places_of(picture, colour):
    """The (rows, columns) of a picture that have exactly a colour."""
    return np.nonzero((np.asarray(picture) == colour).all(axis=-1))


def test_every_cell_stands_in_its_row_and_its_column():
    picture = drawn(sheet(2, 2))
    sizes = Measures.of(sheet(2, 2))
    red, green, blue = (places_of(picture, colour) for colour in COLOURS[:3])
    inside = (sizes.tile - 2) * (sizes.tile * 48 // 64 - 2)  # without the frame
    assert len(red[0]) == inside
    assert len(green[0]) == 2 * inside
    assert red[0].max() < blue[0].min()
    assert red[1].max() < blue[1].min()
    assert blue[1].min() - red[1].min() == sizes.tile + sizes.gap


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (3, 5), (12, 8)])
def test_nothing_reaches_beyond_the_margins(rows, columns):
    long = "a_very_long_name_without_any_space_" * 12
    full = sheet(rows, columns, title=long, facts=(long,), notes=(long,), note=long, photo=tile((9, 9, 9)))
    picture = np.asarray(drawn(full))
    assert picture.shape[1] >= LEAST
    for edge in (picture[:10], picture[-10:], picture[:, :10], picture[:, -10:]):
        assert (edge == 255).all()


def test_cells_are_smaller_where_there_are_many():
    tiles = [Measures.of(sheet(rows, columns)).tile for rows, columns in ((1, 1), (3, 5), (12, 8), (12, 1))]
    assert tiles == sorted(tiles, reverse=True)
    assert tiles[-1] == SMALLEST_TILE


def test_a_tall_picture_is_no_higher_than_its_row_allows():
    tall = Tile(picture=Pillow.new("RGB", (10, 100), (255, 0, 0)))
    row = SheetRow(heading=Heading(title="Model"), tiles=(tall,))
    one = Sheet(columns=(Column(title="Method"),), rows=(row,))
    rows, columns = places_of(drawn(one), (255, 0, 0))
    side = Measures.of(one).tile
    assert np.ptp(rows) + 3 == pytest.approx(1.5 * side, abs=1)
    assert np.ptp(columns) + 3 == pytest.approx(0.15 * side, abs=1)


def test_what_is_not_there_says_why_in_its_own_place():
    failed = Tile(message="No luck. " * 40)
    refused = SheetRow(heading=Heading(title="Clips"), message="The model scores clips.")
    row = SheetRow(heading=Heading(title="Model"), tiles=(tile((255, 0, 0)), failed))
    picture = drawn(Sheet(columns=(Column(title="One"), Column(title="Two")), rows=(row, refused)))
    boxes = places_of(picture, (241, 243, 246))
    reds = places_of(picture, (255, 0, 0))
    assert boxes[1].min() < reds[1].max()  # the refused row's box spans all columns
    assert boxes[0].max() > reds[0].max()
    assert (boxes[1] > reds[1].max()).any()


def test_a_row_needs_a_tile_for_every_column():
    with pytest.raises(InvalidInputError, match="each of its 2 columns"):
        Sheet(
            columns=(Column(title="One"), Column(title="Two")),
            rows=(SheetRow(heading=Heading(title="Model"), tiles=(tile((0, 0, 0)),)),),
        )


def test_scales_marks_and_warnings_add_ink():
    scale = MapScale(unit=Unit.DENSITY, limit=4.0, start=0.5, knee=0.5)
    shown = DrawnScale(scale=scale, signed=True, opacity=0.7, legend=EXPLANATIONS[Unit.DENSITY])
    plain = drawn(sheet(1, 1))
    told = drawn(sheet(1, 1, bars=(Bar(columns=("LRP",), drawn=shown),) * 7, marks=tuple(Mark)))
    assert told.height > plain.height + 100
    warned = SheetRow(
        heading=Heading(title="Model"),
        tiles=(tile((0, 0, 0), lines=(Line(text="Take care.", tone=Tone.WARNING),)),),
    )
    picture = drawn(Sheet(columns=(Column(title="One"),), rows=(warned,)))
    assert len(places_of(picture, (168, 29, 21))[0])


@pytest.mark.parametrize("look", LOOKS)
def test_every_verdict_has_a_badge_with_a_sign_of_its_own(look):
    found = np.asarray(badge("WORD", look, 18))
    others = [np.asarray(badge("WORD", other, 18)) for other in LOOKS if other != look]
    assert found.shape == others[0].shape
    inks = [(one != one[18, 3]).any(axis=-1)[:, :30] for one in (found, *others)]  # without its colours
    assert all((inks[0] != ink).any() for ink in inks[1:])


def test_every_mark_has_a_sample_of_its_own():
    samples = [sample(mark, 29).tobytes() for mark in Mark]
    assert len(set(samples)) == len(Mark)


def test_a_sheet_is_a_png():
    assert sheet_png(sheet(1, 1)).startswith(b"\x89PNG")
    assert PAPER == "#ffffff"
