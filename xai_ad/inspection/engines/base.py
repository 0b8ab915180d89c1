"""The cut between who asks for slow work and what does it: questions go down, and how far they are comes back."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from xai_ad.progress import Progress

Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")

Perform: TypeAlias = Callable[[Question, Progress], Answer]
"""Answers a question and reports how far it is; a `Progress` that raises `Cancelled` stops it."""


class Answerable(Protocol):
    """A question that knows how it is answered. Like every question it is data that can be hashed, and names its job."""

    def __hash__(self) -> int: ...

    def answer(self, progress: Progress) -> Any:
        """Do the work and report how far it is, as a `Perform` does."""


class Lane(StrEnum):
    """Which kind of work a job is. Lanes never block one another: each has its own queue and its own workers."""

    VERDICTS = "verdicts"
    EXPLANATIONS = "explanations"
    CHECKS = "checks"
    """What is known of explanations: short work on what is at hand, which does not wait behind what is not."""
    CLIPS = "clips"
    """A clip scored, frame by frame, or drawn into a file: minutes, and of a long one hours."""
    TRAININGS = "trainings"
    BATCHES = "batches"


class JobState(StrEnum):
    """Where a job stands; `idle` is what nobody has asked for."""

    IDLE = "idle"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def active(self) -> bool:
        """Whether the job may still produce a result."""
        return self in {JobState.WAITING, JobState.RUNNING}


@dataclass(frozen=True, kw_only=True)
class JobStatus(Generic[Answer]):
    """What a job looked like at one moment; `fraction` is 0 to 1, `error` one line for a person.

    One that is `stopping` still runs, but nobody waits for it: it ends at its next report.
    """

    state: JobState
    fraction: float = 0.0
    result: Answer | None = None
    error: str | None = None
    stopping: bool = False

    @property
    def active(self) -> bool:
        """Whether the job may still produce a result."""
        return self.state.active


class Engine(ABC, Generic[Question, Answer]):
    """Answers questions, which are data: a question is the key of its job.

    Who asks a question that is already waiting or running shares that job and becomes one of its owners. A job is
    stopped when its last owner lets go of it, so no owner stops another's work.
    """

    @abstractmethod
    def submit(self, question: Question, *, owner: str, lane: Lane) -> JobStatus[Answer]:
        """Ask, and return how the answer stands; safe to repeat at every poll.

        A waiting or running job gains the owner; a done or failed one is returned as it is (`forget` a failed one to
        try again); a stopped one starts anew. Raises `BusyError` where the lane's queue is full.
        """

    @abstractmethod
    def status(self, question: Question) -> JobStatus[Answer] | None:
        """Return how a question's job stands, or None where there is none."""

    @abstractmethod
    def stop(self, question: Question, *, owner: str) -> None:
        """Let one owner go of a job, and stop the job if that was the last."""

    @abstractmethod
    def release(self, owner: str, *, keep: Collection[Question] = ()) -> None:
        """Let an owner go of every job but those of the questions in `keep`."""

    @abstractmethod
    def forget(self, question: Question) -> None:
        """Drop a finished job, so that its question can be asked again."""

    @abstractmethod
    def close(self) -> None:
        """Stop everything and wait for its end; a closed engine takes no more work."""


AnyEngine: TypeAlias = Engine[Any, Any]
"""An engine that is asked questions of several kinds, and by each kind gets another answer."""
