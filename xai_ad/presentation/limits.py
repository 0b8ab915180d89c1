"""A limit in words: what its two kinds of mistakes are called, which pictures it was placed by, and which measure it."""

from collections.abc import Sequence
from dataclasses import dataclass

from xai_ad.data.specs import Subject
from xai_ad.data.wording import counted
from xai_ad.presentation.words import SCORES, TIMES, figure, percent
from xai_ad.store import CalibrationProtocol, CalibrationRecord, JudgedImage


@dataclass(frozen=True, kw_only=True)
class LimitWords:
    """How one subject's kinds are called, what passing and being flagged is, and what the mistakes are."""

    normal: str
    abnormal: str
    passed: str
    flagged: str
    passed_ones: str
    flagged_ones: str
    rejected: str
    rejected_short: str
    caught: str
    precision: str
    by_kind: str
    alarms: str
    misses: str
    no_alarms: str
    no_misses: str
    images: str


LIMIT_WORDS = {
    Subject.PART: LimitWords(
        normal="good parts",
        abnormal="defective parts",
        passed="pass",
        flagged="fail",
        passed_ones="that pass",
        flagged_ones="that fail",
        rejected="Good parts rejected",
        rejected_short="rejected",
        caught="Defective parts caught",
        precision="Defective among rejected",
        by_kind="Defect by defect",
        alarms="Good parts rejected, the worst first",
        misses="Defective parts missed, the worst first",
        no_alarms="No good part is rejected at this limit.",
        no_misses="No defective part is missed at this limit.",
        images="pictures",
    ),
    Subject.LESION: LimitWords(
        normal="typical lesions",
        abnormal="atypical lesions",
        passed="called typical",
        flagged="called atypical",
        passed_ones="called typical",
        flagged_ones="called atypical",
        rejected="Typical lesions flagged",
        rejected_short="flagged",
        caught="Atypical lesions caught",
        precision="Atypical among flagged",
        by_kind="Diagnosis by diagnosis",
        alarms="Typical lesions flagged, the highest first",
        misses="Atypical lesions missed, the lowest first",
        no_alarms="No typical lesion is flagged at this limit.",
        no_misses="No atypical lesion is missed at this limit.",
        images="pictures",
    ),
    Subject.SCENE: LimitWords(
        normal="normal frames",
        abnormal="abnormal frames",
        passed="called normal",
        flagged="called abnormal",
        passed_ones="called normal",
        flagged_ones="called abnormal",
        rejected="Normal frames flagged",
        rejected_short="flagged",
        caught="Abnormal frames caught",
        precision="Abnormal among flagged",
        by_kind="Class by class",
        alarms="Normal frames flagged, the highest first",
        misses="Abnormal frames missed, the lowest first",
        no_alarms="No normal frame is flagged at this limit.",
        no_misses="No abnormal frame is missed at this limit.",
        images="frames",
    ),
}
"""Lesions and scenes have neither good nor bad."""

_PROTOCOLS = {
    CalibrationProtocol.HELD_OUT: "balanced between both kinds, on pictures of its own",
    CalibrationProtocol.THESIS: "balanced between both kinds, on the test pictures, as the thesis does",
    CalibrationProtocol.NORMAL_QUANTILE: "so that {share} of normal pictures pass",
    CalibrationProtocol.CLIP_QUANTILE: "so that four in five frames pass in {share} of normal clips",
}
"""How each protocol places a limit."""
BY_HAND = "set by hand"


def placed_words(record: CalibrationRecord) -> str:
    """Return how a limit was placed, in a few words."""
    words = _PROTOCOLS.get(record.protocol, BY_HAND)
    return words.format(share="a share" if record.quantile is None else percent(record.quantile))


def is_by_hand(record: CalibrationRecord) -> bool:
    """Return whether a person placed a limit, and not a rule."""
    return record.protocol not in _PROTOCOLS


def set_title(count: int, *, sets_limit: bool, subject: Subject) -> str:
    """Return what a set of scored images is called."""
    does = "set" if count != 1 else "sets"
    return f"{counted(count, LIMIT_WORDS[subject].images[:-1])} that {does} {'the' if sets_limit else 'no'} limit"


def about_measured(record: CalibrationRecord, images: Sequence[JudgedImage], subject: Subject) -> str:
    """Say what images are that took no part in setting a limit."""
    noun = LIMIT_WORDS[subject].images
    told = f"A measurement: these {len(images):,} {noun} took no part in training or in placing the limit."
    if is_by_hand(record):
        return (
            f"These {len(images):,} {noun} took no part in training. The limit was set by hand: whoever looked at them to "
            "choose it has no independent measurement of it."
        )
    return told


def about_setting(record: CalibrationRecord, subject: Subject) -> str:
    """Say what images are that a limit was placed by."""
    words = LIMIT_WORDS[subject]
    count = len(record.images)
    told = f"No measurement: the limit was placed by {counted(count, words.images[:-1])}, so what it does to them says little of others."
    if not any(image.label == 1 for image in record.images):
        told += f" All are {words.normal}: what it catches they cannot tell."
    return told


def moved_measured(subject: Subject) -> str:
    """Say what becomes of a measurement once a limit is chosen by it."""
    noun = LIMIT_WORDS[subject].images
    return (
        f"Chosen by these {noun}, the limit looks better on them than it is: what it does to others only {noun} measure that "
        "nobody chose it by."
    )


def moved_setting(subject: Subject) -> str:
    """Say where to look before a limit is used that was chosen by the images of the former one."""
    return f"See as well what it does to the {LIMIT_WORDS[subject].images} that set no limit, where there are any."


def elsewhere_words(missing: int, total: int, subject: Subject) -> str:
    """Say that the images which a limit gets most wrong are not at hand; nothing where all of them are."""
    noun = LIMIT_WORDS[subject].images
    if not missing:
        return ""
    if missing == total:
        return f"The {noun} themselves are not at hand: they are known by their scores."
    return f"Other {noun} are not at hand: they are known by their scores."


@dataclass(frozen=True, kw_only=True)
class LimitLine:
    """A limit in a list of them: how it was placed, what it does, and what was said where a person set it."""

    title: str
    figures: str
    said: str


def limit_line(record: CalibrationRecord, active: CalibrationRecord, subject: Subject) -> LimitLine:
    """Return what is said of a limit beside the one in force; of another score's it is given raw."""
    rejects = "rejects" if subject is Subject.PART else "flags"
    threshold, same = record.calibration.threshold, record.calibration.scoring == active.calibration.scoring
    size = (
        f"{figure(threshold / active.calibration.threshold)}{TIMES} the limit in force"
        if same
        else f"raw {figure(threshold)}"
    )
    counts = []
    for label, verb in ((0, rejects), (1, "catches")):
        scores = [image.score for image in record.images if image.label == label]
        if scores:
            above = sum(record.calibration.is_anomalous(score) for score in scores)
            counts.append(f"{verb} {above:,} of {len(scores):,}")
    said = f"{record.reason} ({record.by})" if record.reason else ""
    title = f"{SCORES[record.calibration.scoring.score]}: {placed_words(record)}"
    return LimitLine(title=title, figures=f"{size}; {', '.join(counts)}", said=said)
