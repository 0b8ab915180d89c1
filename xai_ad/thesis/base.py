"""What an experiment is: what it is asked for, and what it leaves in its folder."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from xai_ad.data.layouts import Protocol
from xai_ad.errors import require_int
from xai_ad.training.recipe import Device, Recipe

Announce: TypeAlias = Callable[[str], None]
"""Called with a line that says what is being done, and how long the rest will take."""


def nobody(line: str) -> None:
    """Announce to nobody."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A dataset to run on: its folder and layout."""

    data: Path
    layout: str


@dataclass(frozen=True, kw_only=True)
class Request:
    """What an experiment runs on, and with what budget.

    Every variant is trained `runs` times, with the seeds 0 .. runs - 1, by the same `recipe`. Finished cells in
    `output` are used as they are. `models` is a folder of stored models, for experiments that look at given ones.
    `variants` names those that are to be trained, of experiments with so many that they have names; empty for all.
    """

    output: Path
    sources: tuple[Source, ...] = ()
    runs: int = 3
    recipe: Recipe = field(default_factory=Recipe)
    protocol: Protocol = Protocol.HELD_OUT
    device: Device = Device.AUTO
    models: Path | None = None
    variants: tuple[str, ...] = ()
    announce: Announce = nobody

    def __post_init__(self) -> None:
        require_int("runs", self.runs, of="an experiment", low=1)


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """An entry of the registry. `run` returns the files that it wrote, the one to read first in front.

    `variants` names what a request may choose from, where it may.
    """

    id: str
    title: str
    section: str
    run: Callable[[Request], tuple[Path, ...]]
    needs_data: bool = True
    variants: tuple[str, ...] = ()
