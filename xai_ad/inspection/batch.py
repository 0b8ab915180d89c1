"""Many files judged: images in batches, decoded ahead by some threads, and clips one after another."""

import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from itertools import groupby, islice
from pathlib import Path

import torch
from torch import Tensor

from xai_ad.data.fitting import Fit, Fitting, Size
from xai_ad.data.images import prepare, to_float
from xai_ad.data.reading import seen_part
from xai_ad.data.videos.stills import open_picture
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.familiarity import Familiarity
from xai_ad.detector.streams import BATCH_SIZE
from xai_ad.errors import Cancelled, DatasetError, ImageError, InvalidInputError, XaiAdError
from xai_ad.explain import Explainer
from xai_ad.inspection.clips import JudgingStopped, clips_and_images
from xai_ad.inspection.explaining import question
from xai_ad.inspection.judging import clip_row, frames_file, image_rows, inspect_clip, no_clip_row, stated
from xai_ad.inspection.likeness import squeezed_size
from xai_ad.inspection.scorings import find_calibration
from xai_ad.inspection.subject import Subject, open_still
from xai_ad.machine.locks import ANOTHER_OUTPUT, claim
from xai_ad.presentation.report import InspectedFile, path_text, write_inspection
from xai_ad.presentation.shapes import Fitted, fitted_as
from xai_ad.progress import Progress, part_of, silent
from xai_ad.store import Fingerprint, ModelCard, find_model, fingerprint, load, load_familiarity

READERS = min(4, os.cpu_count() or 1)
"""Threads that decode images ahead."""


@dataclass(frozen=True, kw_only=True, eq=False)
class _Read:
    path: Path
    pixels: Tensor | None = (
        None  # (C, H, W) uint8: threads that divided them would each bring threads of torch's
    )
    subject: Subject | None = None
    error: str | None = None
    fitted: Fitted = Fitted()  # noqa: RUF009  # frozen
    squeezed: Size | None = None


def judge_files(
    detector: AnomalyClassifier,
    card: ModelCard,
    paths: Iterable[Path],
    *,
    fit: Fitting = Fit.CROP,
    familiarity: Familiarity | None = None,
    keep: bool = False,
) -> Generator[tuple[InspectedFile, Subject | None], None, None]:
    """Yield the row of each image file, in order; what cannot be read has its error in it.

    `fit` is what is made of those whose shape is not the model's; with a `familiarity`, strangers are told. With
    `keep`, each comes with what was read of it, one at a time, else with None: decoded images are large. Raises
    `StoreError` where weights are damaged.
    """
    size = 1 if keep else BATCH_SIZE
    with closing(_read_ahead(card, iter(paths), fit, ahead=size + READERS, keep=keep)) as reads:
        while batch := list(islice(reads, size)):
            yield from _judged(detector, familiarity, batch)


def _judged(
    detector: AnomalyClassifier, familiarity: Familiarity | None, batch: Sequence[_Read]
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
        yield broken if read.pixels is None else _fitted(next(rows), read.fitted), read.subject


def _fitted(row: InspectedFile, fitted: Fitted) -> InspectedFile:
    """Return a row that says how its image was fitted, before whatever else it notes."""
    notes = [*filter(None, [fitted.note, row.note])]
    return replace(row, **{**asdict(fitted), "note": " ".join(notes) or None})


def inspect_files(
    model: str | Path,
    paths: Iterable[Path],
    output: Path,
    *,
    explainers: Sequence[Explainer] = (),
    fit: Fitting = Fit.CROP,
    score: str | None = None,
    on_progress: Progress = silent,
) -> list[InspectedFile]:
    """Judge files, clips and folders of them, explain the images, and write it all; return the rows, in order.

    `fit` is what is made of images and clips whose shape is not the model's. `score` is the stored calibration to judge
    by, its score or its id, in place of the active one. What was judged is written whatever ends the rest. Raises
    `DatasetError` where there are no files, `InvalidInputError` for explainers with a model of clips, and `InUseError`
    where another process writes into the folder.
    """
    stored = find_model(model)
    record = find_calibration(stored, score)
    detector, card = load(stored, calibration=record.id)
    if detector.grid.frames > 1 and explainers:
        raise InvalidInputError(
            f"The methods explain models of pictures, and {card.id!r} scores clips. Inspect without --method."
        )
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
    )
    rows: list[InspectedFile] = []
    with claim(output, inside=True, instead=ANOTHER_OUTPUT):
        try:
            with closing(batch.rows(files, on_progress)) as judged:
                for row in judged:
                    rows.append(stated(row, record))
                    on_progress(len(rows) / len(files))
        finally:  # what was judged is kept, whatever ends the rest
            write_inspection(output, rows, model=card.id)
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

    def rows(
        self, files: Sequence[tuple[Path, bool]], on_progress: Progress
    ) -> Generator[InspectedFile, None, None]:
        """Yield each file's row; of a clip that is interrupted, what was judged, and then the interrupt."""
        taken: set[str] = set()
        for is_clip, group in groupby(enumerate(files), key=lambda item: item[1][1]):
            numbered = [(index, path) for index, (path, _) in group]
            if is_clip:
                for _, path in numbered:
                    yield from self._clip(path, frames_file(self.output, path, taken))
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
        )
        with closing(reads) as judged:
            for (index, path), (row, subject) in zip(numbered, judged, strict=True):
                part = part_of(on_progress, index / count, (index + 1) / count)
                target = self.output / "explanations" / f"{index:04d}-{path.stem}"
                yield row if subject is None else self._explained(row, subject, target, part)

    def _clip(self, path: Path, frames: Path) -> Iterator[InspectedFile]:
        try:
            yield inspect_clip(self.detector, self.card, path, frames, self.fit, familiarity=self.familiarity)
        except JudgingStopped as stop:
            fitted = fitted_as(stop.clip.size, self.card, self.fit)
            yield clip_row(self.detector.calibration, stop.clip, path, frames, fitted)
            raise

    def _explained(
        self, row: InspectedFile, subject: Subject, target: Path, on_progress: Progress
    ) -> InspectedFile:
        """Explain an image by each method; what one refuses stands in the row, and ends the others."""
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


def _read_ahead(
    card: ModelCard, paths: Iterator[Path], fit: Fitting, *, ahead: int, keep: bool
) -> Generator[_Read, None, None]:
    """Yield what is read of files, in order, some threads being up to `ahead` files further."""
    waiting: deque[Future[_Read]] = deque()
    readers = ThreadPoolExecutor(READERS, thread_name_prefix="images")
    try:
        for path in paths:
            waiting.append(readers.submit(_read, path, card, fit, keep=keep))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        readers.shutdown(cancel_futures=True)


def _read(path: Path, card: ModelCard, fit: Fitting, *, keep: bool) -> _Read:
    try:
        if keep:
            subject = open_still(path, card, fit)
            return _Read(
                path=path,
                pixels=subject.pixels,
                subject=subject,
                fitted=subject.fitted,
                squeezed=subject.squeezed,
            )
        picture = open_picture(path).pixels
        size = picture.height, picture.width
        seen = seen_part(size, card, fit)
        pixels = prepare(picture, card.preprocessing, seen)
    except ImageError as error:
        return _Read(path=path, error=str(error))
    squeezed = squeezed_size(size, seen, card)
    return _Read(path=path, pixels=pixels, fitted=fitted_as(size, card, fit), squeezed=squeezed)
