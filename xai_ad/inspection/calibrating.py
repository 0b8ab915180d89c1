"""A model's new threshold, from a dataset."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from xai_ad.data.layouts import NORMAL, Protocol, read_dataset, split_dataset
from xai_ad.data.loading import load_pixels, proportions_of
from xai_ad.detector.scores import Score
from xai_ad.errors import InvalidInputError
from xai_ad.presentation.shapes import squeezed_note
from xai_ad.progress import Progress, part_of, silent
from xai_ad.store import (
    CalibrationProtocol,
    CalibrationRecord,
    add_calibration,
    find_model,
    load_calibration,
    load_familiarity,
    load_network,
    record_calibration,
    record_familiarity,
    require_unclaimed,
)
from xai_ad.training.calibration import calibrate, usual_quantile
from xai_ad.training.familiarity import familiarity_from


def recalibrate(
    model: str | Path,
    data: Path,
    layout: str,
    *,
    protocol: CalibrationProtocol = CalibrationProtocol.HELD_OUT,
    quantile: float | None = None,
    score: Score | None = None,
    beside: bool = False,
    levels: int | None = None,
    on_progress: Progress = silent,
    on_note: Callable[[str], None] = lambda _: None,
) -> CalibrationRecord:
    """Calibrate a model anew, make that the active calibration, and return it; older ones are kept.

    With `beside` it is stored in the model's own folder, and the active one stays what it is. Without a `score` the
    model is judged by the score that it has. `levels` is the value that is white in pictures of more than 8 bits a
    pixel, where it was given. `on_note` is told in a line where the dataset's images have another shape than the model's.

    A card that does not know yet what shape its images had learns it, where the dataset is the one that it names; a
    model of one's own that cannot tell strangers yet is fitted to the split's training images.

    Raises `InvalidInputError` for a `quantile` whose protocol is another, and as reading the data and calibrating do.
    """
    if protocol is CalibrationProtocol.MANUAL:
        raise InvalidInputError(
            "A limit that a person sets needs no data. Give --threshold, --reason and --by."
        )
    by_clip = protocol is CalibrationProtocol.CLIP_QUANTILE
    by_quantile = by_clip or protocol is CalibrationProtocol.NORMAL_QUANTILE
    if quantile is not None and not by_quantile:
        raise InvalidInputError(
            f"A --quantile needs --protocol normal-quantile or clip-quantile. Got --protocol {protocol}."
        )
    stored = find_model(model)
    require_unclaimed(stored)
    split_by = Protocol.HELD_OUT if by_quantile else Protocol(protocol)
    dataset = read_dataset(
        data,
        layout,
        levels=levels,
        assumed=stored.card.preprocessing.levels,
        left_out=stored.card.split.left_out,
    )
    split = split_dataset(dataset, split_by)
    shape = proportions_of(dataset, split.calibration)
    if note := squeezed_note(shape, stored.card):
        on_note(note)
    normals = sum(sample.label == NORMAL for sample in split.calibration)
    if by_quantile and not by_clip and quantile is None:
        quantile = usual_quantile(normals)
    scoring = load_calibration(stored).calibration.scoring
    record = calibrate(
        load_network(stored),
        split.calibration,
        load_pixels(split.calibration, stored.card.preprocessing, on_progress=part_of(on_progress, 0.0, 0.5)),
        protocol=split_by,
        scoring=scoring if score is None else replace(scoring, score=score),
        quantile=quantile,
        by_clip=by_clip,
        on_progress=part_of(on_progress, 0.5, 1.0),
    )
    if beside:
        record_calibration(stored, record)
        return record
    learns = stored.card.photograph is None and dataset.name == stored.card.dataset
    stored = add_calibration(stored, record, photograph=shape if learns else None)
    if not stored.is_shipped and load_familiarity(stored) is None:  # of an older version: it learns it
        familiarity = familiarity_from(split, stored.card)
        if familiarity is not None:
            record_familiarity(stored, familiarity)
    return record
