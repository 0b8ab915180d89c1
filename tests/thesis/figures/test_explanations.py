"""Figure 4.19 is a comparison with a row for each image: the figures are evaluation's, and the grid is the command's."""

import json

import pytest
from PIL import Image as Pillow

from xai_ad.errors import InvalidInputError
from xai_ad.evaluation import evaluate
from xai_ad.presentation.comparison import drawing
from xai_ad.store import find_model
from xai_ad.thesis.figures.explanations import METHODS, explanations

QUICK = explanations({"residual": {}, "lime": {"budget": 32, "n_segments": 8}, "counterfactual": {"grid": 2}})


@pytest.fixture
def drawn(request_for, cells, monkeypatch):
    """Run the figure of quick methods; return its files and the sheet that was drawn."""
    sheets = []
    draw = drawing.drawn
    monkeypatch.setattr(drawing, "drawn", lambda sheet: sheets.append(sheet) or draw(sheet))
    return QUICK.run(request_for()[0]), sheets


def test_every_image_has_a_row_and_every_method_a_column(drawn):
    (markdown, page, numbers, picture), (sheet,) = drawn
    assert [column.title for column in sheet.columns] == [
        "Input", "Reconstruction", "Residual", "LIME", "Counterfactual",
    ]  # fmt: skip
    assert [row.heading.title for row in sheet.rows] == ["normal"] * 2 + ["hole", "stain"] * 2
    assert all(tile.picture is not None for row in sheet.rows for tile in row.tiles)
    assert sheet.title == "Figure 4.19: explanations of normal and anomalous images. Data: widget"
    assert picture.name == "figure-4.19-widget.png"
    with Pillow.open(picture) as opened:
        assert opened.width > 1000
    assert picture.name in markdown.read_text()
    assert "://" not in page.read_text()
    (dataset,) = json.loads(numbers.read_text())["datasets"]
    assert set(dataset) == {"dataset", "picture", "notes", "model", "images"}


def test_an_images_score_is_what_evaluation_gives_it(drawn, cells, mvtec_folder):
    (_, _, numbers, _), _ = drawn
    scores = {image.sha256: image.score for image in evaluate(cells["bcae1"], mvtec_folder, "mvtec").images}
    images = json.loads(numbers.read_text())["datasets"][0]["images"]
    for image in images:
        for cell in image["cells"]:
            assert cell["score"] == pytest.approx(scores[image["sha256"]], rel=1e-5)


def test_masks_are_compared_with_where_there_are_any(drawn):
    (markdown, _, numbers, _), _ = drawn
    (dataset,) = json.loads(numbers.read_text())["datasets"]
    for image in dataset["images"]:
        placed = [cell["mask_iou"] is not None for cell in image["cells"]]
        assert placed == [image["kind"] == "hole"] * 3
    assert "Median AUC-ROC of the maps over the pixels of 2 images with a mask" in dataset["notes"][0]
    assert ": IoU ." in markdown.read_text()


def test_a_given_model_of_the_dataset_is_explained_instead(request_for, stored_as, cells):
    from xai_ad.thesis.variants import variant_named

    given = stored_as(variant_named("bcae1"))
    request, _ = request_for(models=given.path.parent)
    numbers = QUICK.run(request)[2]
    assert json.loads(numbers.read_text())["datasets"][0]["model"] == find_model(given.path).card.id
    assert cells == {}  # nothing was trained
    (empty := given.path.parent.with_name("empty")).mkdir()
    with pytest.raises(InvalidInputError, match="has no BCAE1 of the dataset 'widget'"):
        QUICK.run(request_for(models=empty)[0])


def test_the_methods_are_the_thesiss():
    assert tuple(METHODS) == ("residual", "lrp", "lime", "kernel_shap", "counterfactual")
