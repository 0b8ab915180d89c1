"""What is said of an image: normal, anomalous, borderline, or not like what the model knows."""

from dataclasses import dataclass

from xai_ad.detector.calibration import State
from xai_ad.detector.familiarity import Likeness
from xai_ad.store import CalibrationRecord
from xai_ad.training.limits import limit_interval

__all__ = ["Judgement", "State", "judge", "state_of"]


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


def state_of(score: float, record: CalibrationRecord, *, is_stranger: bool) -> State:
    """Return what a raw score comes to: stranger whatever it is, then borderline in the limit's interval, else by the limit.

    Both ends belong to the interval.
    """
    interval = limit_interval(record)
    if is_stranger:
        return State.STRANGER
    if interval.low <= score <= interval.high:
        return State.BORDERLINE
    return State.ANOMALOUS if record.calibration.is_anomalous(score) else State.NORMAL


def judge(score: float, record: CalibrationRecord, likeness: Likeness | None = None) -> Judgement:
    """Judge a raw score; see `state_of`."""
    interval = limit_interval(record)
    return Judgement(
        state=state_of(score, record, is_stranger=likeness is not None and likeness.is_stranger),
        score=score,
        limit_low=interval.low,
        limit_high=interval.high,
        likeness=likeness,
    )
