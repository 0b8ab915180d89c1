"""The strip stands in the order of what was measured, and what is noise says so on its panel."""

import pytest

from tests.ui.showing.test_marks import case, data_of, scored  # noqa: F401  # the fixture
from xai_ad.errors import StoreError
from xai_ad.presentation.worth import Worth
from xai_ad.ui.inspect import panels
from xai_ad.ui.showing import measured as module
from xai_ad.ui.showing.measured import Standing, say_settings, say_worth, standing_of


def worth(method, *, noise):
    return Worth(method=method, short=f"{method} in short", sentence=f"{method} measured.", is_noise=noise)


@pytest.fixture
def measured(monkeypatch):
    """Occlusion was measured better than the residual, which is noise."""
    worths = {"occlusion": worth("occlusion", noise=False), "residual": worth("residual", noise=True)}
    standing = Standing(order=("occlusion", "residual"), worths=worths)
    monkeypatch.setattr(panels, "standing_of", lambda _: standing)


def shown(data):
    return {panel["id"]: panel for panel in data["panels"]}


def test_the_strip_begins_with_what_was_measured_best(case, measured):  # noqa: F811
    order = list(shown(data_of(case)))
    assert order == ["reconstruction", "occlusion", "residual", "ssim"]


def test_noise_is_said_on_the_panel_and_warns_in_its_notes(case, measured):  # noqa: F811
    found = shown(data_of(case))
    assert found["residual"]["noise"] == "residual in short"
    assert {"text": "residual measured.", "warns": True} in found["residual"]["notes"]
    assert "noise" not in found["occlusion"]
    assert found["occlusion"]["notes"] == [{"text": "occlusion measured.", "warns": False}]


def test_what_was_measured_is_not_claimed_of_other_settings():
    standing = Standing(worths={"lime": worth("lime", noise=False)})
    panel = {"id": "lime", "notes": [{"text": "1 spot.", "warns": False}]}
    say_worth(panel, standing)
    say_settings(panel, "Settings differ: regions 2.", standing)
    assert [note["text"] for note in panel["notes"]] == [
        "Settings differ: regions 2.",
        "Measured under the default settings: lime measured.",
        "1 spot.",
    ]


def test_a_model_of_which_nothing_is_known_keeps_the_usual_order(case, monkeypatch):  # noqa: F811
    def refuse(_):
        raise StoreError("gone")

    monkeypatch.setattr(module, "find_model", refuse)
    monkeypatch.setattr(module, "_STANDINGS", type(module._STANDINGS)(2))
    found = standing_of(scored(case, 2.0))
    assert (found.order[:2], dict(found.worths)) == (("residual", "lrp"), {})
