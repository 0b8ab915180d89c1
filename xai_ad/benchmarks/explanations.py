"""`benchmark explanations`: how good every method's explanations are, and rivals' of the same pictures."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar, TypeAlias

import numpy as np

from xai_ad.benchmarks.asking import Asked, asked_about
from xai_ad.benchmarks.base import BenchmarkResult, CasesBenchmark, Row
from xai_ad.benchmarks.explanations_page import around, write_section
from xai_ad.benchmarks.maps import Method, Own, Picture
from xai_ad.benchmarks.measuring import Figures, figures_of, mask_of
from xai_ad.benchmarks.rivals import RIVALS, rivals_by_shapiq
from xai_ad.data.images import Preprocessing
from xai_ad.data.layouts import ANOMALOUS, Sample, read_dataset, split_dataset
from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.explain import EXPLAINERS
from xai_ad.explain.base import raw_score
from xai_ad.explain.frames import frame_of
from xai_ad.explain.results import map_of
from xai_ad.fields import whole
from xai_ad.inspection.explainers import explainer_here
from xai_ad.inspection.methods import default_method
from xai_ad.inspection.scorings import find_calibration
from xai_ad.metrics.localisation import hits, localisation, strongest
from xai_ad.progress import Progress, each, part_of, silent
from xai_ad.store import StoredModel, find_model, fingerprint, load, record_explanations, require_unclaimed
from xai_ad.store.measured import FIGURES, MeasuredExplanations, MeasuredMethod

Ask: TypeAlias = Callable[[Sample], Asked]
DIGITS = 4
RANDOMISED = 3
"""On so many pictures the weights are shuffled: what a map owes to them differs little from one picture to the next."""


@dataclass(frozen=True, kw_only=True)
class ExplanationsBenchmark(CasesBenchmark):
    """Every method on anomalous test images that the model finds, one of each kind in turns, drawn by the seed.

    Of a model of clips they are frames, each in the window in which its clip is scored: where a map points is read off
    that frame, what it is worth for the score off the window.

    `calibration` is the id of a stored one, or a score's name; the active one by default. With `record` the figures go
    into the model's folder: from them the methods' order comes. Maps are kept in the user's own folder, so that an
    interrupted run goes on where it stood. `shapiq` is a Python that has shapiq. `page` is a Markdown file with two marks of the model's to write the tables between.
    """

    id: ClassVar[str] = "explanations"
    sentence: ClassVar[str] = (
        "Explanations of anomalous images that the model finds: place, effect on the score, and whether they hold."
    )

    images: int = whole(30, low=1)
    seed: int = whole(0, low=0)
    calibration: str | None = None
    masks: Path | None = None
    """A file of annotations, or a folder of masks, in place of the dataset's own."""
    record: bool = False
    repeats: int = whole(30, low=0)
    """On how many of the images, the first, methods are asked again in full, with noise and another seed: most of the time."""
    rivals: int = whole(0, low=0)
    """How many of the images, the first, other libraries explain."""
    shapiq: str | None = None
    page: Path | None = None
    methods: str = ""
    """Only these methods, their ids with commas between; all where nothing stands here."""
    defaults: bool = False
    """Only what is shown first, of every image that the model finds, and only where it points."""

    def run(self, *, on_progress: Progress = silent) -> BenchmarkResult:
        """Return a row for each figure of each method.

        Raises `BenchmarkError`, before anything is measured, for a page that nothing can be written into.
        """
        stored = find_model(self.model)
        own, others, remarks = self._methods()
        if self.record and self.methods:
            raise InvalidInputError(
                f"The order of methods takes all of them. Leave out 'methods', {self.methods!r}, or --record."
            )
        if self.page is not None:
            around(self.page, stored.card)
        if self.record:
            require_unclaimed(stored)
        chosen = find_calibration(stored, self.calibration)
        classifier, card = load(stored, calibration=chosen.id)
        test = split_dataset(read_dataset(self.data, self.layout, masks=self.masks)).test
        ask = partial(asked_about, classifier, among=test, preprocessing=card.preprocessing)
        found = self._found(test, ask, card.preprocessing)
        if self.defaults:
            method = default_method(stored, chosen.calibration.scoring.score)
            return shown_first(ask, card.preprocessing, method, tuple(found), on_progress=on_progress)
        if self.rivals and classifier.network.frames > 1:
            raise InvalidInputError(
                f"Rivals explain pictures, and the model {card.id!r} sees clips. Leave 'rivals' out."
            )
        samples = tuple(itertools.islice(found, self.images))
        if not samples:
            raise InvalidInputError(
                f"The model {card.id!r} finds no anomalous test image of {str(self.data)!r}: there is nothing to measure on."
            )
        pictures = self._pictures(stored, ask, chosen.id, samples)
        masks = [mask_of(sample, card.preprocessing) for sample in samples]
        share = len(own) / (len(own) + len(others))
        measured = MeasuredExplanations(
            calibration=chosen.id,
            score=chosen.calibration.scoring.score,
            seed=self.seed,
            images=tuple(sample.sha256 for sample in samples),
            kinds=tuple(sample.kind for sample in samples),
            groups=tuple(sample.group or sample.sha256 for sample in samples),
            methods=self._measured(
                own, pictures, masks, part_of(on_progress, 0.0, share), repeats=self.repeats
            ),
        )
        if self.record:
            record_explanations(stored, measured)
        theirs = self._measured(
            others, pictures[: self.rivals], masks, part_of(on_progress, share, 1.0), repeats=0
        )
        together = MeasuredExplanations(**{**vars(measured), "methods": (*measured.methods, *theirs)})
        if self.page is not None:
            titles = {method.id: method.title for method in (*own, *others)}
            write_section(self.page, stored.card, together, titles, tuple(method.id for method in others))
        return BenchmarkResult(
            rows=tuple(rows_of(together, model=card.id, dataset=card.dataset)), remarks=tuple(remarks)
        )

    def _methods(self) -> tuple[tuple[Method, ...], tuple[Method, ...], list[str]]:
        """Return this package's methods, the rivals, and what is left out; raises `UnknownNameError` for no method."""
        asked = [name.strip() for name in self.methods.split(",")] if self.methods else list(EXPLAINERS)
        for name in asked:
            if name not in EXPLAINERS:
                raise UnknownNameError("method", name, EXPLAINERS)
        own = tuple(Own.of(explainer_here(method)) for method in EXPLAINERS if method in asked)
        if not self.rivals:
            return own, (), []
        if self.shapiq is None:
            return (
                own,
                RIVALS,
                ["shapiq's estimators are left out: no 'shapiq' names a Python that has them."],
            )
        return own, (*RIVALS, *rivals_by_shapiq(self.shapiq)), []

    def _pictures(
        self, stored: StoredModel, ask: Ask, calibration: str, samples: Sequence[Sample]
    ) -> list[Picture]:
        made = fingerprint(stored, calibration)
        of_model = f"{made.weights} {made.network} {made.references} {made.calibration}"
        return [
            Picture(*ask(sample), name=f"{of_model} {sample.sha256}", seed=self.seed) for sample in samples
        ]

    def _measured(
        self,
        methods: Sequence[Method],
        pictures: Sequence[Picture],
        masks: Sequence[np.ndarray | None],
        on_progress: Progress,
        *,
        repeats: int,
    ) -> tuple[MeasuredMethod, ...]:
        """Return what methods come to on every picture; picture after picture, so that what is kept is of all of them."""
        found: list[list[Figures]] = [[] for _ in methods]
        for place, part in each(range(len(pictures)), on_progress):
            for figures, (method, within) in zip(found, each(methods, part), strict=True):
                figures.append(
                    figures_of(
                        pictures[place],
                        method,
                        masks[place],
                        repeated=place < repeats,
                        randomised=place < min(repeats, RANDOMISED),
                    )
                )
                within(1.0)
        return tuple(_together(method.id, figures) for method, figures in zip(methods, found, strict=True))

    def _found(self, test: Sequence[Sample], ask: Ask, preprocessing: Preprocessing) -> Iterator[Sample]:
        """Yield anomalous test images that the model finds; only those with a marked defect, if any has one."""
        anomalous = [sample for sample in test if sample.label == ANOMALOUS]
        marked = [sample for sample in anomalous if sample.is_marked]
        for sample in in_random_turns(marked or anomalous, self.seed):
            if marked and mask_of(sample, preprocessing) is None:
                continue
            classifier, image = ask(sample)
            score = raw_score(classifier, image)
            if classifier.calibration.is_anomalous(score):
                yield sample


