"""What is outlined: the strongest evidence, and the true defect, which is shown at once where the model passes it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from xai_ad.data.specs import Subject
from xai_ad.detector.familiarity import Cause, Likeness
from xai_ad.explain import Occlusion, Residual
from xai_ad.explain.results import Attribution
from xai_ad.inspection.cases import Outcome, open_case
from xai_ad.inspection.engines.base import JobState
from xai_ad.inspection.image_files import list_samples, make_image_file
from xai_ad.inspection.models import open_model
from xai_ad.inspection.results import TimedExplanation
from xai_ad.presentation.legends import TYPICAL
from xai_ad.presentation.scales import shown_map
from xai_ad.ui.inspect.panels import viewer_data
from xai_ad.ui.showing import marks
from xai_ad.ui.showing.marks import beside_truth, known_mask, truth_data

STRANGER = Likeness(p_value=0.01, is_stranger=True, cause=Cause.OBJECT, distance=9.0)


@pytest.fixture
def case(stored_model):
    """A shipped scratch, judged by a model that never saw one."""
    content = list_samples("washer")["scratch/000"].read_bytes()
    return open_case(open_model(stored_model), make_image_file("washer/scratch/000", content))


def scored(case, times):
    scores = torch.tensor([times * case.model.record.calibration.threshold])
    return replace(case, prediction=replace(case.prediction, scores=scores))


def shown(case, where):
    """A residual that lies in a mask, (H, W), alone."""
    found = Attribution(
        method="residual",
        relevance=where.astype(np.float32)[None],
        score=case.score,
        baseline=0.0,
        evaluations=1,
    )
    return found, shown_map(found, case.model.record.calibration)


@pytest.mark.parametrize(("times", "missed"), [(0.01, "The model missed this defect"), (99.0, "")])
def test_a_defect_that_passes_is_called_missed_and_shown_at_once(case, times, missed):
    truth = truth_data(scored(case, times))
    assert (truth["shown"], truth["missed"]) == (bool(missed), missed)
    mask = known_mask(case)
    rows, columns = np.nonzero(mask)
    corners = np.array([point for outline in truth["outlines"] for point in outline])
    np.testing.assert_allclose(corners.min(axis=0), [columns.min(), rows.min()], atol=1)
    np.testing.assert_allclose(corners.max(axis=0), [columns.max() + 1, rows.max() + 1], atol=1)


def test_an_explanation_that_lies_off_the_defect_says_so(case):
    mask = known_mask(case)
    away = np.zeros_like(mask)
    away[-6:, :6] = True
    assert not (mask & away).any()
    failing = scored(case, 99.0)
    assert [note["text"] for note in beside_truth(failing, shown(case, away)[1])] == [
        "None of the outlined regions touches the true defect."
    ]
    assert beside_truth(failing, shown(case, mask)[1]) == []
    assert beside_truth(scored(case, 0.01), shown(case, away)[1]) == []


def test_a_lesion_has_no_defect(case):
    card = replace(case.model.card, subject=Subject.LESION)
    truth = truth_data(scored(replace(case, model=replace(case.model, card=card)), 0.01))
    assert (truth["label"], truth["missed"]) == ("True atypical part", "The model missed this atypical part")


def test_a_picture_whose_defect_is_not_known_has_none_to_show(case):
    other = replace(case, image_file=make_image_file("part.png", case.image_file.content))
    assert truth_data(other) is None
    assert beside_truth(scored(other, 99.0), shown(case, known_mask(case))[1]) == []


def data_of(case, selected="residual"):
    explanation, _ = shown(case, known_mask(case))
    timed = TimedExplanation(explanation=explanation, seconds=1.0)
    outcomes = {
        Residual(): Outcome(state=JobState.DONE, fraction=1.0, result=timed),
        Occlusion(): Outcome(state=JobState.IDLE),
    }
    return viewer_data(case, outcomes, selected)


def test_a_map_is_outlined_where_its_evidence_lies_and_told_in_words(case):
    data = data_of(scored(case, 99.0))
    panel = next(panel for panel in data["panels"] if panel["id"] == "residual")
    assert len(panel["outlines"]) >= 1
    assert panel["result"].startswith(("1 spot", "2 spots"))
    assert data["outlined"]
    assert {"text": panel["result"], "warns": False} in panel["notes"]
    passed = data_of(scored(case, 0.01))
    assert not passed["outlined"]
    assert all(note["text"] != panel["result"] for each in passed["panels"] for note in each.get("notes", []))


def test_a_stranger_gets_no_explanation_unasked(case):
    data = data_of(replace(case, likeness=STRANGER), selected=TYPICAL)
    assert data["selected"] == data["panels"][0]["id"] == TYPICAL
    assert "explains no verdict" in data["withheld"]
    assert "withheld" not in data_of(case)
    assert TYPICAL not in [panel["id"] for panel in data_of(case)["panels"]]


def test_of_a_stranger_to_a_model_without_an_average_the_reconstruction_is_shown(case):
    classifier = replace(case.model.classifier.references, mean=None)
    stranger = replace(case, likeness=STRANGER)
    assert data_of(bare(stranger, classifier), selected=TYPICAL)["selected"] == "reconstruction"


def bare(case, references):
    class Classifier:
        def __init__(self, detector):
            self.references = references
            self.calibration = detector.calibration

    return replace(case, model=replace(case.model, classifier=Classifier(case.model.classifier)))


def test_evidence_is_sought_once_for_each_explanation(case, monkeypatch):
    data_of(scored(case, 99.0))
    for name in ("defect_regions", "regions_of_map"):
        monkeypatch.setattr(marks, name, lambda *_: pytest.fail("sought again"))
    data_of(scored(case, 99.0))
