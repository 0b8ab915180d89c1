"""Which inspected files are flagged at a false discovery rate, and what is said of that."""

from dataclasses import replace

import numpy as np
import pytest

from tests.conftest import write_picture
from tests.training.test_limits import record_of
from xai_ad.data.specs import Subject
from xai_ad.errors import Cancelled, InvalidInputError
from xai_ad.inspection.batch import inspect_files
from xai_ad.inspection.discovering import discovered, discovery_lines, require_discoverable
from xai_ad.inspection.judging import stated
from xai_ad.metrics.conformal import discoveries
from xai_ad.presentation.report import InspectedFile
from xai_ad.presentation.words import WORDING
from xai_ad.store import JudgedImage, add_calibration, load_calibration

PART = WORDING[Subject.PART]
RECORD = record_of([float(score) for score in range(1, 40)], threshold=30.0)


def rows_of(*scores):
    return [stated(InspectedFile(path=str(score), score=score), RECORD) for score in scores]


def test_flagged_is_over_all_that_were_judged():
    rows = [*rows_of(50.0, 60.0, 3.0, 41.0), InspectedFile(path="broken", error="unreadable")]
    rows.insert(1, stated(InspectedFile(path="clip", score=90.0, frame=7), RECORD))
    found = discovered(rows, 0.05)
    values = [1 / 40, 1 / 40, 38 / 40, 1 / 40]
    assert [row.score_p_value for row in found] == [values[0], None, *values[1:], None]
    assert [row.is_discovery for row in found] == [True, None, True, False, True, None]
    assert [replace(row, is_discovery=None) for row in found] == rows


def test_what_is_promised_is_said_with_its_condition():
    (line,) = discovery_lines(discovered(rows_of(50.0, 60.0, 3.0), 0.05), 0.05, RECORD, PART)
    assert line == (
        "2 of 3 pictures flagged (is_discovery): on average at most 5 % of those flagged are normal, as long as normal "
        "ones are like the 39 good calibration parts of the limit."
    )


def test_where_nothing_could_be_flagged_it_is_said_why():
    told = list(discovery_lines(discovered(rows_of(50.0), 0.02), 0.02, RECORD, PART))
    assert told[1] == "Nothing can be flagged at 2 %: that takes at least 49 good calibration parts."
    told = list(discovery_lines(discovered(rows_of(50.0, *[1.0] * 9), 0.05), 0.05, RECORD, PART))
    assert told[1].startswith("With 39 good calibration parts, 5 of 10 must score higher than all of them")
    assert len(list(discovery_lines([InspectedFile(path="broken", error="no")], 0.05, RECORD, PART))) == 1


@pytest.mark.parametrize(
    ("rate", "record", "frames", "told"),
    [
        (0.0, RECORD, 1, "between 0 and 1"),
        (1.0, RECORD, 1, "between 0 and 1"),
        (0.05, RECORD, 8, "single pictures"),
        (0.05, replace(RECORD, clips=(20, 19)), 1, "single pictures"),
        (0.05, record_of([], [3.0]), 1, "'drawn' has none"),
    ],
)
def test_what_has_no_p_values_is_refused(rate, record, frames, told):
    with pytest.raises(InvalidInputError, match=told):
        require_discoverable(rate, record, frames=frames)


@pytest.fixture
def model(stored_model):
    """A model whose limit rests on 30 normal images, that score below most pictures of noise."""
    record = load_calibration(stored_model)
    images = tuple(
        JudgedImage(score=0.001 * rank, label=0, kind="good", sha256=f"{rank:064}") for rank in range(1, 31)
    )
    return add_calibration(stored_model, replace(record, id="many", images=images))


def test_files_are_flagged_where_it_is_asked_for_and_only_there(model, tmp_path):
    paths = [
        write_picture(tmp_path / "parts" / f"{index}.png", index, bright=index % 2 == 0) for index in range(6)
    ]
    plain = inspect_files(model.path, paths, tmp_path / "plain")
    assert {row.is_discovery for row in plain} == {None}
    assert "is_discovery" not in (tmp_path / "plain" / "results.json").read_text()
    rows = inspect_files(model.path, paths, tmp_path / "out", fdr=0.5)
    expected = [(1 + sum(0.001 * rank >= row.score for rank in range(1, 31))) / 31 for row in rows]
    assert [row.score_p_value for row in rows] == expected
    assert [row.is_discovery for row in rows] == discoveries(np.array(expected), 0.5).tolist()
    assert "score_p_value,is_discovery" in (tmp_path / "out" / "results.csv").read_text().splitlines()[0]


def test_what_was_judged_before_an_interrupt_is_flagged_too(model, tmp_path):
    paths = [write_picture(tmp_path / "parts" / f"{index}.png", index) for index in range(3)]

    def stop(fraction):
        if fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        inspect_files(model.path, paths, tmp_path / "out", fdr=0.5, on_progress=stop)
    lines = (tmp_path / "out" / "results.csv").read_text().splitlines()[1:]
    assert [line.rpartition(",")[2] in {"True", "False"} for line in lines] == [True, True]


def test_a_rate_is_refused_before_anything_is_judged(model, tmp_path):
    without = add_calibration(model, replace(load_calibration(model), id="without", images=()))
    for rate, told in ((1.5, "between 0 and 1"), (0.05, "'without' has none")):
        with pytest.raises(InvalidInputError, match=told):
            inspect_files(without.path, [tmp_path / "none.png"], tmp_path / "out", fdr=rate)
    assert not (tmp_path / "out").exists()
