"""Files are made as the browser told last that it shows pictures, and as a page begins in all else."""

import pytest

from xai_ad.inspection.pictures import View
from xai_ad.presentation.scales import MapScale, Unit
from xai_ad.ui.showing import view as module


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (None, {}),
        ({"selected": "lime"}, {}),
        ({"opacity": {"map": 0.4, "picture": 0.9}}, {"opacity": 0.4, "picture_opacity": 0.9}),
        ({"start": {"region": 0.5}, "outlined": False}, {"starts": {"region": 0.5}, "outlined": False}),
        ({"opacity": {"map": 7, "picture": True}, "start": "all", "outlined": 1}, {}),
    ],
)
def test_a_view_is_what_the_browser_told(monkeypatch, told, shown):
    monkeypatch.setattr(module.st, "session_state", {"viewer": told})
    view = module.view_of("viewer")
    assert view == View(**shown, at=view.at)


def test_values_that_a_grid_told_become_strengths_on_its_scales(monkeypatch):
    scale = MapScale(unit=Unit.REGION, limit=4.0, start=0.04, knee=0.05)
    told = {"start": {"region": 1.0, "density": 3.0, "other": "x"}}
    monkeypatch.setattr(module.st, "session_state", {"grid": told})
    view = module.view_of("grid", {"region": scale})
    assert view.starts == {"region": pytest.approx(float(scale.strength(1.0)))}
    assert scale.value(view.starts["region"]) == pytest.approx(1.0)
