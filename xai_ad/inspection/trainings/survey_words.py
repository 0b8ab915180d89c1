"""What is said of pictures that somebody brought to train on."""

from xai_ad.data.wording import counted
from xai_ad.inspection.trainings.estimate import Estimate
from xai_ad.inspection.trainings.remarks import PictureState
from xai_ad.inspection.trainings.saying import duration
from xai_ad.inspection.trainings.survey import Survey
from xai_ad.presentation.words import NARROW, TIMES, listed
from xai_ad.training.recommended import SEEN

_NAMED = 3


def counts_words(survey: Survey) -> str:
    """Return in a sentence how many pictures there are, of which kind."""
    if survey.clips:
        parts = [counted(survey.good, "normal clip")]
        if survey.defects:
            parts.append(counted(survey.defects, "clip") + " to test with")
        return f"{listed(parts)}, {survey.frames:,} frames together."
    parts = [counted(survey.good, "good picture")]
    if survey.defects:
        masks = f" ({counted(survey.masks, 'mask')})" if survey.masks else ""
        parts.append(counted(survey.defects, "defective one") + masks)
    unread = len(survey.of(PictureState.UNREADABLE))
    unreadable = f"; {counted(unread, 'file')} cannot be read" if unread else ""
    return f"{listed(parts)}{unreadable}."


def sizes_words(survey: Survey) -> str:
    """Return in a sentence how large the pictures are, and whether they are grey."""
    if not survey.sizes:
        return ""
    colour = "grey" if survey.channels == 1 else "in colour"
    named = [f"{width}{NARROW}{TIMES}{NARROW}{height}" for (height, width), _ in survey.sizes[:_NAMED]]
    if len(survey.sizes) == 1:
        return f"All are {named[0]} pixels, {colour}."
    rest = len(survey.sizes) - _NAMED
    more = f" and {counted(rest, 'other size')}" if rest > 0 else ""
    return (
        f"Their sizes differ: {', '.join(named)}{more}; {colour}. Each is squeezed into the network's square."
    )


def estimate_words(estimate: Estimate, count: int, minutes: float, *, of_videos: bool) -> str:
    """Return what some minutes buy on this computer.

    >>> words = estimate_words(Estimate(images_per_second=40.0), 160, 10, of_videos=False)
    >>> words.replace(NARROW, " ")
    'This computer trains on 40 pictures a second: in 10 min it sees each of the 160 some 150 times, of 250 that are worth while.'
    """
    speed = estimate.images_per_second
    figure = f"{speed:.0f}" if speed >= 10 else f"{speed:.1f}"
    times = estimate.times_seen(count, minutes)
    noun = "frames" if of_videos else "pictures"
    begin = f"This computer trains on {figure} {noun} a second: "
    worth = SEEN / max(count, 1)
    if of_videos:
        return f"{begin}in {duration(minutes * 60)} it sees each of the {count:,} some {max(times, 0.1):.2g} times."
    if times >= worth:
        return (
            f"{begin}all that is worth while, each of the {count:,} some {worth:,.0f} times, takes "
            f"{duration(SEEN / speed)}."
        )
    return (
        f"{begin}in {duration(minutes * 60)} it sees each of the {count:,} some {times:,.0f} times, of {worth:,.0f} that "
        "are worth while."
    )
