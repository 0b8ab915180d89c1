"""Pictures that a set holds twice where a test needs them once: it would count what was learnt, or both ways."""

from collections.abc import Iterable, Sequence

from xai_ad.data.sets.base import Sample
from xai_ad.data.wording import are, counted, listed, short


def copies_across(samples: Iterable[Sample]) -> list[str]:
    """Return notes on pictures of the same bytes that a set has in its test and in its training, or as normal and defective.

    Frames of clips are no files of their own and are passed over.
    """
    by_bytes: dict[str, list[Sample]] = {}
    for sample in samples:
        if sample.position is None:
            by_bytes.setdefault(sample.sha256, []).append(sample)
    several = [alike for alike in by_bytes.values() if len(alike) > 1]
    learnt = [alike for alike in several if len({sample.subset == "test" for sample in alike}) > 1]
    both = [alike for alike in several if len({sample.label for sample in alike}) > 1]
    notes = []
    if learnt:
        notes.append(
            f"{counted(len(learnt), 'picture')} of the test {are(len(learnt))} in the training as well, to the byte: "
            f"{_named(learnt)}."
        )
    if both:
        notes.append(
            f"{counted(len(both), 'picture')} {are(len(both))} both normal and defective, to the byte: {_named(both)}."
        )
    return notes


def _named(several: Sequence[Sequence[Sample]]) -> str:
    return listed((" = ".join(short(sample.path) for sample in alike[:2]) for alike in several), 3)
