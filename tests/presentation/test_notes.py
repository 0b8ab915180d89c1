"""Notes tell what an explanation came to in one plain sentence, and its figures are right."""

import re
from dataclasses import replace

import numpy as np
import pytest

from xai_ad.detector.calibration import Calibration
from xai_ad.detector.scores import Score, Scoring
from xai_ad.explain import EXPLAINERS
from xai_ad.explain.choices import Direction, Estimator, Fill, Search
from xai_ad.explain.results import (
    Agreement,
    Attribution,
    Counterfactual,
    Provenance,
    Rectangle,
    SegmentValues,
    ShapleyEstimate,
    SurrogateFit,
)
from xai_ad.machine.execution import Precision
from xai_ad.presentation.notes import ASK_INSTEAD, FILLS, NOTHING_TO_REPAIR, findings, provenance

CALIBRATION = Calibration(threshold=0.5, score_max=2.0, map_scale=4.0)


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def attribution(*, total, baseline=0.0, method="lrp", **told):
    return Attribution(
        method=method,
        relevance=np.full((2, 2), total / 4, np.float32),
        score=1.0,
        baseline=baseline,
        evaluations=512,
        **told,
    )


CORNER = Rectangle(top=0, left=0, height=1, width=1)


def counterfactual(*, flipped, rectangles=(CORNER,), direction=Direction.REPAIR, **told):
    return Counterfactual(
        method="counterfactual",
        direction=direction,
        search=Search.EXACT,
        rectangles=rectangles,
        pixels=np.zeros((3, 4, 4), np.float32),
        score=1.15,
        score_before=1.15,
        score_after=0.49 if flipped else 0.8,
        flipped=flipped,
        area=0.0625,
        evaluations=9,
        **told,
    )


@pytest.mark.parametrize(
    ("explanation", "expected"),
    [
        (attribution(total=0.97), "These shares add up to 97 % of the score."),
        (
            attribution(total=-1.92),
            "These shares do not add up to the score: trust the places, not the amounts.",
        ),
        (
            attribution(total=-11.0, baseline=12.0, method="kernel_shap"),
            "Made normal, the picture would score 12.0 times as much: from there the shares lead down to the score.",
        ),
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
            "Replacing 6 % of the picture lowers the score, from 2.30 to 1.60 of the limit.",
        ),
        (
            replace(counterfactual(flipped=False), score_after=1.2),
            "Replacing 6 % of the picture changes next to nothing: it leaves 2.40 of the limit.",
        ),
        (
            replace(counterfactual(flipped=True), score_before=0.5001, score_after=0.4999),
            "Replacing 6 % of the picture brings the score from just over 1.00 to just under 1.00 of the limit.",
        ),
        (
            replace(counterfactual(flipped=True, note="Nothing smaller flips it."), area=0.5),
            "No single place explains it: it passes only with 50 % of the picture made normal.",
        ),
        (
            replace(counterfactual(flipped=True, direction=Direction.TRANSPLANT), area=1.0),
            "No single place explains it: only 100 % of it makes a normal picture fail.",
        ),
        (
            counterfactual(flipped=False, rectangles=()),
            "It passes already: there is nothing to repair.",
        ),
        (
            counterfactual(flipped=True, rectangles=(CORNER, CORNER, CORNER)),
            "Replacing 3 rectangles, together 6 % of the picture, brings the score from 2.30 to 0.980 of the limit.",
        ),
        (
            counterfactual(flipped=True, direction=Direction.TRANSPLANT),
            "Pasting 6 % of it into a normal picture brings that one's score from 2.30 to 0.980 of the limit.",
        ),
        (
            counterfactual(flipped=True, direction=Direction.TRANSPLANT, rectangles=(CORNER, CORNER)),
            "Pasting 2 rectangles, together 6 % of it, into a normal picture brings that one's score from 2.30 to 0.980 of the limit.",
        ),
    ],
)
def test_the_first_finding_is_what_the_explanation_came_to(explanation, expected):
    assert plain(findings(explanation, CALIBRATION)[0]) == expected


def test_what_a_search_may_claim_follows_what_it_found_and_precedes_what_it_did_not():
    claimed = {"warning": "The fill is odd.", "note": "Nothing smaller flips it."}
    flipped = findings(counterfactual(flipped=True, **claimed), CALIBRATION)
    assert flipped[1:] == ["The fill is odd.", "Nothing smaller flips it."]
    wide = findings(replace(counterfactual(flipped=True, **claimed), area=0.8), CALIBRATION)
    assert wide[1:] == ["The fill is odd."]  # and no word of what is smaller
    missed = findings(counterfactual(flipped=False, warning="No single rectangle flips it."), CALIBRATION)
    assert missed[0] == "No single rectangle flips it."
    assert len(missed) == 2


