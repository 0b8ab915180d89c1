import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from skimage.metrics import structural_similarity

from xai_ad.data.images import Preprocessing
from xai_ad.data.layouts import read_dataset
from xai_ad.data.loading import load_pixels
from xai_ad.errors import DatasetError
from xai_ad.thesis.base import Source
from xai_ad.thesis.figures.similarity import SIMILARITY, Triple, distinct, opposite_triples


def test_what_is_shown_is_ranked_oppositely_by_scikit_image_too(request_for, mvtec_folder):
    request, _ = request_for()
    _, _, record, _ = SIMILARITY.run(request)
    shown = json.loads(record.read_text())["datasets"][0]
    samples = {s.sha256: s for s in read_dataset(mvtec_folder, "mvtec").samples}
    assert shown["searched"] == 18
    assert shown["triples"]
    for triple in shown["triples"]:
        names = ("reference", "alike", "different")
        chosen = [samples[triple[name]["sha256"]] for name in names]
        pixels = load_pixels(chosen, Preprocessing()).permute(0, 2, 3, 1).double().numpy() / 255
        measured = {}
        for name, picture in zip(names[1:], pixels[1:], strict=True):
            ssim = structural_similarity(
                pixels[0], picture, gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
                data_range=1.0, channel_axis=2,
            )  # fmt: skip
            measured[name] = (ssim, np.square(pixels[0] - picture).mean())
            assert triple[name]["ssim"] == pytest.approx(ssim, abs=1e-5)
            assert triple[name]["mse"] == pytest.approx(measured[name][1], rel=1e-4)
        assert measured["alike"][0] > measured["different"][0]
        assert measured["alike"][1] > measured["different"][1]


def test_the_strongest_triple_and_the_disagreement_are_those_of_brute_force():
    rng = np.random.default_rng(0)
    ssim, mse = (values + values.T for values in rng.normal(size=(2, 6, 6)))
    apart = ~np.eye(6, dtype=bool)
    strengths = {
        (r, a, d): min(
            (ssim[r, a] - ssim[r, d]) / ssim[apart].std(), (mse[r, a] - mse[r, d]) / mse[apart].std()
        )
        for r, a, d in itertools.permutations(range(6), 3)
    }
    triples, disagreement = opposite_triples(ssim, mse)
    best = max(strengths, key=strengths.get)
    assert (triples[0].reference, triples[0].alike, triples[0].different) == best
    assert triples[0].strength == pytest.approx(strengths[best])
    assert disagreement == pytest.approx(sum(s > 0 for s in strengths.values()) / (6 * 5 * 4 / 2))


def test_measures_that_agree_leave_no_triple():
    mse = np.abs(np.subtract.outer(np.arange(5.0), np.arange(5.0)))
    assert opposite_triples(1 - mse, mse) == ([], 0.0)


def test_no_image_is_shown_twice():
    def triple(*members):
        return Triple(reference=members[0], alike=members[1], different=members[2], strength=1.0)

    triples = [triple(0, 1, 2), triple(2, 3, 4), triple(3, 4, 5), triple(6, 7, 8)]
    assert distinct(triples, 2) == [triples[0], triples[2]]


def test_the_choice_is_the_same_in_every_run(request_for):
    request, _ = request_for()
    first = [path.read_bytes() for path in SIMILARITY.run(request)]
    torch.manual_seed(123)
    second = [path.read_bytes() for path in SIMILARITY.run(request)]
    assert first[0] == second[0]
    assert first[2:] == second[2:]


@pytest.mark.parametrize(("count", "message"), [(2, "at least 3"), (4, "nothing to show")])
def test_data_that_shows_nothing_is_refused(count, message, request_for, tmp_path):
    folder = tmp_path / "plain"
    folder.mkdir()
    for number in range(count):  # copies of one picture
        Pillow.new("RGB", (32, 32), (40, 50, 60)).save(folder / f"{number}.png")
    request, _ = request_for()
    with pytest.raises(DatasetError, match=message):
        SIMILARITY.run(replace(request, sources=(Source(data=folder, layout="folder"),)))
