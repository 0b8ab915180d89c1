"""What can be taken away holds what the page shows, under names made of harmless letters."""

import io
import json

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from xai_ad.explain import Residual
from xai_ad.inspection.cases import explain, open_case
from xai_ad.inspection.files import file_stem, map_npy, overlay_png, record_json
from xai_ad.inspection.image_files import make_image_file
from xai_ad.inspection.models import open_model
from xai_ad.inspection.repeating import reopen
from xai_ad.presentation.render import encode_png, to_image


@pytest.fixture
def make_case(stored_model):
    image = torch.rand(3, 128, 128, generator=torch.Generator().manual_seed(0))
    content = encode_png(to_image(image))
    return lambda name="washer/scratch/003": open_case(
        open_model(stored_model), make_image_file(name, content)
    )


def test_the_overlay_is_a_png_of_the_photograph(make_case):
    case = make_case()
    picture = Pillow.open(io.BytesIO(overlay_png(case, explain(case, Residual()))))
    assert (picture.format, picture.size) == ("PNG", (512, 512))


def test_the_record_is_the_contracts(make_case):
    case = make_case()
    timed = explain(case, Residual())
    record = json.loads(record_json(case, Residual(), timed))
    assert record["method"] == "residual"
    assert record["model"] == "widget-bcae1"
    assert record["image_sha256"] == case.image_file.sha256
    assert record["score"] == timed.explanation.score
    assert record["threshold"] == 0.05
    assert record["rectangles"] is None


def test_the_command_line_repeats_the_record_to_the_byte(make_case, tmp_path):
    case = make_case("part.png")
    (tmp_path / "part.png").write_bytes(case.image_file.content)
    file = tmp_path / "record.json"
    file.write_bytes(record_json(case, Residual(), explain(case, Residual())))
    reopen(file).write(tmp_path / "again")
    assert (tmp_path / "again" / "explanation.json").read_bytes() == file.read_bytes()


def test_the_map_is_the_relevance(make_case):
    case = make_case()
    explanation = explain(case, Residual()).explanation
    np.testing.assert_array_equal(np.load(io.BytesIO(map_npy(explanation))), explanation.relevance[0])


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("washer/scratch/003", "washer-scratch-003"),
        ("../../etc/<b>x</b>.png", "etc-b-x-b"),
        ("\u202egnp.png", "gnp"),
        ("....", "photo"),
        ("x" * 300 + ".png", "x" * 60),
    ],
)
def test_names_are_made_of_harmless_letters(make_case, name, stem):
    assert file_stem(make_case(name), "lime") == f"{stem}.widget-bcae1.lime"
