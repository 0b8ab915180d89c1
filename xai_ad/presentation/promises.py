"""What a limit promises, in words: how many good pictures it rejects, and how sure that is."""

from xai_ad.store import CalibrationProtocol, CalibrationRecord
from xai_ad.training.promises import FalseAlarms, false_alarms

FEW = 0.0005
"""Shares below are said to be about none."""


def promised_words(record: CalibrationRecord) -> str | None:
    """Return one sentence on how many good pictures, or clips, a limit by a quantile rejects; None for other limits."""
    if record.quantile is not None and record.protocol is CalibrationProtocol.CLIP_QUANTILE:
        return clip_words(false_alarms(len(record.clips), record.quantile))
    if record.quantile is None or record.protocol not in {
        CalibrationProtocol.NORMAL_QUANTILE,
        CalibrationProtocol.HELD_OUT,
    }:
        return None
    count = sum(image.label == 0 for image in record.images)
    return alarm_words(false_alarms(count, record.quantile))


def alarm_words(alarms: FalseAlarms) -> str:
    """Return one sentence on a limit's false alarms.

    >>> from xai_ad.training.promises import false_alarms
    >>> alarm_words(false_alarms(39, 0.95))
    'Of new good pictures about 5 % will be rejected, 0.919 % to 11.6 % with 90 % confidence: 39 good pictures set the limit.'
    """
    return (
        f"Of new good pictures about {_percent(alarms.expected)} will be rejected, {_percent(alarms.low)} to "
        f"{_percent(alarms.high)} with 90 % confidence: {alarms.count} good pictures set the limit."
    )


def clip_words(alarms: FalseAlarms) -> str:
    """Return one sentence on the normal clips of which a limit by whole clips flags too much.

    >>> from xai_ad.training.promises import false_alarms
    >>> clip_words(false_alarms(2, 2 / 3))
    'Of new normal clips about 33.3 % will have more than a fifth of their frames above the limit, 2.53 % to 77.6 % with 90 % confidence: 2 clips set it.'
    """
    return (
        f"Of new normal clips about {_percent(alarms.expected)} will have more than a fifth of their frames above the "
        f"limit, {_percent(alarms.low)} to {_percent(alarms.high)} with 90 % confidence: {alarms.count} clips set it."
    )


def _percent(share: float) -> str:
    return "0 %" if share < FEW else f"{100 * share:.3g} %"
