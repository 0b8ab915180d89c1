"""Which value is white in a picture of more than 8 bits, where its file does not say.

A file of 16 or 32 bits a pixel may hold 8, 10, 12, 14 or 16 bits of information, and one of floating point 0 to 1 or
0 to 255. `levels` is everywhere the value that is white: 4095 for 12 bits.
"""

from dataclasses import dataclass

from xai_ad.errors import ImageError, InvalidInputError

WHITES = (255, 1023, 4095, 16383, 65535)
"""White with 8, 10, 12, 14 and 16 bits."""
FULL = WHITES[-1]
UNIT = 1
"""White of pictures of floating point from 0 to 1."""
_VALID = ", ".join(str(white + 1) for white in WHITES)


@dataclass(frozen=True, kw_only=True)
class Span:
    """What the values of one picture, or of several together, are: the smallest, the largest, and of which kind."""

    smallest: float
    largest: float
    is_float: bool


class LevelsError(ImageError):
    """A picture of more than 8 bits a pixel of which nothing says which value is white; `choices` might be."""

    def __init__(self, name: str, span: Span) -> None:
        self.name, self.span = name, span
        self.choices = tuple(white for white in WHITES if white >= span.largest)
        super().__init__(f"{self.problem} Say how many levels there are: --levels {self._counts()}.")

    @property
    def problem(self) -> str:
        """What is wrong, without what a command line can do about it."""
        return (
            f"{self.name} has more than 8 bits a pixel, its largest value is {self.span.largest:g}, and neither the "
            "file nor that value says which one is white."
        )

    def _counts(self) -> str:
        counts = [str(white + 1) for white in self.choices]
        return " or ".join(filter(None, [", ".join(counts[:-1]), counts[-1]]))


def parse_levels(text: str) -> int:
    """Return the value that is white of a number of grey levels, of its bits, or of that value; 1 is for floating point.

    Raises `InvalidInputError` for any other text.

    >>> parse_levels("4096"), parse_levels("12"), parse_levels("4095"), parse_levels("1")
    (4095, 4095, 4095, 1)
    """
    known = {str(UNIT): UNIT}
    for white in WHITES:
        known |= dict.fromkeys((str(white), str(white + 1), str(white.bit_length())), white)
    if text.strip() not in known:
        raise InvalidInputError(
            f"--levels is how many grey levels a picture of more than 8 bits has: {_VALID}, or 1 for pictures of "
            f"floating point from 0 to 1. Got {text!r}."
        )
    return known[text.strip()]


def levels_text(white: int) -> str:
    """Return a white value as `--levels` takes it.

    >>> levels_text(4095), levels_text(1)
    ('4096', '1')
    """
    return str(white if white == UNIT else white + 1)


def white_by_values(span: Span) -> int | None:
    """Return the white value where the values leave no doubt, or None.

    A picture that uses the top quarter of 16 bits has 16; one of floating point that stays within 1 is of 0 to 1, and
    one within 255 is of 0 to 255 unless it would be nearly black; black is black.
    """
    if span.largest <= 0:
        return FULL
    if span.is_float:
        if fits(span, UNIT):
            return UNIT
        if 16 <= span.largest <= WHITES[0]:
            return WHITES[0]
    return FULL if WHITES[-2] < span.largest <= FULL else None


def smallest_white(span: Span) -> int:
    """Return the white value of the least bits that hold all values, of which none is above 16 bits."""
    found = white_by_values(span)
    return next(white for white in WHITES if white >= span.largest) if found is None else found


def fits(span: Span, white: int) -> bool:
    """Return whether no value lies beyond white; what rounds to it does not."""
    return span.largest <= white if not span.is_float else span.largest * 255 < 255.5 * white


def require_values(span: Span, name: str) -> None:
    """Raise `ImageError` for values that have no brightness in any of the ranges that are read."""
    if not span.smallest > -float("inf") or not span.largest < float("inf"):  # NaN is neither
        raise ImageError(
            f"{name} holds values that are no finite numbers (NaN or infinity). Replace them and export it again."
        )
    if (span.smallest * 255 <= -0.5) if span.is_float else (span.smallest < 0):
        raise ImageError(
            f"{name} holds negative values, down to {span.smallest:g}. Shift them so that 0 is black, and export it "
            "again."
        )
    if span.largest > FULL:
        raise ImageError(
            f"{name} holds values up to {span.largest:g}, and at most {FULL} is read. Export it as an 8-bit or 16-bit "
            "picture."
        )


def require_fit(span: Span, white: int, name: str) -> None:
    """Raise `ImageError` where values lie beyond a white that was said to be theirs."""
    if fits(span, white):
        return
    wider = [levels_text(other) for other in WHITES if fits(span, other)]
    raise ImageError(
        f"{name} holds the value {span.largest:g}, above {white}, the white of --levels {levels_text(white)}. "
        f"Give --levels {' or '.join(wider)}."
    )
