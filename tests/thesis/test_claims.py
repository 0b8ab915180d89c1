import json
import math

import pytest
from scipy.stats import ttest_1samp

from xai_ad.errors import InvalidInputError
from xai_ad.thesis import claims
from xai_ad.thesis.claims import CLAIMS, CLAIMS_OF_THE_THESIS, Verdict, judge, lower_bound


@pytest.fixture
def answered(request_for, with_figures, monkeypatch):
    """Run the claims on made-up figures of each variant, by name; others have 0.8 with every seed."""

    def run(**figures):
        def cells(request, source, variants):
            named = {name.replace("__", "-"): values for name, values in figures.items()}
            return {
                v.name: [with_figures(auc_roc=value) for value in named.get(v.name, [0.8, 0.8, 0.8])]
                for v in variants
            }

        monkeypatch.setattr(claims, "run_cells", cells)
        request, _ = request_for(runs=3)
        markdown, _, record = CLAIMS.run(request)
        return json.loads(record.read_text()), markdown.read_text()

    return run


def test_equal_figures_decide_nothing(answered):
    record, _ = answered()
    assert len(record["claims"]) == len(CLAIMS_OF_THE_THESIS) == 4
    assert {claim["answers"]["auc_roc"]["verdict"] for claim in record["claims"]} == {"undecided"}


def test_a_claim_is_answered_by_all_its_comparisons(answered):
    better, worse = [0.90, 0.91, 0.92], [0.70, 0.71, 0.72]
    record, markdown = answered(ks_cae=better, ks_cae__compound=better, ssa_cae=worse, bcae1__svdd=better)
    verdicts = [claim["answers"]["auc_roc"]["verdict"] for claim in record["claims"]]
    assert verdicts == ["yes", "undecided", "no", "yes"]
    assert "ks_cae over bcae2" in markdown
    assert "+0.1000 +0.1100 +0.1200" in markdown


def test_differences_are_paired_by_seed(answered):
    record, _ = answered(bcae1=[0.5, 0.7, 0.9], bcae1__svdd=[0.51, 0.71, 0.912])
    (compared,) = record["claims"][3]["answers"]["auc_roc"]["comparisons"]
    assert compared["values"] == pytest.approx([0.01, 0.01, 0.012])
    assert record["claims"][3]["answers"]["auc_roc"]["verdict"] == "yes"


def test_one_dataset_at_a_time(request_for):
    request, _ = request_for(sources=())
    with pytest.raises(InvalidInputError, match="Got 0 --data"):
        CLAIMS.run(request)


@pytest.mark.parametrize("values", [[0.1, 0.3, 0.2], [-1.0, 2.0], [0.5, 0.5, 0.6, 0.9]])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_the_lower_bound_is_that_of_students_test(values, confidence):
    expected = ttest_1samp(values, 0, alternative="greater").confidence_interval(confidence).low
    assert lower_bound(values, confidence=confidence) == pytest.approx(expected, rel=1e-9)


def test_one_seed_decides_nothing():
    assert lower_bound([1.0]) == -math.inf
    assert judge([[1.0]]) is Verdict.UNDECIDED


def test_a_claim_holds_only_where_every_comparison_does():
    clear, unclear, against = [0.10, 0.11, 0.12], [0.1, -0.1, 0.02], [-0.10, -0.11, -0.12]
    assert judge([clear, clear]) is Verdict.YES
    assert judge([clear, unclear]) is Verdict.UNDECIDED
    assert judge([clear, against]) is Verdict.NO
    assert judge([[0.0, 0.0, 0.0]]) is Verdict.UNDECIDED  # no difference is no gain


def test_more_comparisons_ask_for_a_clearer_no():
    barely = [-0.10, -0.10, -0.03]
    assert lower_bound([-value for value in barely]) > 0
    assert judge([barely]) is Verdict.NO
    assert judge([barely, *[[0.1, -0.1, 0.0]] * 20]) is Verdict.UNDECIDED
