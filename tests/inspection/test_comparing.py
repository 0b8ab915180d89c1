"""A comparison has a row for each model and a cell for each method; what fails says why, and the others go on."""

import json

import pytest
import torch

from xai_ad.errors import Cancelled, ImageError, InvalidInputError
from xai_ad.explain import Lrp, Residual
from xai_ad.inspection import comparing
from xai_ad.inspection.cases import known
from xai_ad.inspection.comparing import compare, judged
from xai_ad.inspection.engines.base import JobState
from xai_ad.inspection.image_files import make_image_file
from xai_ad.inspection.trusting import known_trust
from xai_ad.presentation.render import encode_png, to_image
from xai_ad.store import StoredModel, find_model, read_card

METHODS = (Residual(), Lrp())


def photograph(seed=0, *, channels=3, side=128):
    image = torch.rand(channels, side, side, generator=torch.Generator().manual_seed(seed))
    return make_image_file("part.png", encode_png(to_image(image)))


@pytest.fixture
def clip_model(stored_model, tmp_path) -> StoredModel:
    """A model whose card says that it sees ten frames together; nothing else of it is read."""
    path = tmp_path / "models/clips/card.json"
    path.parent.mkdir()
    record = json.loads((stored_model.path / "card.json").read_text())
    record["preprocessing"]["frames"] = 10
    path.write_text(json.dumps(record | {"id": "clips"}))
    return StoredModel(path=path.parent, card=read_card(path.parent))


def test_every_model_has_a_row_and_every_method_a_cell(stored_model):
    found = compare([stored_model], photograph(), METHODS)
    assert found.methods == METHODS
    (row,) = found.rows
    assert row.case.score == judged(stored_model, photograph()).score
    assert [cell.explainer for cell in row.cells] == list(METHODS)
    assert [cell.outcome.state for cell in row.cells] == [JobState.DONE, JobState.DONE]


def test_what_is_at_hand_is_not_computed_again(stored_model):
    first = compare([stored_model], photograph(1), METHODS)
    case = first.rows[0].case
    again = compare([stored_model], photograph(1), METHODS)
    for one, other in zip(first.rows[0].cells, again.rows[0].cells, strict=True):
        assert one.outcome.result is other.outcome.result is known(case, one.explainer)


def test_every_explanation_comes_with_how_far_it_can_be_trusted(stored_model, monkeypatch):
    row = compare([stored_model], photograph(5), METHODS).rows[0]
    assert [cell.trust for cell in row.cells] == [known_trust(row.case, one) for one in METHODS]
    assert all(cell.trust is not None for cell in row.cells)

    def refuse(*_):
        raise ImageError("No luck.")

    monkeypatch.setattr(comparing, "trust_of", refuse)
    for cell in compare([stored_model], photograph(5), METHODS).rows[0].cells:
        assert (cell.trust, cell.outcome.state) == (None, JobState.DONE)


def test_a_model_or_method_named_twice_stands_once(stored_model):
    found = compare([stored_model, find_model(stored_model.path)], photograph(), [*METHODS, Residual()])
    assert (len(found.rows), found.methods) == (1, METHODS)


def test_a_model_of_clips_is_a_row_that_says_so(stored_model, clip_model):
    found = compare([clip_model, stored_model], photograph(), METHODS)
    refused, row = found.rows
    assert (refused.case, refused.cells) == (None, ())
    assert refused.error == "The model 'clips' scores clips of 10 frames and no single pictures."
    assert row.case is not None
    with pytest.raises(InvalidInputError, match="clips of 10 frames"):
        judged(clip_model, photograph())


def test_what_a_method_refuses_stands_in_its_cell(stored_model, monkeypatch):
    def refuse(*_, **__):
        raise ImageError("No luck.")

    monkeypatch.setattr(Lrp, "_explain", refuse)
    cells = compare([stored_model], photograph(2), METHODS).rows[0].cells
    assert [(cell.outcome.state, cell.outcome.error) for cell in cells] == [
        (JobState.DONE, None),
        (JobState.FAILED, "No luck."),
    ]


def test_a_calibration_that_a_model_lacks_is_a_row_that_names_those_it_has(stored_model):
    (row,) = compare([stored_model], photograph(), METHODS, score="ssim").rows
    assert "There is no calibration 'ssim'" in row.error
    assert "squared_error" in row.error


def test_progress_never_falls_and_ends_at_one(stored_model):
    seen = []
    compare([stored_model], photograph(3), METHODS, on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_stopping_is_no_failure_of_a_cell(stored_model):
    def stop(fraction):
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        compare([stored_model], photograph(4), METHODS, on_progress=stop)
