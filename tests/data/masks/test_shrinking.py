import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import label
from skimage.draw import disk, line

from xai_ad.data.masks import shrink

TOUCHING = np.ones((3, 3))


def regions(mask):
    return label(mask, structure=TOUCHING)[1]


def nearest(marked, height, width):
    picture = Image.fromarray(marked.astype(np.uint8))
    return np.asarray(picture.resize((width, height), Image.Resampling.NEAREST)) > 0


def scratches(width, *, side=2048, count=8):
    """Lines `width` pixels wide across a large mask, each a little steeper than the last."""
    marked = np.zeros((side, side), bool)
    for index in range(count):
        top = 60 + index * (side // count)
        rows, columns = line(top, 100 + 20 * index, top + 15 * index, side // 2 + 90 * index)
        for offset in range(width):
            marked[rows + offset, columns] = True
    return marked


@pytest.mark.parametrize("width", [1, 2, 6, 9])
def test_a_thin_scratch_stays_one_line(width):
    kept = shrink(scratches(width), 128, 128)
    assert regions(kept) == 8
    found = label(kept, structure=TOUCHING)[0]
    lengths = [(2048 // 2 + 90 * index - 100 - 20 * index) / 16 for index in range(8)]
    for number, length in enumerate(lengths, 1):
        columns = np.nonzero(found == number)[1]
        assert np.ptp(columns) + 1 >= length - 1
        assert len(columns) <= 1.6 * length  # no wider than it must be


def test_scratches_turned_are_kept_alike():
    upright, lying = shrink(scratches(6), 128, 128), shrink(scratches(6).T.copy(), 128, 128)
    assert regions(upright) == regions(lying) == 8
    assert lying.sum() == pytest.approx(upright.sum(), rel=0.1)


@pytest.mark.parametrize(("side", "size"), [(1024, 128), (900, 128), (512, 32), (517, 101)])
def test_a_pixel_is_marked_where_half_of_it_was(side, size):
    marked = np.zeros((side, side), bool)
    rng = np.random.default_rng(side)
    for radius in (side // 20, side // 12, side // 7):
        marked[disk(rng.integers(side // 6, side - side // 6, 2), radius, shape=marked.shape)] = True
    edges, pixels = np.arange(size + 1)[:, None] * side, np.arange(side) * size  # in whole numbers
    overlaps = np.minimum(edges[1:], pixels + size) - np.maximum(edges[:-1], pixels)
    weights = np.clip(overlaps, 0, None)
    share = weights @ marked @ weights.T
    np.testing.assert_array_equal(shrink(marked, size, size), 2 * share >= side**2)


@pytest.mark.parametrize("side", [32, 128, 256, 384])
def test_up_to_three_pixels_to_one_the_middle_one_counts_as_in_recorded_figures(side):
    marked = np.zeros((side, side), bool)
    marked[disk((side * 0.4, side * 0.55), side * 0.23, shape=marked.shape)] = True
    np.testing.assert_array_equal(shrink(marked, 128, 128), nearest(marked, 128, 128))


@pytest.mark.parametrize("side", [256, 300, 700, 2048])
def test_no_region_vanishes(side):
    rng = np.random.default_rng(side)
    marked = np.zeros((side, side), bool)
    step = side // 16
    for row in range(step // 2, side - step // 2, step):
        for column in range(step // 2, side - step // 2, step):
            top, left = (place + rng.integers(-step // 6, step // 6) for place in (row, column))
            marked[top : top + rng.integers(1, 3), left : left + rng.integers(1, 3)] = True
    kept = shrink(marked, 128, 128)
    places = label(marked, structure=TOUCHING)[0]
    rows, columns = np.nonzero(marked)
    reached = kept[(2 * rows + 1) * 64 // side, (2 * columns + 1) * 64 // side]
    assert set(places[rows, columns][reached]) == set(range(1, places.max() + 1))
    assert regions(kept) == places.max()


def test_what_is_torn_apart_is_joined():
    marked = np.zeros((1024, 1024), bool)
    marked[100:400, 100:400] = True
    marked[600:900, 600:900] = True
    rows, columns = line(399, 399, 600, 600)
    marked[rows, columns] = marked[rows, columns + 1] = True
    assert regions(shrink(marked, 128, 128)) == 1


def test_nothing_and_everything_stay_so():
    assert not shrink(np.zeros((700, 500), bool), 128, 128).any()
    assert shrink(np.ones((700, 500), bool), 128, 128).all()


def test_a_small_mask_grows():
    marked = np.zeros((16, 8), bool)
    marked[4, 2] = True
    expected = np.kron(marked, np.ones((4, 8), bool))
    np.testing.assert_array_equal(shrink(marked, 64, 64), expected)


def test_other_sides_shrink_each_by_their_own():
    marked = np.zeros((1200, 90), bool)
    marked[300:306] = True  # half a pixel of 12 rows
    kept = shrink(marked, 100, 90)
    assert kept[25].all()
    assert kept.sum() == 90
