"""What is taken away of a comparison says what the page says: verdicts, figures, and questions that can be asked again."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from xai_ad.data.specs import Subject
from xai_ad.explain import CounterfactualSearch, Lime, Residual
from xai_ad.inspection.cases import Outcome
from xai_ad.inspection.comparing import Comparison, Row, compare
from xai_ad.inspection.comparison_files import (
    comparison_csv,
    comparison_html,
    comparison_json,
    comparison_png,
    write_comparison,
)
from xai_ad.inspection.comparison_sheets import NO_DIAGNOSIS, TIMES, pictures_of_cells, sheet_of
from xai_ad.inspection.engines.base import JobState
from xai_ad.inspection.image_files import make_image_file
from xai_ad.inspection.pictures import View
from xai_ad.inspection.request import Request
from xai_ad.presentation.comparison.sheet import Mark, Tone
from xai_ad.presentation.render import encode_png, to_image
from xai_ad.presentation.trust import trust_line
from xai_ad.store import StoredModel

METHODS = (Residual(), Lime(budget=32, n_segments=8), CounterfactualSearch(grid=2))


def picture(seed=0, *, width=160):
    generator = torch.Generator().manual_seed(seed)
    return encode_png(to_image(torch.rand(3, 128, width, generator=generator)))


@pytest.fixture
def comparison(square_model) -> Comparison:
    return compare([square_model], make_image_file("part 1.png", picture()), METHODS)


def test_a_picture_far_wider_than_high_is_drawn_at_least_a_pixel_high(square_model):
    noise = encode_png(to_image(torch.rand(3, 8, 14000, generator=torch.Generator().manual_seed(0))))
    found = compare([square_model], make_image_file("wide.png", noise), [Residual()])
    assert found.rows[0].error is None
    assert comparison_png(found, View()).startswith(b"\x89PNG")


def with_cells(comparison, *outcomes):
    """The comparison with its first row's outcomes replaced, as far as they are given."""
    (row,) = comparison.rows
    cells = [replace(cell, outcome=outcome) for cell, outcome in zip(row.cells, outcomes, strict=False)]
    return replace(comparison, rows=(replace(row, cells=(*cells, *row.cells[len(cells) :])),))


def told(lines):
    return " ".join(line.text for line in lines)


def test_a_row_is_headed_by_the_verdict_and_the_score_against_its_limit(comparison):
    (row,) = comparison.rows
    heading = sheet_of(comparison, View()).rows[0].heading
    assert (heading.verdict, heading.look) == ("FAIL", "fail")
    times = row.case.score / row.case.model.record.calibration.threshold
    assert heading.lines[0].text == f"{times:.2f} {TIMES} the limit"
    assert "widget-bcae1" in told(heading.lines)


def test_lesions_are_atypical_and_no_diagnosis(square_model):
    lesion = StoredModel(path=square_model.path, card=replace(square_model.card, subject=Subject.LESION))
    found = compare([lesion], make_image_file("mole.png", picture(1)), METHODS[:1])
    sheet = sheet_of(found, View())
    assert sheet.rows[0].heading.verdict == "ATYPICAL"
    assert sheet.caution == NO_DIAGNOSIS
    assert sheet_of(compare([square_model], found.image_file, METHODS[:1]), View()).caution == ""


def test_the_sheet_names_file_bytes_and_date(comparison):
    facts = " ".join(sheet_of(comparison, View()).facts)
    assert comparison.image_file.sha256[:12] in facts
    assert f"{View().at:%Y-%m-%d}" in facts
    assert f"160 {TIMES} 128 pixels" in facts


def test_marks_are_told_where_they_are_drawn(comparison):
    marks = sheet_of(comparison, View()).marks
    assert {Mark.EVIDENCE, Mark.RECTANGLES, Mark.SEEN} <= {*marks}  # of 160 x 128 the middle is seen
    assert Mark.TRUTH not in marks
    assert Mark.EVIDENCE not in sheet_of(comparison, View(outlined=False)).marks
    marked = np.zeros((128, 128), dtype=bool)
    marked[30:60, 30:60] = True
    (row,) = comparison.rows
    with_mask = replace(comparison, rows=(replace(row, mask=marked),))
    assert Mark.TRUTH in sheet_of(with_mask, View()).marks
    plain, truth = (sheet_of(one, View()).rows[0].tiles[0].picture for one in (comparison, with_mask))
    assert plain.tobytes() != truth.tobytes()


def test_a_mask_is_compared_with_under_every_cell(square_model):
    mask = np.zeros((128, 128), dtype=bool)
    mask[:64] = True
    found = compare([square_model], make_image_file("part.png", picture()), METHODS, mask=lambda _: mask)
    assert (found.rows[0].mask == mask).all()
    for cell, tile in zip(found.rows[0].cells, sheet_of(found, View()).rows[0].tiles, strict=True):
        assert f"IoU {cell.placed.iou:.2f}".replace("0.", ".") in told(tile.lines)
    first = next(csv.DictReader(io.StringIO(comparison_csv(found).decode())))
    assert float(first["mask_iou"]) == found.rows[0].cells[0].placed.iou