def shown_first(
    ask: Ask,
    preprocessing: Preprocessing,
    method: str,
    samples: Sequence[Sample],
    *,
    on_progress: Progress = silent,
) -> BenchmarkResult:
    """Return a row for each marked image: whether a method shows anything of it, and whether it points at the mask."""
    rows: list[Row] = []
    explainer = explainer_here(method)
    for sample, part in each(samples, on_progress):
        mask = mask_of(sample, preprocessing)
        if mask is not None:
            classifier, image = ask(sample)
            values = map_of(explainer.explain(classifier, image), frame_of(classifier))
            rows.append(
                {
                    "image": f"{sample.kind}/{sample.path.stem}",
                    "method": method,
                    "shows": int(bool(strongest(values).any())),
                    "hits": int(hits(values, mask)),
                    "localisation": localisation(values, mask),
                }
            )
        part(1.0)
    if not rows:
        raise InvalidInputError("No image that the model finds has a mask to compare with.")
    hit = sum(bool(row["hits"]) for row in rows)
    return BenchmarkResult(
        rows=tuple(rows),
        figures={"method": method, "share": hit / len(rows)},
        remarks=(
            f"The strongest tenth of {method} overlaps the mask in {hit} of {len(rows)} ({hit / len(rows):.0%}).",
        ),
        rows_are="images",
    )