def test_where_nothing_is_to_be_repaired_the_other_question_is_offered():
    nothing = counterfactual(flipped=False, rectangles=(), warning="The direction 'transplant' asks instead.")
    assert findings(nothing, CALIBRATION) == [NOTHING_TO_REPAIR, ASK_INSTEAD]
    no_start = counterfactual(
        flipped=False, rectangles=(), direction=Direction.TRANSPLANT, warning="It fails by itself."
    )
    assert findings(no_start, CALIBRATION) == ["It fails by itself."]


def estimate(*, exact):
    return ShapleyEstimate(exact=exact, estimator=Estimator.ODD_GP)


def agreement(shared, members):
    return Agreement(members=tuple(members), agreement=0.1, shared=shared)


def by_segment(*, low, high):
    return SegmentValues(
        segments=np.array([[0, 0], [1, 2]]), values=np.zeros(3), low=np.array(low), high=np.array(high)
    )


@pytest.mark.parametrize(
    ("explanation", "expected"),
    [
        (
            attribution(total=1.0, method="kernel_shap", findings=estimate(exact=True)),
            "Exact: every combination of regions was scored.",
        ),
        (
            attribution(
                total=1.0,
                method="kernel_shap",
                findings=estimate(exact=True),
                provenance=Provenance(precision=Precision.BFLOAT16),
            ),
            "Exact but for bfloat16's rounding: every combination of regions was scored.",
        ),
        (
            replace(
                attribution(total=1.0, method="kernel_shap", findings=estimate(exact=False)),
                by_segment=by_segment(low=[0.0, -1, -2], high=[1, 0.0, -1]),
            ),
            "Estimated: the sign of 2 of 3 regions is not sure.",
        ),
        (
            replace(
                attribution(total=1.0, method="kernel_shap", findings=estimate(exact=False)),
                by_segment=by_segment(low=[1, 1, 1], high=[2, 2, 2]),
            ),
            "Estimated: the sign of every region that counts is sure.",
        ),
        (
            attribution(total=1.0, method="consensus", findings=agreement(0.42, "abc"), note="By ranks."),
            "The 3 methods agree in part: they share 42 % of their strongest evidence.",
        ),
        (
            attribution(total=1.0, method="consensus", findings=agreement(0.0, "ab")),
            "The 2 methods point at different places: they share 0 % of their strongest evidence.",
        ),
        (
            attribution(total=1.0, method="consensus", findings=agreement(0.7, "ab")),
            "The 2 methods agree well: they share 70 % of their strongest evidence.",
        ),
    ],
)
def test_a_method_says_how_far_it_can_be_trusted(explanation, expected):
    found = [plain(note) for note in findings(explanation, CALIBRATION)]
    complete = explanation.method != "consensus"
    assert found == [expected, *(["These shares add up to 100 % of the score."] if complete else [])]


@pytest.mark.parametrize(
    ("surrogate_r2", "stability", "fit", "seed"),
    [
        (
            0.913,
            0.97,
            "The straight line accounts for 91 % of what was seen (R²).",
            "Another random seed would tell the same (correlation 0.970).",
        ),
        (
            0.3,
            0.6,
            "The straight line accounts for 30 % of what was seen (R²): it fits badly.",
            "Another random seed would tell something else in part (correlation 0.600).",
        ),
    ],
)
def test_a_surrogate_says_how_well_it_fits_and_how_steady_it_is(surrogate_r2, stability, fit, seed):
    found = attribution(
        total=1.0, method="lime", findings=SurrogateFit(surrogate_r2=surrogate_r2, stability=stability)
    )
    assert [plain(note) for note in findings(found, CALIBRATION)][:2] == [fit, seed]


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
    highest = replace(CALIBRATION, scoring=Scoring(score=Score.SSIM))
    drawn = attribution(total=30.0, method="residual", note="Only the highest.")
    assert findings(drawn, highest) == ["Only the highest."]
    shared_out = findings(attribution(total=1.0, method="lrp"), highest)
    assert [plain(note) for note in shared_out] == ["These shares add up to 100 % of the score."]


def test_a_score_of_zero_has_nothing_to_share_out():
    nothing = Attribution(
        method="lrp", relevance=np.zeros((2, 2), np.float32), score=0.0, baseline=0.0, evaluations=1
    )
    assert findings(nothing, CALIBRATION) == ["The score is zero: there is nothing to share out."]


def provenance_of(seconds=4.12, **made):
    return plain(provenance(attribution(total=1.0, provenance=Provenance(**made)), seconds))


def test_provenance_names_the_fill_the_arithmetic_and_the_cost():
    assert provenance_of(fill=Fill.NORMAL, precision=Precision.BFLOAT16, batch_size=16) == (
        "Regions switched to normal show the most similar normal picture. "
        "512 evaluations in bfloat16, batches of 16, 4.12 s."
    )
    assert provenance_of() == "512 evaluations, 4.12 s."


