"""Pictures that belong to no set: what scikit-image ships, what is drawn here, and what is made of a set's own pictures."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import skimage
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from xai_ad.data.decoding import decode_image

Picture = Image.Image
SIDE = 256
_FLAT = ("black", "white", "grey", "firebrick", "peru", "burlywood", "midnightblue")
_LETTERS = "abcdefghij klmnop qrstuv wxyz "


def darker(share: float) -> Callable[[Picture, int], Picture]:
    """Return what takes a share of the light away."""
    return lambda picture, _: picture.point(lambda value: round(value * (1 - share)))


def shifted(share: float) -> Callable[[Picture, int], Picture]:
    """Return what moves a picture by a share of its sides, in one of four directions, and repeats its edge."""

    def shift(picture: Picture, turn: int) -> Picture:
        pixels = np.asarray(picture)
        down, across = (round(share * side) for side in pixels.shape[:2])
        moves = ((down, 0), (-down, 0), (0, across), (0, -across))[turn % 4]
        rows, columns = (
            (np.arange(side) - move).clip(0, side - 1)
            for side, move in zip(pixels.shape[:2], moves, strict=True)
        )
        return Image.fromarray(pixels[rows][:, columns])

    return shift


def blurred(share: float) -> Callable[[Picture, int], Picture]:
    """Return what blurs by a Gaussian whose standard deviation is a share of the width."""
    return lambda picture, _: picture.filter(ImageFilter.GaussianBlur(share * picture.width))


CHANGES: Mapping[str, Callable[[Picture, int], Picture]] = {
    "darker by 30 %": darker(0.30),
    "shifted by 10 %": shifted(0.10),
    "blurred": blurred(0.012),
    "darker by 15 %": darker(0.15),
    "shifted by 3 %": shifted(0.03),
}
"""What may happen to a picture of the right kind; the first three are to be named or judged right."""


def _beside(picture: Picture, _: int) -> Picture:
    """Return two copies of a picture, half as large, on its corners' colour."""
    half = picture.resize((picture.width // 2, picture.height // 2))
    both = Image.new(picture.mode, picture.size, picture.getpixel((0, 0)))
    both.paste(half, (0, picture.height // 4))
    both.paste(half, (picture.width // 2, picture.height // 4))
    return both


def _smaller(picture: Picture, _: int) -> Picture:
    """Return a picture at 60 % of its size, on its corner's colour."""
    small = picture.resize((round(0.6 * picture.width), round(0.6 * picture.height)))
    whole = Image.new(picture.mode, picture.size, picture.getpixel((0, 0)))
    whole.paste(small, ((picture.width - small.width) // 2, (picture.height - small.height) // 2))
    return whole


MADE_OF: Mapping[str, Callable[[Picture, int], Picture]] = {
    "inverted": lambda picture, _: ImageOps.invert(picture),
    "two in one": _beside,
    "at 60 % of its size": _smaller,
    "quarters exchanged": lambda picture, _: ImageChops.offset(
        picture, picture.width // 2, picture.height // 2
    ),
    "upside down": lambda picture, _: picture.rotate(180),
    "mirrored": lambda picture, _: ImageOps.mirror(picture),
}
"""What is made of a set's pictures; the last ones may well be its own, where it has no up or down."""


def outsiders() -> dict[str, list[Picture]]:
    """Return pictures of everything else: photographs and drawings that come with scikit-image, and drawn ones."""
    return {"scikit-image's pictures": list(_shipped()), "drawn outsiders": list(_drawn())}


def _shipped() -> Iterator[Picture]:
    for path in sorted((Path(skimage.__file__).parent / "data").iterdir()):
        if path.suffix in {".png", ".jpg"}:
            picture = decode_image(path).convert("RGB")
            yield ImageOps.fit(picture, (SIDE, SIDE), Image.Resampling.BILINEAR)


def _drawn() -> Iterator[Picture]:
    """Yield flat colours, noise, a ramp, squares, text, and screws on grey."""
    random = np.random.default_rng(0)
    for colour in _FLAT:
        yield Image.new("RGB", (SIDE, SIDE), colour)
    for spread in (5.0, 20.0, 80.0):
        yield _picture(128 + random.normal(0, spread, (SIDE, SIDE, 3)))
    yield _picture(np.broadcast_to(np.linspace(0, 255, SIDE)[None, :, None], (SIDE, SIDE, 3)))
    yield _picture(
        np.kron(np.indices((8, 8)).sum(axis=0) % 2, np.full((32, 32), 255))[..., None].repeat(3, 2)
    )
    yield _picture(np.kron(random.uniform(0, 255, (8, 8, 3)), np.ones((32, 32, 1))))
    for ink, paper in (("black", "white"), ("white", "black"), ("black", "burlywood")):
        yield _text(random, ink, paper)
    for grey in (90, 120, 170, 200):
        yield _screw(random, grey)


def _picture(values: NDArray[np.generic]) -> Picture:
    return Image.fromarray(np.asarray(values, dtype=np.float64).clip(0, 255).astype(np.uint8))


def _text(random: np.random.Generator, ink: str, paper: str) -> Picture:
    page = Image.new("RGB", (SIDE, SIDE), paper)
    draw = ImageDraw.Draw(page)
    for top in range(4, SIDE, 14):
        draw.text((4, top), "".join(random.choice(list(_LETTERS), 44)), fill=ink)
    return page


def _screw(random: np.random.Generator, grey: int) -> Picture:
    """Return a dark rod with a thread and a head, turned anyhow, on a grey ground with grain."""
    picture = Image.new("RGB", (SIDE, SIDE), (grey, grey, grey))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((40, 118, 190, 138), fill=(70, 70, 75))
    for left in range(42, 180, 7):
        draw.line((left, 116, left + 4, 140), fill=(150, 150, 150), width=2)
    draw.polygon([(190, 118), (215, 102), (220, 102), (220, 154), (215, 154), (190, 138)], fill=(95, 95, 100))
    turned = picture.rotate(random.uniform(0, 360), fillcolor=(grey, grey, grey))
    return _picture(np.asarray(turned) + random.normal(0, 4, (SIDE, SIDE, 3)))
