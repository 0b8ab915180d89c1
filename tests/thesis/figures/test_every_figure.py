import base64
import json
import shutil
from dataclasses import replace

import pytest
from PIL import Image as Pillow

from xai_ad.evaluation import evaluate
from xai_ad.thesis import find_experiment
from xai_ad.thesis.figures import FIGURES
from xai_ad.thesis.figures.ablation import ablation
from xai_ad.thesis.figures.embeddings import EMBEDDINGS
from xai_ad.thesis.figures.first_layers import ACTIVATIONS, ATTENTION_MAPS
from xai_ad.thesis.figures.reconstructions import FINE_TUNING, RECONSTRUCTIONS
from xai_ad.thesis.figures.similarity import SIMILARITY

QUICK = ablation((1e-6,), 1)
KEYS = {
    "figure-3.1": {"searched", "disagreement", "triples", "thesis"},
    "figure-4.3": {"images"},
    "figure-4.4": {"images"},
    "figure-4.5": {"images", "models"},
    "figure-4.6": {"images"},
    "figure-4.7": {"images", "residual_scale", "difference_scale"},
    "figure-4.8": {"before", "epochs", "curves", "chosen_by"},
    "figure-4.9": {"images", "separation", "variance_shares"},
    "figure-4.10": {"images", "separation", "variance_shares"},
    "attention-maps": {"images"},
    "figure-4.19": {"model", "images"},
    "figure-4.11": {"windows"},
    "figure-4.12": {"windows"},
    "figure-4.13": {"windows"},
    **{f"figure-4.{number}": {"models", "runs"} for number in range(14, 19)},
}


def test_every_figure_is_an_experiment():
    assert {figure.id for figure in FIGURES} == set(KEYS)
    assert all(find_experiment(figure.id) is figure for figure in FIGURES)


@pytest.mark.parametrize(
    "figure",
    # 4.4 and 4.6 differ from 4.3 in their variants alone, and 4.10 from 4.9 in its title.
    [SIMILARITY, RECONSTRUCTIONS[0], ACTIVATIONS, FINE_TUNING, QUICK, EMBEDDINGS[0], ATTENTION_MAPS],
    ids=lambda figure: figure.id,
)
def test_a_figure_stands_as_text_page_numbers_and_picture(figure, request_for, cells):
    request, _ = request_for()
    markdown, page, numbers, picture = figure.run(request)
    assert picture == request.output / f"{figure.id}-widget.png"
    assert f"({picture.name})" in markdown.read_text()
    record = json.loads(numbers.read_text())
    assert (record["experiment"], record["protocol"], record["seed"]) == (figure.id, "held-out", 0)
    (dataset,) = record["datasets"]
    assert set(dataset) == {"dataset", "picture", "notes"} | KEYS[figure.id]
    with Pillow.open(picture) as opened:
        assert opened.format == "PNG"
        assert opened.width > 400
    assert base64.b64encode(picture.read_bytes()).decode() in page.read_text()
    assert "://" not in page.read_text()  # a page needs no network


def test_a_reconstructions_error_is_the_score_that_evaluation_gives_it(request_for, cells, mvtec_folder):
    request, _ = request_for()
    _, _, numbers, _ = RECONSTRUCTIONS[0].run(request)
    images = json.loads(numbers.read_text())["datasets"][0]["images"]
    assert [image["label"] for image in images] == [0, 0, 1, 1, 1, 1]
    assert set(images[0]["models"]) == {"bcae2", "bcae2-compound", "ks_cae", "ks_cae-compound"}
    scores = {image.sha256: image.score for image in evaluate(cells["ks_cae"], mvtec_folder, "mvtec").images}
    for image in images:
        assert image["models"]["ks_cae"]["mse"] == pytest.approx(scores[image["sha256"]], rel=1e-5)


def test_fine_tuning_is_compared_with_what_stood_before(request_for, cells, mvtec_folder):
    request, _ = request_for()
    _, _, numbers, _ = FINE_TUNING.run(request)
    images = json.loads(numbers.read_text())["datasets"][0]["images"]
    for when, name in (("before", "bcae1"), ("after", "bcae1-svdd")):
        judged = evaluate(cells[name], mvtec_folder, "mvtec").images
        scores = {image.sha256: image.score for image in judged}
        for image in images:
            assert image[when]["mse"] == pytest.approx(scores[image["sha256"]], rel=1e-5)
    assert images[0]["before"]["mse"] != images[0]["after"]["mse"]


def test_each_dataset_has_a_picture_and_a_section(request_for, cells, mvtec_folder):
    request, _ = request_for()
    other = shutil.copytree(mvtec_folder, mvtec_folder.with_name("gadget"))
    both = (request.sources[0], replace(request.sources[0], data=other))
    markdown, _, numbers, *pictures = EMBEDDINGS[0].run(replace(request, sources=both))
    assert [path.name for path in pictures] == ["figure-4.9-widget.png", "figure-4.9-gadget.png"]
    assert all(path.is_file() for path in pictures)
    datasets = json.loads(numbers.read_text())["datasets"]
    assert [dataset["dataset"] for dataset in datasets] == ["widget", "gadget"]
    assert "## gadget" in markdown.read_text()
