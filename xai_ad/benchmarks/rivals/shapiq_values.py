"""shapiq's newest estimators of Shapley values on KernelSHAP's own game: the same segments, fill and budget.

They need a newer Python than this package: an interpreter that has shapiq is named, and asks for coalitions over a pipe.
"""

import json
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, ClassVar

import numpy as np

from xai_ad.benchmarks.maps import Map
from xai_ad.benchmarks.rivals.base import BUDGET, Rival
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.errors import BenchmarkError
from xai_ad.explain.choices import Fill
from xai_ad.explain.masking import MaskingGame
from xai_ad.explain.segments import spread_evenly
from xai_ad.types import Image

PROGRAM = Path(__file__).with_name("shapiq_program.py")
SEGMENTS = 50
"""KernelSHAP's."""


@dataclass(frozen=True, kw_only=True)
class ShapiqValues(Rival):
    """One of shapiq's estimators, by its class's name, in the process of an interpreter that has it."""

    library: ClassVar[str] = "shapiq"
    seeded: ClassVar[bool] = True
    estimator: str
    interpreter: str
    budget: int = BUDGET
    normal: bool = True

    @property
    def version(self) -> str:
        """The version that is there; raises `BenchmarkError` where it cannot be asked."""
        return asked(self.interpreter).version

    @property
    def identity(self) -> str:
        """The settings but for where the interpreter lies."""
        return f"{self.estimator} {self.budget} {SEGMENTS} shapiq {self.version} {self.execution}"

    def draw(self, classifier: AnomalyClassifier, image: Image, seed: int) -> tuple[Map, int]:
        """Explain the image."""
        game = MaskingGame(classifier, image, n_segments=SEGMENTS, fill=Fill.AUTO, execution=self.execution)
        # The fills that were tried count, as they do for KernelSHAP; the full and the empty coalition are known.
        budget = self.budget - game.evaluations + 2
        values = asked(self.interpreter).values(self.estimator, game, budget=budget, seed=seed)
        return spread_evenly(values, game.segments), game.evaluations


class Shapiq:
    """A process that has shapiq: it is told what to estimate, asks for coalitions' scores, and answers with the values."""

    def __init__(self, interpreter: str) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603  # the interpreter that the person named, and our own program
                [interpreter, str(PROGRAM)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        except OSError as error:
            raise BenchmarkError(
                f"The interpreter {interpreter!r} cannot be run ({error.strerror or error}). Name one that has shapiq."
            ) from error
        self._what = interpreter
        self.version = str(self._read()["version"])

    def close(self) -> None:
        """End the process: nobody asks any more."""
        self._process.communicate()

    def values(self, estimator: str, game: MaskingGame, *, budget: int, seed: int) -> Any:
        """Return the estimated values, (M,); raises `BenchmarkError` where the estimator fails."""
        told = {"estimator": estimator, "players": game.players, "budget": budget, "seed": seed}
        self._write(told)
        while "coalitions" in (answer := self._read()):
            coalitions = np.array(answer["coalitions"], dtype=np.bool_)
            self._write({"scores": game.score(coalitions).tolist()})
        return np.array(answer["values"], dtype=np.float64)

    def _write(self, message: object) -> None:
        stream: IO[str] = self._process.stdin  # type: ignore[assignment]  # it was asked for
        stream.write(json.dumps(message) + "\n")
        stream.flush()

    def _read(self) -> dict[str, Any]:
        line = self._process.stdout.readline()  # type: ignore[union-attr]  # it was asked for
        answer: dict[str, Any] = json.loads(line) if line else {"error": "it ended"}
        if "error" in answer:
            self.close()
            raise BenchmarkError(f"shapiq by {self._what!r} cannot: {answer['error']}.")
        return answer


@cache
def asked(interpreter: str) -> Shapiq:
    """Return the one process of an interpreter."""
    return Shapiq(interpreter)
