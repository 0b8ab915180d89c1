"""How well an explanation lies on what is marked, in a few words under its picture and in a sentence."""

from dataclasses import dataclass

from xai_ad.metrics.agreement import Placed

MOSTLY = 0.5
"""From this share of its highest pixels in the mask on, a map points at it."""


@dataclass(frozen=True, kw_only=True)
class PlacedWords:
    """A short `line`, and a `sentence` that says what its figures are."""

    line: str
    sentence: str


def placed_words(placed: Placed | None) -> PlacedWords | None:
    """Return what is said of how well a map lies on a mask, or None where there is nothing to say.

    >>> placed_words(Placed(iou=0.624, pixel_auc_roc=0.94, pointing=1.0)).line
    'points at the mask: IoU .62, AUC .94'
    """
    if placed is None:
        return None
    where = _where(placed.pointing)
    figures = f"IoU {_short(placed.iou)}, AUC {_short(placed.pixel_auc_roc)}"
    sentence = (
        f"Against the mask: its best cut covers {_short(placed.iou)} of what it and the mask cover together (IoU); a "
        f"marked pixel stands higher than another in {_short(placed.pixel_auc_roc)} of pairs (AUC-ROC; chance is .50); "
        f"it {where}."
    )
    return PlacedWords(line=f"{where}: {figures}", sentence=sentence)


def _where(pointing: float | None) -> str:
    if pointing is None:
        return "points nowhere"
    if pointing >= MOSTLY:
        return "points at the mask"
    return "points partly at the mask" if pointing > 0 else "points beside the mask"


def _short(share: float) -> str:
    """Return a share with two digits, without a leading zero.

    >>> _short(0.5), _short(1.0), _short(0.999)
    ('.50', '1.00', '1.00')
    """
    return f"{share:.2f}".removeprefix("0")
