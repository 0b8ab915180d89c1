"""What an experiment is: what it is asked for, and what it leaves in its folder."""

import functools
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from xai_ad.data.layouts import Dataset, Protocol, find_layout, read_dataset
from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.fields import require_whole
from xai_ad.thesis.report import Report
from xai_ad.training.loop import ignore
from xai_ad.training.recipe import Device, Recipe


@dataclass(frozen=True, kw_only=True)
class Source:
    """A dataset to run on: its folder and layout, and the value that is white in deep pictures, where it was given."""

    data: Path
    layout: str
    levels: int | None = None

    def read(self) -> Dataset:
        """Read which images there are."""
        return read_dataset(self.data, self.layout, levels=self.levels)

    @property
    def name(self) -> str:
        """The dataset's name, under which its cells and its figures are kept."""
        return self.read().name


@dataclass(frozen=True, kw_only=True)
class Request:
    """What an experiment runs on, and with what budget.

    Every variant is trained `runs` times, with the seeds 0 .. runs - 1, by the same `recipe`. Finished cells in
    `output` are used as they are. `models` is a folder of stored models, for experiments that look at given ones.
    `variants` names those that are to be trained, of experiments with so many that they have names; empty for all.
    `announce` is called with lines that say what is being done, and how long the rest will take.
    """

    output: Path
    sources: tuple[Source, ...] = ()
    runs: int = 3
    recipe: Recipe = field(default_factory=Recipe)
    protocol: Protocol = Protocol.HELD_OUT
    device: Device = Device.AUTO
    models: Path | None = None
    variants: tuple[str, ...] = ()
    announce: Callable[[str], None] = ignore

    def __post_init__(self) -> None:
        require_whole("runs", self.runs, of="an experiment", low=1)


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """An entry of the registry; one that is `of_videos` refuses images.

    Its words, `title`, `section`, `intro` and the `note` in its charts, stand in `catalogue.toml`. `variants` names what
    a request may choose from, where it may.
    """

    id: str
    title: str
    section: str
    intro: str = ""
    note: str = ""
    answer: Callable[[Request, "Experiment"], Report]
    needs_data: bool = True
    of_videos: bool = False
    variants: tuple[str, ...] = ()

    def heading(self, request: Request) -> dict[str, str]:
        """Return what a record begins with."""
        named = {"experiment": self.id, "section": self.section, "title": self.title}
        return named | {"protocol": str(request.protocol)}

    def run(self, request: Request) -> tuple[Path, ...]:
        """Do what is asked for, and return the files that were written, the one to read first in front.

        Before anything is trained, raises `InvalidInputError` for images where videos are needed, and
        `UnknownNameError` for a variant that the experiment does not have.
        """
        for source in request.sources if self.of_videos else ():
            if not find_layout(source.layout).of_videos:
                raise InvalidInputError(
                    f"The experiment {self.id!r} is about videos, and the layout {source.layout!r} of "
                    f"{str(source.data)!r} holds pictures. Choose a dataset with the layout ucsd, avenue or subway."
                )
        for name in request.variants if self.variants else ():
            if name not in self.variants:
                raise UnknownNameError("variant of this experiment called", name, self.variants)
        return self.answer(request, self).write(request.output, self.id)


def experiment(
    name: str, answer: Callable[[Request, Experiment], Report], *, variants: Sequence[str] = (), **kind: bool
) -> Experiment:
    """Return an entry of the registry with its words from the catalogue."""
    fields: dict[str, Any] = _catalogue()[name] | kind
    return Experiment(id=name, answer=answer, variants=tuple(variants), **fields)


@functools.cache
def _catalogue() -> dict[str, dict[str, Any]]:
    return tomllib.loads((files(__package__) / "catalogue.toml").read_text(encoding="utf-8"))
