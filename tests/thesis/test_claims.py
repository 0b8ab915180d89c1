import json

import pytest

from xai_ad.errors import InvalidInputError
from xai_ad.thesis import claims
from xai_ad.thesis.claims import CLAIMS, CLAIMS_OF_THE_THESIS


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