def test_how_far_an_explanation_can_be_trusted_stands_under_it(comparison):
    (row,) = comparison.rows
    rows = list(csv.DictReader(io.StringIO(comparison_csv(comparison).decode())))
    for cell, tile, figures in zip(row.cells, sheet_of(comparison, View()).rows[0].tiles, rows, strict=True):
        words = trust_line(cell.trust, cell.outcome.result.explanation)
        (line,) = (line for line in tile.lines if line.text == words.line)
        assert (line.tone is Tone.WARNING) == words.warns
        assert tile.details == words.figures
        assert float(figures["trust_marked"]) == cell.trust.marked
    (lime,) = (cell for cell in row.cells if cell.explainer.id == "lime")
    warned = replace(lime, trust=replace(lime.trust, faithfulness=-0.5, marked=0.1))
    found = replace(comparison, rows=(replace(row, cells=(row.cells[0], warned, row.cells[2])),))
    tones = {line.tone for line in sheet_of(found, View()).rows[0].tiles[1].lines}
    assert Tone.WARNING in tones


def test_a_cell_without_a_result_says_why(comparison):
    failed = Outcome(state=JobState.FAILED, error="No luck.")
    stopped, running = Outcome(state=JobState.STOPPED), Outcome(state=JobState.RUNNING, fraction=0.5)
    found = with_cells(comparison, failed, stopped, running)
    tiles = sheet_of(found, View()).rows[0].tiles
    assert [tile.message for tile in tiles] == [
        "No luck.",
        "Stopped before it was done.",
        "Not computed yet.",
    ]
    rows = list(csv.DictReader(io.StringIO(comparison_csv(found).decode())))
    assert [(row["state"], row["error"]) for row in rows] == [
        ("failed", "No luck."),
        ("stopped", ""),
        ("running", ""),
    ]
    for make in (comparison_png, comparison_html, comparison_json):
        assert make(found, View())


def test_a_model_that_refuses_is_a_row_of_refused_cells(square_model, comparison):
    refused = Row(stored=square_model, error="It sees clips.")
    found = replace(comparison, rows=(*comparison.rows, refused))
    row = sheet_of(found, View()).rows[1]
    assert (row.message, row.tiles) == ("It sees clips.", ())
    rows = list(csv.DictReader(io.StringIO(comparison_csv(found).decode())))
    assert [each["state"] for each in rows] == ["done"] * 3 + ["refused"] * 3
    assert rows[3]["error"] == "It sees clips."


def test_a_stranger_is_warned_of(comparison, monkeypatch):
    from xai_ad.inspection.judgement import Judgement, State

    (row,) = comparison.rows
    stranger = Judgement(state=State.STRANGER, score=row.case.score, limit_low=0.0, limit_high=1.0)
    monkeypatch.setattr("xai_ad.inspection.cases.judge", lambda *_: stranger)
    heading = sheet_of(comparison, View()).rows[0].heading
    assert (heading.verdict, heading.look) == ("CANNOT JUDGE", "stranger")
    assert Tone.WARNING in {line.tone for line in heading.lines}


def test_maps_of_one_score_share_the_widest_scale_and_others_do_not(comparison):
    (row,) = comparison.rows
    record = row.case.model.record

    def scaled(map_scale, score=None):
        scoring = (
            record.calibration.scoring if score is None else replace(record.calibration.scoring, score=score)
        )
        changed = replace(
            record, calibration=replace(record.calibration, map_scale=map_scale, scoring=scoring)
        )
        return replace(row.case, model=replace(row.case.model, record=changed))

    def limits(*cases):
        cells = [(case, replace(row.cells[0])) for case in cases]
        pictures = pictures_of_cells(cells)
        return [pictures[cell].shown.scale.limit for _, cell in cells]

    assert limits(scaled(2.0), scaled(8.0)) == [8.0, 8.0]
    assert limits(scaled(2.0), scaled(8.0, "ssim")) == [2.0, 8.0]


def test_the_record_holds_questions_that_can_be_asked_again(comparison):
    record = json.loads(comparison_json(comparison, View()))
    (row,) = record["rows"]
    assert row["verdict"]["verdict"] == "FAIL"
    for cell, given in zip(row["cells"], comparison.rows[0].cells, strict=True):
        assert Request.parse(cell["request"]) == comparison.rows[0].case.request(given.explainer)
        assert cell["evaluations"] == given.outcome.result.explanation.evaluations


def test_what_is_written_can_be_repeated(comparison, tmp_path):
    from xai_ad.inspection.repeating import reopen

    place = tmp_path / "part 1.png"
    place.write_bytes(comparison.image_file.content)
    write_comparison(comparison, tmp_path / "out", View(), place=place)
    names = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*")}
    assert names == {
        *(f"comparison.{ending}" for ending in ("png", "html", "csv", "json")),
        *(f"explanations/widget-bcae1.{one.id}.json" for one in METHODS),
    }
    again = reopen(tmp_path / "out/explanations/widget-bcae1.lime.json")
    assert "The same as" in again.write(tmp_path / "again")
