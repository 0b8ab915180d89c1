"""Many files judged: images in batches, decoded ahead by some threads, and clips one after another."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby, islice
from pathlib import Path

import torch

from xai_ad.data.fitting import Fit, Fitting
from xai_ad.data.images import to_float
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.familiarity import Familiarity
from xai_ad.detector.streams import BATCH_SIZE
from xai_ad.errors import Cancelled, DatasetError, XaiAdError
from xai_ad.explain import Explainer
from xai_ad.inspection.clips import JudgingStopped, clips_and_images
from xai_ad.inspection.discovering import discovered, require_discoverable
from xai_ad.inspection.explaining import question
from xai_ad.inspection.judging import (
    clip_row,
    frames_file,
    image_rows,
    inspect_clip,
    no_clip_row,
    noted,
    stated,
)
from xai_ad.inspection.reading import READERS, Levels, Read, levels_of, read_ahead, read_file
from xai_ad.inspection.scorings import find_calibration
from xai_ad.inspection.subject import Subject, open_subject
from xai_ad.machine.locks import ANOTHER_OUTPUT, claim
from xai_ad.presentation.report import InspectedFile, path_text, write_inspection
from xai_ad.presentation.shapes import fitted_as
from xai_ad.progress import Progress, part_of, silent
from xai_ad.store import Fingerprint, ModelCard, find_model, fingerprint, load, load_familiarity


def judge_files(
    detector: AnomalyClassifier,
    card: ModelCard,
    paths: Iterable[Path],
    *,
    fit: Fitting = Fit.CROP,
    familiarity: Familiarity | None = None,
    keep: bool = False,
    levels: Levels | None = None,
) -> Generator[tuple[InspectedFile, Subject | None], None, None]:
    """Yield the row of each image file, in order; what cannot be read has its error in it.

    `fit` is what is made of those whose shape is not the model's, `levels` which value is white in those of more than 8
    bits a pixel; with a `familiarity`, strangers are told. With `keep`, each comes with what was read of it, one at a
    time, else with None: decoded images are large. Raises `StoreError` where weights are damaged.
    """
    size = 1 if keep else BATCH_SIZE
    with closing(
        read_ahead(
            partial(read_file, card=card, fit=fit, keep=keep, levels=levels or Levels()),
            iter(paths),
            ahead=size + READERS,
        )
    ) as reads:
        while batch := list(islice(reads, size)):
            yield from _judged(detector, familiarity, batch)


def _judged(
    detector: AnomalyClassifier, familiarity: Familiarity | None, batch: Sequence[Read]
) -> Iterator[tuple[InspectedFile, Subject | None]]:
    whole = [read.pixels for read in batch if read.pixels is not None]
    sizes = [read.squeezed for read in batch if read.pixels is not None]
    paths = [read.path for read in batch if read.pixels is not None]
    rows: Iterator[InspectedFile] = iter(())
    if whole:
        images = to_float(torch.stack(whole))
        likenesses = None if familiarity is None else familiarity.judge_many(images, sizes)
        rows = image_rows(paths, detector.predict(images), detector.calibration, likenesses)
    for read in batch:
        broken = InspectedFile(path=path_text(read.path), error=read.error)
        yield broken if read.pixels is None else _fitted(next(rows), read), read.subject


def _fitted(row: InspectedFile, read: Read) -> InspectedFile:
    """Return a row that says how its image was read and fitted, before whatever else it notes."""
    told = noted(row, read.note, read.fitted.note)
    return replace(told, shape=read.fitted.shape, fit=read.fitted.fit)


def inspect_files(
    model: str | Path,
    paths: Iterable[Path],
    output: Path,
    *,
    explainers: Sequence[Explainer] = (),
    fit: Fitting = Fit.CROP,
    score: str | None = None,
    levels: int | None = None,
    fdr: float | None = None,
    on_progress: Progress = silent,
    on_note: Callable[[str], None] = lambda _: None,
) -> list[InspectedFile]:
    """Judge files, clips and folders of them, explain images and each clip's highest frame; return the rows, in order.

    `fit` is what is made of images and clips whose shape is not the model's. `score` is the stored calibration to judge
    by, its score or its id, in place of the active one. `levels` is the value that is white in files of more than 8
    bits a pixel; without it the images' own values decide, all of them together, and `on_note` is told. With a false
    discovery rate `fdr`, the rows say which are flagged at it. What was judged is written whatever ends the rest. Raises
    `DatasetError` where there are no files, `InUseError` where another process writes into the folder, and
    `InvalidInputError` for a rate outside (0, 1) or a model whose scores have no p-values.
    """
    stored = find_model(model)
    record = find_calibration(stored, score)
    detector, card = load(stored, calibration=record.id)
    if fdr is not None:
        require_discoverable(fdr, record, frames=detector.grid.frames)
    paths = list(paths)
    files = list(clips_and_images(paths, card))
    if not files:
        raise DatasetError(f"No files in {', '.join(map(str, paths))}.")
    batch = _Batch(
        detector=detector,
        card=card,
        model=fingerprint(stored, record.id),
        output=output,
        explainers=tuple(dict.fromkeys(explainers)),
        fit=fit,
        familiarity=load_familiarity(stored),
        levels=levels_of(files, card, levels, on_note),
    )
    rows: list[InspectedFile] = []
    with claim(output, inside=True, instead=ANOTHER_OUTPUT):
        try:
            with closing(batch.rows(files, on_progress)) as judged:
                for row in judged:
                    rows.append(stated(row, record))
                    on_progress(len(rows) / len(files))
        finally:  # what was judged is kept, whatever ends the rest
            if fdr is not None:
                rows = discovered(rows, fdr)
            write_inspection(output, rows, model=card.id, flagged=fdr is not None)
    return rows


@dataclass(frozen=True, kw_only=True, eq=False)
class _Batch:
    detector: AnomalyClassifier
    card: ModelCard
    model: Fingerprint
    output: Path
    explainers: tuple[Explainer, ...]
    fit: Fitting
    familiarity: Familiarity | None
    levels: Levels

    def rows(
        self, files: Sequence[tuple[Path, bool]], on_progress: Progress
    ) -> Generator[InspectedFile, None, None]:
        """Yield each file's row; of a clip that is interrupted, what was judged, and then the interrupt."""
        taken: set[str] = set()
        for is_clip, group in groupby(enumerate(files), key=lambda item: item[1][1]):
            numbered = [(index, path) for index, (path, _) in group]
            if is_clip:
                for index, path in numbered:
                    part = part_of(on_progress, index / len(files), (index + 1) / len(files))
                    frames = frames_file(self.output, path, taken)
                    yield from self._clip(path, frames, self._target(index, path), part)
            elif self.detector.grid.frames > 1:
                yield from (no_clip_row(path, self.detector.grid.frames) for _, path in numbered)
            else:
                yield from self._images(numbered, len(files), on_progress)

    def _images(
        self, numbered: Sequence[tuple[int, Path]], count: int, on_progress: Progress
    ) -> Iterator[InspectedFile]:
        paths = [path for _, path in numbered]
        reads = judge_files(
            self.detector,
            self.card,
            paths,
            fit=self.fit,
            familiarity=self.familiarity,
            keep=bool(self.explainers),
            levels=self.levels,
        )
        with closing(reads) as judged:
            for (index, path), (row, subject) in zip(numbered, judged, strict=True):
                part = part_of(on_progress, index / count, (index + 1) / count)
                yield (
                    row if subject is None else self._explained(row, subject, self._target(index, path), part)
                )

    def _clip(self, path: Path, frames: Path, target: Path, on_progress: Progress) -> Iterator[InspectedFile]:
        try:
            row = inspect_clip(
                self.detector,
                self.card,
                path,
                frames,
                self.fit,
                familiarity=self.familiarity,
                levels=self.levels.given,
            )
        except JudgingStopped as stop:
            fitted = fitted_as(stop.clip.size, self.card, self.fit)
            yield clip_row(self.detector.calibration, stop.clip, path, frames, fitted)
            raise
        try:
            row = self._clip_explained(row, path, target, on_progress)
        finally:  # the clip stays judged, whatever ends its explanation
            yield row

    def _clip_explained(
        self, row: InspectedFile, path: Path, target: Path, on_progress: Progress
    ) -> InspectedFile:
        """Explain a clip's highest frame, among those that a network sees with it; not of one that broke off."""
        if not self.explainers or row.frame is None or row.error:
            return row
        try:
            subject = open_subject(
                path, self.detector, self.card, frame=row.frame, fit=self.fit, levels=self.levels.given
            )
        except XaiAdError as error:
            return replace(row, error=str(error))
        return self._explained(row, subject, target, on_progress)

    def _target(self, index: int, path: Path) -> Path:
        return self.output / "explanations" / f"{index:04d}-{path.stem}"

    def _explained(
        self, row: InspectedFile, subject: Subject, target: Path, on_progress: Progress
    ) -> InspectedFile:
        """Explain an image or a frame by each method; what one refuses stands in the row, and ends the others."""
        count = len(self.explainers)
        try:
            for place, explainer in enumerate(self.explainers):
                asked = question(self.detector, self.model, subject, explainer, familiarity=self.familiarity)
                part = part_of(on_progress, place / count, (place + 1) / count)
                asked.write(asked.answer(part), target / explainer.id)
        except Cancelled:
            raise
        except XaiAdError as error:
            return replace(row, error=str(error))
        return row
