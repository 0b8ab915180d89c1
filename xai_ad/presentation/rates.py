"""How often verdicts at a limit are wrong, in words, counted on images that set no limit."""

from collections.abc import Sequence
from dataclasses import dataclass

from xai_ad.data.specs import Subject
from xai_ad.store import JudgedImage

MANY = 100
"""From so many images on, shares are given; of fewer, counts."""
APART = 0.15
"""By how much a class's rate must differ from the rate of all to be named by itself."""

CLASSES = {
    "nv": "naevi",
    "mel": "melanomas",
    "bkl": "benign keratoses",
    "bcc": "basal cell carcinomas",
    "akiec": "actinic keratoses",
    "df": "dermatofibromas",
    "vasc": "vascular lesions",
}
"""What the classes of HAM10000 are called."""
GRAVEST = "mel"
"""The class that is named whatever its rate: to miss one costs the most."""


@dataclass(frozen=True, kw_only=True)
class _Words:
    """One subject's sentence: what is done to `normal` and `abnormal` images when a verdict is given."""

    sentence: str
    normal: str
    abnormal: str
    counts_hits: bool = False
    """Whether what was found is counted, not what was missed."""


_WORDS = {
    Subject.PART: _Words(
        sentence="At this limit it rejects {normal} and catches {abnormal}",
        normal="good parts",
        abnormal="defective ones",
        counts_hits=True,
    ),
    Subject.LESION: _Words(
        sentence="At this limit it misses {abnormal} and flags {normal}",
        normal="typical lesions",
        abnormal="atypical lesions",
    ),
    Subject.SCENE: _Words(
        sentence="At this limit it calls {normal} abnormal and misses {abnormal}",
        normal="normal frames",
        abnormal="abnormal ones",
    ),
}


def error_rates(images: Sequence[JudgedImage], threshold: float, subject: Subject) -> str:
    """Return one sentence on how often a limit was wrong, or nothing where it was not tried on both kinds.

    `images` are evaluated ones with their raw scores. Classes that fare otherwise than all anomalous images together are
    named: the worst, and melanomas in any case.
    """
    words = _WORDS[subject]
    normal = [image for image in images if image.label == 0]
    abnormal = [image for image in images if image.label == 1]
    if not normal or not abnormal:
        return ""
    count = _share(sum(image.score > threshold for image in normal), len(normal))
    flagged = f"{count} {_named(normal, words.normal)}"
    missed = _abnormal(abnormal, threshold, words)
    return words.sentence.format(normal=flagged, abnormal=missed) + "."


def _abnormal(images: Sequence[JudgedImage], threshold: float, words: _Words) -> str:
    """Return what becomes of anomalous images: of the gravest class, or of all, and of the class that fares worst."""
    kinds: dict[str, list[JudgedImage]] = {}
    for image in images:
        kinds.setdefault(image.kind, []).append(image)
    missed = {kind: _missed(found, threshold) for kind, found in kinds.items()}
    rates = {kind: missed[kind] / len(found) for kind, found in kinds.items()}
    overall = sum(missed.values()) / len(images)
    if GRAVEST in kinds:
        found = f"{_counted(kinds[GRAVEST], missed[GRAVEST], words)} {CLASSES[GRAVEST]}"
    else:
        found = f"{_counted(images, sum(missed.values()), words)} {_named(images, words.abnormal)}"
    worst = max(rates, key=lambda kind: (rates[kind], len(kinds[kind])))
    if worst != GRAVEST and len(kinds) > 1 and rates[worst] - overall > APART:
        count = _counted(kinds[worst], missed[worst], words)
        return f"{found} ({CLASSES.get(worst, worst.replace('_', ' '))}: {count})"
    return found


def _counted(images: Sequence[JudgedImage], missed: int, words: _Words) -> str:
    return _share(len(images) - missed if words.counts_hits else missed, len(images))


def _missed(images: Sequence[JudgedImage], threshold: float) -> int:
    return sum(image.score <= threshold for image in images)


def _named(images: Sequence[JudgedImage], noun: str) -> str:
    """Return what images are called: by their class where they are all of one that has a name, else as their subject is."""
    kinds = {image.kind for image in images}
    return CLASSES.get(kinds.pop(), noun) if len(kinds) == 1 else noun


def _share(count: int, total: int) -> str:
    """Return a count, or of many images about which share it is.

    >>> [_share(count, 20) for count in (0, 1, 20)]
    ['none of 20', '1 of 20', 'all 20']
    >>> [_share(count, 1000) for count in (0, 10, 300, 995)]
    ['none of 1,000', 'about 1 in 100', 'about 3 in 10', 'nearly all']
    >>> [_share(count, 100) for count in (5, 95)]
    ['about 1 in 20', 'nearly all']
    """
    if count == 0:
        return f"none of {total:,}"
    if count == total:
        return f"all {total:,}"
    if total < MANY:
        return f"{count} of {total}"
    if 20 * count <= total:
        return f"about 1 in {round(total / count)}"
    if 20 * count >= 19 * total:
        return "nearly all"
    return f"about {round(10 * count / total)} in 10"
