"""A job's folder: one small file for each thing that one side writes and the other reads, each replaced whole.

`order.json` stays; `wish.json` is what people want of the job; `progress.json`, `epochs.jsonl`, `notes.txt` and the
pictures are the worker's; `result.json` is there once it has ended. Who works on a job holds the folder's lock, so that
nothing has to be put right after a worker was killed.
"""

import errno
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from xai_ad.inspection.trainings.orders import ORDER, TrainingOrder
from xai_ad.machine.files import write_whole, writing
from xai_ad.machine.places import home
from xai_ad.training.reports import EpochReport

ORDER_FILE, WISH, PROGRESS, RESULT = "order.json", "wish.json", "progress.json", "result.json"
EPOCHS, NOTES_FILE, RESERVE = "epochs.jsonl", "notes.txt", ".reserve"
FAULT = "error.txt"
"""Where an unexpected error came from."""
LOOK = "epoch-{:05d}.png"
RESERVED_BYTES = 16_384
"""Kept free for the last line of a job whose disk is full."""


class Wish(StrEnum):
    """What people want of a job."""

    RUN = "run"
    PAUSE = "pause"
    STOP = "stop"


class Stage(StrEnum):
    """What a worker is at."""

    READING = "reading"
    TRAINING = "training"
    FINE_TUNING = "fine-tuning"
    CALIBRATING = "calibrating"
    MEASURING = "measuring"


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """An order and when it was given, in seconds since 1970."""

    created: float
    order: TrainingOrder


@dataclass(frozen=True, kw_only=True)
class Wished:
    """What is wanted of a job, since when; the time gives jobs that wait their order."""

    wish: Wish
    since: float


@dataclass(frozen=True, kw_only=True)
class Reached:
    """How far a worker is; `starts` counts those in a row that ended without another epoch.

    `planned` are the epochs that the training will have by the look of it, unless it ends early.
    """

    stage: Stage = Stage.READING
    fraction: float = 0.0
    seconds_left: float | None = None
    planned: int | None = None
    starts: int = 0


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a job ended: the id of its model, or why there is none."""

    model: str | None = None
    error: str | None = None


_ORDERED, _WISHED, _REACHED, _RESULT = (TypeAdapter(kind) for kind in (Ordered, Wished, Reached, Result))
_REPORT = TypeAdapter(EpochReport)


def trainings_home() -> Path:
    """Return the folder of all jobs."""
    return home() / "trainings"


@dataclass(frozen=True)
class Folder:
    """A job's folder. What cannot be read of it is as though it were not there."""

    path: Path

    def ordered(self) -> Ordered | None:
        """Return what was ordered; None where the folder is no job's."""
        found: Ordered | None = self._read(_ORDERED, ORDER_FILE)
        return found

    def wished(self) -> Wished:
        """Return what is wanted of it."""
        found: Wished | None = self._read(_WISHED, WISH)
        return found or Wished(wish=Wish.STOP, since=0.0)

    def reached(self) -> Reached | None:
        """Return how far its worker came; None where none began."""
        found: Reached | None = self._read(_REACHED, PROGRESS)
        return found

    def result(self) -> Result | None:
        """Return how it ended; None where it did not."""
        found: Result | None = self._read(_RESULT, RESULT)
        return found

    def epochs(self) -> tuple[EpochReport, ...]:
        """Return the epochs done, each once; a line that was cut short is none."""
        found: dict[int, EpochReport] = {}
        for line in self._lines(EPOCHS):
            with suppress(ValidationError):
                report = _REPORT.validate_json(line)
                found[report.epoch] = report
        return tuple(found[epoch] for epoch in sorted(found))

    def notes(self) -> tuple[str, ...]:
        """Return what was decided for a person, each line once."""
        return tuple(dict.fromkeys(self._lines(NOTES_FILE)))

    def looks(self) -> tuple[Path, ...]:
        """Return the pictures of reconstructions, the newest last."""
        return tuple(sorted(self.path.glob(LOOK.format(0).replace("00000", "*"))))

    def order(self, ordered: Ordered) -> None:
        """Write the order."""
        data = {"created": ordered.created, "order": ORDER.dump_python(ordered.order, mode="json")}
        write_whole(self.path / ORDER_FILE, json.dumps(data, indent=1).encode())

    def wish(self, wished: Wished) -> None:
        """Write what is wanted."""
        self._write(WISH, asdict(wished))

    def reach(self, reached: Reached) -> None:
        """Write how far the worker is."""
        self._write(PROGRESS, asdict(reached))

    def end(self, result: Result) -> None:
        """Write how it ended; on a full disk into the space that was kept for that."""
        (self.path / RESERVE).unlink(missing_ok=True)
        self._write(RESULT, asdict(result))

    def reserve(self) -> None:
        """Keep some space free for the end; raises `WritingError` where there is none."""
        with writing(self.path):
            (self.path / RESERVE).write_bytes(os.urandom(RESERVED_BYTES))

    def reopen(self) -> None:
        """Forget how it ended."""
        (self.path / RESULT).unlink(missing_ok=True)

    def add_epoch(self, report: EpochReport) -> None:
        """Append an epoch."""
        self._append(EPOCHS, json.dumps(asdict(report)))

    def add_note(self, note: str) -> None:
        """Append a note."""
        self._append(NOTES_FILE, " ".join(note.split()))

    def keep_epochs(self, reports: Iterable[EpochReport]) -> None:
        """Write the epochs anew, as a training that goes on finds them."""
        text = "".join(json.dumps(asdict(report)) + "\n" for report in reports)
        write_whole(self.path / EPOCHS, text.encode())

    def _append(self, name: str, line: str) -> None:
        with writing(self.path / name), (self.path / name).open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def _write(self, name: str, values: dict[str, Any]) -> None:
        write_whole(self.path / name, json.dumps(values).encode())

    def _read(self, adapter: TypeAdapter[Any], name: str) -> Any:
        try:
            return adapter.validate_json((self.path / name).read_bytes())
        except OSError as error:
            if error.errno in {errno.ENOENT, errno.ENOTDIR}:
                return None
            raise
        except ValidationError:
            return None

    def _lines(self, name: str) -> list[str]:
        try:
            return (self.path / name).read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return []
