import json

import pytest

from xai_ad.errors import UnknownNameError
from xai_ad.thesis import EXPERIMENTS, find_experiment, tables
from xai_ad.thesis.tables import TABLES

OF_PICTURES = [
    experiment for experiment in TABLES if experiment.id not in {"table-4.11", "table-4.12", "table-4.13"}
]


@pytest.mark.parametrize("experiment", OF_PICTURES, ids=lambda experiment: experiment.id)
def test_a_table_stands_as_json_markdown_and_a_page_with_the_thesis_beside(
    experiment, request_for, with_figures, monkeypatch, mvtec_folder
):
    folder = mvtec_folder.rename(mvtec_folder.with_name("bottle"))
    request, _ = request_for()
    source = request.sources[0].__class__(data=folder, layout="mvtec")
    request = request.__class__(**{**vars(request), "sources": (source,)})
    monkeypatch.setattr(
        tables,
        "run_cells",
        lambda request, source, variants: {v.name: [with_figures(auc_roc=0.8)] for v in variants},
    )
    markdown, page, record = experiment.run(request)
    rows = json.loads(record.read_text())["datasets"][0]["rows"]
    assert all(row["measured"]["auc_roc"]["mean"] == 0.8 for row in rows)
    assert all(row["title"] in markdown.read_text() for row in rows)
    assert "://" not in page.read_text()  # a page needs no network
    assert "data:image/png;base64," in page.read_text()
    if experiment.id == "table-4.9":
        assert "0.800 [0.613]" in markdown.read_text()
        assert "all 15 categories" in markdown.read_text()


def test_an_unknown_experiment_is_answered_with_all_of_them():
    with pytest.raises(UnknownNameError, match=r"table-4\.6"):
        find_experiment("table-9.9")
    assert set(EXPERIMENTS) >= {"table-4.6", "table-4.7", "table-4.8", "table-4.9", "claims", "results"}
