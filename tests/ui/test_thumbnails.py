"""Small pictures of files are made when they are asked for, under names that nobody can guess."""

import io

import numpy as np
from PIL import Image as Pillow

from tests.ui.serving import fetch
from xai_ad.ui.thumbnails import ROUTE, SIDE, thumbnail_url


def shown(url):
    status, headers, content = fetch(ROUTE, url)
    assert (status, headers["content-type"]) == (200, "image/jpeg")
    return Pillow.open(io.BytesIO(content))


def test_a_picture_is_shown_small_in_its_own_shape(tmp_path):
    Pillow.new("RGB", (1000, 500), (200, 40, 40)).save(tmp_path / "part.png")
    url = thumbnail_url(tmp_path / "part.png")
    assert "part" not in url
    assert thumbnail_url(tmp_path / "part.png") == url
    picture = shown(url)
    assert picture.size == (SIDE, SIDE // 2)
    assert np.abs(np.asarray(picture)[50, 50].astype(int) - (200, 40, 40)).max() < 6


def test_a_deep_picture_is_shown_by_the_levels_that_are_white_in_it(tmp_path):
    Pillow.fromarray(np.full((64, 64), 2048, np.uint16)).save(tmp_path / "deep.png")
    grey = np.asarray(shown(thumbnail_url(tmp_path / "deep.png", 4096)))
    assert abs(int(grey.mean()) - 128) < 4


def test_what_cannot_be_shown_says_why_and_not_where_it_lies(tmp_path):
    url = thumbnail_url(tmp_path / "gone.png")
    assert fetch(ROUTE, url)[0] == 404
    (tmp_path / "gone.png").write_bytes(b"no picture")
    status, _, content = fetch(ROUTE, url)
    assert status == 404
    assert b"gone.png" in content
    assert str(tmp_path).encode() not in content
    assert fetch(ROUTE, "/thumbnails/guessed")[0] == 404
