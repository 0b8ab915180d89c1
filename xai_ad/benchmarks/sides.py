"""What is measured in turns with others: one explanation a round, each in a process of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from xai_ad.benchmarks.cases import Case
from xai_ad.benchmarks.speed_worker import TimedExplanation, Timing, time_in_process_of_its_own


@dataclass(kw_only=True)
class Side:
    """One thing that is measured once a round, each round on the next picture."""

    request: TimedExplanation
    cases: Sequence[Case]
    timings: list[Timing] = field(default_factory=list)

    def __call__(self) -> float:
        """Measure the next round, and return its seconds."""
        case = self.cases[len(self.timings) % len(self.cases)]
        self.timings.append(time_in_process_of_its_own(replace(self.request, case=case)))
        return self.timings[-1].seconds

    @property
    def seconds(self) -> list[float]:
        """What each round took."""
        return [timing.seconds for timing in self.timings]

    @property
    def paces(self) -> list[float]:
        """Each round's seconds an evaluation."""
        return [timing.seconds / timing.evaluations for timing in self.timings]

    @property
    def floors(self) -> list[float]:
        """How many images a second the inference copy computed in each round."""
        return [timing.floor for timing in self.timings if timing.floor is not None]

    @property
    def floor_ratio(self) -> float:
        """How many times as long as its forwards alone an explanation took: the median of the rounds."""
        return median(pace * floor for pace, floor in zip(self.paces, self.floors, strict=True))
