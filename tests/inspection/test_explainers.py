"""Explainers by name, on the machine at hand."""

from xai_ad.explain import Consensus, Lime, Lrp, Residual
from xai_ad.inspection.explainers import explainer_here
from xai_ad.machine.execution import Precision

ROUNDED = {"precision": Precision.BFLOAT16, "batch_size": 8}


def test_what_is_left_out_is_what_the_machine_is_fastest_with(monkeypatch):
    monkeypatch.setenv("XAI_AD_PRECISION", "bfloat16")
    monkeypatch.setenv("XAI_AD_BATCH_SIZE", "8")
    assert explainer_here("lime") == Lime(**ROUNDED)
    assert explainer_here("lime", {"precision": Precision.AUTO, "seed": 3}) == Lime(seed=3, **ROUNDED)
    assert explainer_here("lime", {"precision": Precision.FLOAT32}) == Lime(batch_size=8)
    assert explainer_here("lime", {"batch_size": 3}) == Lime(precision=Precision.BFLOAT16, batch_size=3)
    assert explainer_here("consensus", {"members": ("lime", "lrp")}) == Consensus(
        members=(Lime(**ROUNDED), Lrp())
    )


def test_nothing_is_asked_for_what_scores_no_copies(monkeypatch):
    monkeypatch.setenv("XAI_AD_PRECISION", "half")
    assert explainer_here("residual") == Residual()
