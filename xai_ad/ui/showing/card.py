"""The verdict's card: what is said of one case, and the figures behind it."""

from xai_ad.data.specs import DatasetSpec, Subject, dataset_spec
from xai_ad.detector.calibration import State
from xai_ad.inspection.cases import Case
from xai_ad.inspection.image_files import decoded, size_of
from xai_ad.inspection.judgement import Judgement
from xai_ad.presentation.judgement import caption, caution, details, histogram
from xai_ad.presentation.rates import error_rates
from xai_ad.presentation.strangers import advice, rank
from xai_ad.presentation.words import (
    HEADLINES,
    MEASURES,
    NO_DIAGNOSIS,
    TIMES,
    WORDING,
    figure,
    look_of,
    verdict_word,
)
from xai_ad.store import CalibrationRecord
from xai_ad.ui.components.verdict import BinData, DetailData, FileData, VerdictData


def card_of(case: Case) -> VerdictData:
    """Return the card of a case."""
    model = case.model
    data = verdict_data(case.judgement, model.record, model.card.subject)
    data["file"] = _file(case)
    data["rates"] = error_rates(model.evaluated, model.record.calibration.threshold, model.card.subject)
    if case.likeness is not None and case.judgement.state is State.STRANGER:
        spec = _spec(case)
        usual = model.classifier.references.mean
        data["advice"] = advice(case.likeness, spec, case.still, usual)
        count = 0 if model.familiarity is None else len(model.familiarity.distances)
        data["caption"] = rank(case.likeness, count)
        data["rates"] = data["caution"] = ""
    return data


def verdict_data(judgement: Judgement, record: CalibrationRecord, subject: Subject) -> VerdictData:
    """Return what follows from a judgement and its calibration alone; all scores are in multiples of the limit."""
    wording, limit = WORDING[subject], record.calibration.threshold
    score = judgement.score / limit
    low, high = judgement.limit_low / limit, judgement.limit_high / limit
    unsure = judgement.limit_low < judgement.limit_high
    return VerdictData(
        verdict=verdict_word(judgement.state, wording),
        state=str(judgement.state),
        look=look_of(judgement.state, subject),
        headline=HEADLINES.get(judgement.state, ""),
        file=FileData(name="", detail=""),
        score=score,
        limit=1.0,
        score_label="the limit",
        interval=[low, high] if unsure else None,
        disclaimer=NO_DIAGNOSIS if subject is Subject.LESION else "",
        advice=[],
        caption=caption(judgement.score, record, wording),
        rates="",
        caution=caution(record, wording),
        details=[
            DetailData(label="Score measures", value=MEASURES[record.calibration.scoring.score]),
            *(
                DetailData(label=label, value=value)
                for label, value in details(judgement.score, record, wording)
            ),
            *([_interval(low, high)] if unsure else []),
        ],
        bins=[
            BinData(start=bar.start, end=bar.end, normal=bar.normal, abnormal=bar.abnormal, open=bar.open)
            for bar in histogram(record)
        ],
        normal_word=wording.normal_images,
        abnormal_word=wording.abnormal_images,
    )


def _interval(low: float, high: float) -> DetailData:
    value = f"{figure(low)} to {figure(high)} times this one"
    return DetailData(
        label="The limit as other calibration pictures would set it, 90\N{NO-BREAK SPACE}% sure", value=value
    )


def _file(case: Case) -> FileData:
    size = len(case.image_file.content)
    weight = f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{max(1, round(size / 2**10))} kB"
    height, width = size_of(case.image_file)
    told = [f"{width} {TIMES} {height} pixels, {weight}."]
    if case.image_file.levels is not None:
        told.append(f"White is {case.image_file.levels}.")
    note = decoded(case.image_file).note
    detail = " ".join(filter(None, [*told, note]))
    return FileData(name=case.image_file.name, detail=detail if len(told) > 1 or note else detail.rstrip("."))


def _spec(case: Case) -> DatasetSpec:
    card = case.model.card
    return dataset_spec(card.dataset, subject=card.subject)
