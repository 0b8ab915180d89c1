"""Which of a dataset's pictures cannot be read: found before hours of training, not by them."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from os import cpu_count

from xai_ad.data.decoding import decode_image
from xai_ad.data.layouts import Sample
from xai_ad.data.loading import is_picture
from xai_ad.data.notes import NOTES
from xai_ad.data.wording import are, counted, listed, short
from xai_ad.errors import ImageError
from xai_ad.progress import Progress, silent

_NAMED = 5


def unreadable(samples: Sequence[Sample], *, on_progress: Progress = silent) -> dict[Sample, str]:
    """Return the samples that are picture files and cannot be decoded, each with the line that says why.

    Frames within archives and videos are passed over.
    """
    pictures = [sample for sample in samples if is_picture(sample)]
    found: dict[Sample, str] = {}
    with ThreadPoolExecutor(cpu_count()) as readers:  # decoding leaves Python's lock alone
        for done, (sample, reason) in enumerate(
            zip(pictures, readers.map(_reason, pictures), strict=True), 1
        ):
            if reason is not None:
                found[sample] = reason
            try:
                on_progress(done / len(pictures))
            except BaseException:
                readers.shutdown(cancel_futures=True)
                raise
    return found


def note_skipped(found: dict[Sample, str]) -> None:
    """Note how many pictures are skipped, and which."""
    if found:
        names = listed((short(sample.path) for sample in found), _NAMED)
        NOTES.warning(
            "%s", f"{counted(len(found), 'picture')} {are(len(found))} skipped that cannot be read: {names}."
        )


def _reason(sample: Sample) -> str | None:
    try:
        decode_image(sample.path, levels=sample.levels)
    except ImageError as error:
        return str(error)
    return None