def test_thousands_are_set_apart_and_one_evaluation_is_no_batch():
    many = replace(
        attribution(total=1.0, provenance=Provenance(precision=Precision.FLOAT32, batch_size=8)),
        evaluations=1000,
    )
    assert provenance(many, 1.2).startswith("1,000 evaluations in float32")
    one = replace(many, evaluations=1)
    assert provenance(one, 1.2) == "1 evaluation, 1.20 s."


def test_a_transplant_names_the_picture_that_it_pastes_into():
    pasted = counterfactual(
        flipped=True, direction=Direction.TRANSPLANT, provenance=Provenance(fill=Fill.DATASET_MEAN)
    )
    told = provenance(pasted, 1.0)
    assert told.startswith("The normal picture is the average normal picture. 9 evaluations")


def test_every_fill_has_its_words():
    assert {str(fill) for fill in Fill} - {"auto"} == set(FILLS)


def test_sums_are_told_only_of_methods_that_promise_them():
    told = {
        method: [
            note for note in findings(attribution(total=1.0, method=method), CALIBRATION) if "add up" in note
        ]
        for method in EXPLAINERS
    }
    assert {method for method, notes in told.items() if notes} == {
        "residual",
        "lrp",
        "kernel_shap",
        "integrated_gradients",
        "owen",
    }


def test_methods_without_any_evidence_in_common_are_not_said_to_agree_or_not():
    assert (
        findings(attribution(total=0.0, method="consensus", findings=agreement(None, "abc")), CALIBRATION)
        == []
    )


def drawn_attribution(rng):
    method = str(rng.choice(list(EXPLAINERS)))
    known = {
        "lime": SurrogateFit(surrogate_r2=min(1.0, rng.normal(0, 2)), stability=rng.random()),
        "consensus": agreement(rng.choice([None, rng.random()]), "abc"),
    }.get(method)
    score = float(rng.choice([0.0, 10 ** rng.uniform(-6, 2)]))
    total, baseline = (score * rng.normal(0, 3) for _ in range(2))
    return Attribution(
        method=method,
        relevance=np.full((2, 2), total / 4, np.float32),
        score=score,
        baseline=abs(baseline),
        evaluations=int(rng.integers(1, 2000)),
        findings=known,
    )


def drawn_counterfactual(rng):
    direction = list(Direction)[rng.integers(2)]
    before, after = (
        float(10 ** rng.uniform(-2, 2)) if rng.random() < 0.6 else rng.normal(1, 0.002) for _ in range(2)
    )
    before, after = 0.5 * before, 0.5 * after
    repair = direction is Direction.REPAIR
    if (before > 0.5) is not repair:  # a repair starts from what fails, a transplant into what passes
        before = 0.25 / before
    flipped = (before > 0.5 >= after) if repair else (after > 0.5 >= before)
    claimed = (
        {"note": "Nothing smaller flips it on this grid."}
        if flipped
        else {"warning": "No single rectangle flips it."}
    )
    return replace(
        counterfactual(flipped=flipped, direction=direction, **claimed),
        rectangles=(CORNER,) * int(rng.integers(1, 4)),
        score_before=before,
        score_after=after,
        area=float(rng.choice([rng.random(), 0.001, 0.5, 1.0])),
    )


@pytest.mark.parametrize("seed", range(400))
def test_no_sentence_contradicts_itself_or_its_explanation(seed):
    """Drawn cases, the extremes among them: a share is one, a direction is kept, and what is said twice is not."""
    rng = np.random.default_rng(seed)
    explanation = drawn_attribution(rng) if seed % 2 else drawn_counterfactual(rng)
    notes = [plain(note) for note in findings(explanation, CALIBRATION)]
    told = " ".join(notes)
    assert len(set(notes)) == len(notes)
    assert all(note[0].isupper() and note.endswith(".") for note in notes)
    assert all(0 <= int(share) <= 110 for share in re.findall(r"(\d+) %", told))
    assert "\N{MINUS SIGN}" not in told
    assert "nan" not in told
    assert not ("No single place" in told and "Nothing smaller" in told)
    assert not ("agree" in told and "different places" in told)
    moved = re.search(
        r"(brings|lowers|raises) .* from (just \w+ )?([\d.]+) to (just \w+ )?([\d.]+) of the limit", told
    )
    if moved:
        falls = explanation.direction is Direction.REPAIR
        before, after = (float(number) for number in (moved[3], moved[5]))
        assert (before > after or moved[2] != moved[4]) if falls else (before < after or moved[2] != moved[4])
        assert (before >= after) if falls else (before <= after)
