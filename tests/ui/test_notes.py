"""Notes tell what an explanation came to in one plain sentence, and its figures are right."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from xai_ad.classifier import Calibration
from xai_ad.explain.base import Attribution, Counterfactual, Rectangle
from xai_ad.scores import Score
from xai_ad.ui.notes import FILLS, findings, provenance
from xai_ad.ui.results import TimedExplanation

CALIBRATION = Calibration(threshold=0.5, score_max=2.0, map_scale=4.0)


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def attribution(*, total, baseline=0.0, method="lrp", **diagnostics):
    return Attribution(
        method=method,
        relevance=np.full((2, 2), total / 4, np.float32),
        score=1.0,
        baseline=baseline,
        evaluations=512,
        diagnostics=diagnostics,
    )


CORNER = Rectangle(top=0, left=0, height=1, width=1)


def counterfactual(*, flipped, rectangles=(CORNER,)):
    return Counterfactual(
        method="counterfactual",
        direction="repair",
        search="exact",
        rectangles=rectangles,
        image=torch.zeros(3, 4, 4),
        score=1.15,
        score_before=1.15,
        score_after=0.49 if flipped else 0.8,
        flipped=flipped,
        area=0.0625,
        evaluations=9,
        diagnostics={"warning": "In other words."},
    )


@pytest.mark.parametrize(
    ("explanation", "expected"),
    [
        (attribution(total=0.97), "These shares add up to 97 % of the score."),
        (attribution(total=-0.2), "These shares add up to \N{MINUS SIGN}20 % of the score."),
        (
            attribution(total=0.8, baseline=0.2, method="kernel_shap"),
            "Starting from 20 %, these shares add up to 100 % of the score.",
        ),
        (attribution(total=1.0, method="residual"), "These shares add up to 100 % of the score."),
        (
            counterfactual(flipped=True),
            "Replacing 6 % of the picture brings the score from 2.30 to 0.980 of the limit.",
        ),
        (
            counterfactual(flipped=False),
            "No single rectangle flips it. The best one, 6 % of the picture, brings the score from 2.30 to 1.60 of the limit.",
        ),
        (
            counterfactual(flipped=False, rectangles=()),
            "Already below the limit: there is nothing to repair.",
        ),
    ],
)
def test_the_first_finding_is_what_the_explanation_came_to(explanation, expected):
    assert plain(findings(explanation, CALIBRATION)[0]) == expected


def test_a_warning_comes_before_what_the_explanation_came_to():
    found = findings(attribution(total=1.0, warning="Beware."), CALIBRATION)
    assert found[0] == "Beware."
    assert len(found) == 2


def test_a_note_comes_before_what_the_explanation_came_to():
    found = findings(attribution(total=1.0, note="Only the highest."), CALIBRATION)
    assert [plain(note) for note in found] == [
        "Only the highest.",
        "These shares add up to 100 % of the score.",
    ]


def test_a_map_that_does_not_add_up_to_the_score_is_not_said_to():
    highest = replace(CALIBRATION, score=Score.SSIM)
    drawn = attribution(total=30.0, method="residual", note="Only the highest.")
    assert findings(drawn, highest) == ["Only the highest."]
    shared_out = findings(attribution(total=1.0, method="lrp"), highest)
    assert [plain(note) for note in shared_out] == ["These shares add up to 100 % of the score."]


def test_a_score_of_zero_has_nothing_to_share_out():
    nothing = Attribution(
        method="lrp", relevance=np.zeros((2, 2), np.float32), score=0.0, baseline=0.0, evaluations=1
    )
    assert findings(nothing, CALIBRATION) == ["The score is zero: there is nothing to share out."]


def test_provenance_names_the_fill_the_fit_and_the_cost():
    timed = TimedExplanation(
        explanation=attribution(total=1.0, fill="normal", surrogate_r2=0.913), seconds=4.12
    )
    assert plain(provenance(timed)) == (
        "Regions switched to normal show the most similar normal picture. "
        "The straight line accounts for 91 % of what was seen (R²). 512 pictures scored in 4.12 s."
    )


def test_every_fill_has_its_words():
    from xai_ad.explain import Fill

    assert {str(fill) for fill in Fill} - {"auto"} == set(FILLS)
