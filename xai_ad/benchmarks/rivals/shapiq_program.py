"""What an interpreter that has shapiq runs: estimates of games that are played at the other end of the pipe.

Every line is JSON. Told an estimator, a number of players, a budget and a seed it answers with coalitions to score,
reads their scores, and at last answers with the values; what goes wrong is an `error`.
"""

import inspect
import json
import sys
import warnings
from importlib import import_module
from typing import Any


def main() -> None:
    """Answer until nobody asks any more."""
    pipe, sys.stdout = sys.stdout, sys.stderr  # what a library prints is no answer

    def write(**message: Any) -> None:
        pipe.write(json.dumps(message) + "\n")
        pipe.flush()

    def score(coalitions: Any) -> Any:
        write(coalitions=coalitions.astype(int).tolist())
        return import_module("numpy").array(json.loads(sys.stdin.readline())["scores"])

    try:
        shapiq = import_module("shapiq")
        approximator = import_module("shapiq.approximator")
    except ImportError as error:
        write(error=str(error))
        return
    warnings.simplefilter("ignore")
    write(version=shapiq.__version__)
    for line in sys.stdin:
        told = json.loads(line)
        try:
            values = estimated(getattr(approximator, told["estimator"]), told, score)
        except (AttributeError, ImportError, KeyError, RuntimeError, TypeError, ValueError) as error:
            write(error=f"{type(error).__name__}: {error}")
            return
        write(values=values)


def estimated(estimator: Any, told: dict[str, Any], score: Any) -> list[float]:
    """Return a game's Shapley values, (M,), as one of shapiq's estimators finds them with its defaults."""
    named = inspect.signature(estimator).parameters
    options = {"index": "SV", "max_order": 1, "show_progress": False}
    known = {name: value for name, value in options.items() if name in named}
    found = estimator(n=told["players"], random_state=told["seed"], **known)
    values = found.approximate(told["budget"], score)
    return [float(values[(player,)]) for player in range(told["players"])]


if __name__ == "__main__":
    main()