def in_random_turns(samples: Sequence[Sample], seed: int) -> Iterator[Sample]:
    """Yield samples in random order, one of each kind in turns; of a kind, one of each group (a clip, a lesion) in turns."""
    rng = np.random.default_rng(seed)
    kinds: dict[str, dict[str, list[Sample]]] = {}
    for index in rng.permutation(len(samples)).tolist():
        sample = samples[index]
        kinds.setdefault(sample.kind, {}).setdefault(sample.group or "", []).append(sample)
    yield from _in_turns([list(_in_turns(kinds[kind].values())) for kind in sorted(kinds)])


def _in_turns(groups: Iterable[Sequence[Sample]]) -> Iterator[Sample]:
    for turn in itertools.zip_longest(*groups):
        yield from filter(None, turn)


def rows_of(measured: MeasuredExplanations, *, model: str, dataset: str) -> Iterator[Row]:
    """Yield a row for each figure of each method: the median over the images, or the mean, with its interval."""
    for method in measured.methods:
        for name in FIGURES:
            figure = measured.figure(method.method, name)
            if figure is not None:
                yield {
                    "model": model,
                    "dataset": dataset,
                    "method": method.method,
                    "metric": name,
                    "median": figure.value,
                    "low": figure.low,
                    "high": figure.high,
                    "n": figure.n,
                }


def _together(method: str, found: Sequence[Figures]) -> MeasuredMethod:
    """Return the figures of every picture; of those that only the first pictures have, as many as there are."""
    values = {
        name: tuple(
            None if (value := figures[name]) is None else round(value, DIGITS)
            for figures in found
            if name in figures
        )
        for name in FIGURES
    }
    return MeasuredMethod(method=method, **values)
