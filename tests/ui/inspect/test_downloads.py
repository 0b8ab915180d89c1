"""Files are made as the browser told last that it shows pictures, and as a page begins in all else."""

import pytest

from xai_ad.inspection.pictures import View
from xai_ad.ui.inspect import downloads


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
    monkeypatch.setattr(downloads.st, "session_state", {"viewer": told})
    view = downloads.view_of("viewer")
    assert view == View(**shown, at=view.at)
