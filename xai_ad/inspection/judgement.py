"""What is said of an image: normal, anomalous, borderline, or not like what the model knows."""

from dataclasses import dataclass

from xai_ad.detector.calibration import State
from xai_ad.detector.familiarity import Likeness
from xai_ad.store import CalibrationRecord
from xai_ad.training.limits import limit_interval

__all__ = ["Judgement", "State", "judge"]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A raw score, the interval that may as well hold the limit, and what they come to."""

    state: State
    score: float
    limit_low: float
    limit_high: float
    likeness: Likeness | None = None

    @property
    def may_be_explained(self) -> bool:
        """Whether an explanation says why the verdict is what it is: of a stranger there is none."""
        return self.state is not State.STRANGER

    @property
    def is_suspect(self) -> bool:
        """Whether the image may be anomalous: its evidence is outlined unless a person asks otherwise."""
        return self.state in {State.ANOMALOUS, State.BORDERLINE}


def judge(score: float, record: CalibrationRecord, likeness: Likeness | None = None) -> Judgement:
    """Judge a raw score: a stranger whatever it is, then borderline in the limit's interval, else by the limit.

    Both ends belong to the interval.
    """
    interval = limit_interval(record)
    if likeness is not None and likeness.is_stranger:
        state = State.STRANGER
    elif interval.low <= score <= interval.high:
        state = State.BORDERLINE
    else:
        state = State.ANOMALOUS if record.calibration.is_anomalous(score) else State.NORMAL
    return Judgement(
        state=state, score=score, limit_low=interval.low, limit_high=interval.high, likeness=likeness
    )
