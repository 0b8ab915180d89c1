"""Each file of a comparison is offered under a name of its own, and made at the click, with the time of the click."""

from datetime import UTC, datetime
from unittest.mock import MagicMock

from xai_ad.explain import Lrp
from xai_ad.inspection.cases import Outcome
from xai_ad.inspection.comparing import Cell, Comparison, Row
from xai_ad.inspection.engines.base import JobState
from xai_ad.inspection.image_files import make_image_file
from xai_ad.inspection.pictures import View
from xai_ad.ui.compare import downloads


def comparison(*states):
    cells = tuple(Cell(explainer=Lrp(), outcome=Outcome(state=state)) for state in states)
    row = Row(stored=MagicMock(), case=MagicMock(), cells=cells)
    return Comparison(image_file=make_image_file("bottle/broken large/000", b""), methods=(), rows=(row,))


def test_four_files_are_offered_and_none_is_made_before_the_click(monkeypatch):
    offered, made = {}, []
    monkeypatch.setattr(downloads, "st", MagicMock())
    monkeypatch.setattr(
        downloads, "offer_file", lambda title, kind, make, name, mime: offered.update({name: (make, mime)})
    )
    files = tuple(
        (*each[:-1], lambda _, view, kind=each[1]: made.append(view) or kind.encode())
        for each in downloads.FILES
    )
    monkeypatch.setattr(downloads, "FILES", files)
    begun = View(at=datetime(2020, 1, 1, tzinfo=UTC), opacity=0.3)
    downloads.offer_downloads(comparison(), begun)
    stem = "bottle-broken-large-000.comparison"
    assert {name: mime for name, (_, mime) in offered.items()} == {
        f"{stem}.png": "image/png",
        f"{stem}.html": "text/html",
        f"{stem}.csv": "text/csv",
        f"{stem}.json": "application/json",
    }
    assert made == []
    assert offered[f"{stem}.html"][0]() == b"HTML"
    assert made[0].opacity == 0.3
    assert made[0].at > begun.at


def test_what_is_still_computed_is_told(monkeypatch):
    monkeypatch.setattr(downloads, "offer_file", MagicMock())
    shown = MagicMock()
    monkeypatch.setattr(downloads, "st", shown)
    downloads.offer_downloads(comparison(JobState.DONE, JobState.RUNNING, JobState.WAITING), View())
    assert shown.caption.call_args.args[0].startswith("2 of 3 explanations are not computed yet")
    shown.reset_mock()
    downloads.offer_downloads(comparison(JobState.DONE, JobState.STOPPED), View())
    shown.caption.assert_not_called()
