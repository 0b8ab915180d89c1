"""A picture like the training pictures is none of the strangers; one that is not is named with its cause."""

import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional

from xai_ad.benchmarks.outsiders import CHANGES
from xai_ad.data.decoding import decode_image
from xai_ad.data.images import prepare
from xai_ad.data.layouts import images_in
from xai_ad.detector.familiarity import Cause, Familiarity, fit_familiarity
from xai_ad.detector.familiarity import familiarity as module
from xai_ad.detector.familiarity.altering import altered
from xai_ad.detector.familiarity.familiarity import LEVEL, likely_cause
from xai_ad.detector.familiarity.features import measure
from xai_ad.detector.familiarity.fitting import FEW, KEPT, MARGIN, _limits, _thinned
from xai_ad.detector.familiarity.reference import GROUPS, Reference
from xai_ad.errors import InvalidInputError
from xai_ad.machine.places import samples
from xai_ad.store import load, load_familiarity

SIDE = 48


def pictures(count, seed=0, *, channels=3):
    """(N, C, 48, 48) uint8: a disc on a lighter ground that moves and brightens a little, with stripes and grain."""
    draw = torch.Generator().manual_seed(seed)
    down, right = torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing="ij")
    places = SIDE / 2 + 0.5 * torch.randn(count, 2, 1, 1, generator=draw)
    apart = ((down - places[:, 0]) ** 2 + (right - places[:, 1]) ** 2).sqrt()  # (N, 48, 48)
    light = 0.6 + 0.01 * torch.randn(count, 1, 1, generator=draw)
    grey = light - 0.3 * torch.sigmoid(14 - apart) + 0.05 * torch.sin(right * 2.0)
    tint = torch.tensor([0.1, 0.0, -0.1])[:channels, None, None]
    grain = 0.02 * torch.randn(count, channels, SIDE, SIDE, generator=draw)
    return ((grey[:, None] + tint + grain).clamp(0, 1) * 255).round().to(torch.uint8)


def floats(pixels):
    return pixels.float() / 255


def moved(images, by):
    return functional.pad(images, (by, 0, 0, 0), mode="replicate")[..., :SIDE]


def blurred(images):
    return functional.avg_pool2d(functional.pad(images, (2, 2, 2, 2), mode="replicate"), 5, stride=1)


def another_object(images):
    down, right = torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing="ij")
    return (0.45 + 0.2 * ((down // 8 + right // 8) % 2)).expand_as(images)


@pytest.fixture(scope="module")
def familiarity():
    return fit_familiarity(pictures(60))


@pytest.fixture(scope="module")
def new():
    return floats(pictures(30, seed=1))


def test_new_pictures_of_the_same_kind_are_no_strangers(familiarity, new):
    assert not any(found.is_stranger for found in familiarity.judge_many(new))


def test_pictures_with_a_small_defect_are_no_strangers(familiarity, new):
    damaged = new.clone()
    damaged[:, :, 10:16, 20:28] = 1.0
    assert not any(found.is_stranger for found in familiarity.judge_many(damaged))


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda images: images * 0.7, Cause.LIGHT),
        (lambda images: (images * 1.3).clamp(0, 1), Cause.LIGHT),
        (blurred, Cause.SHARPNESS),
        (another_object, Cause.OBJECT),
    ],
    ids=["darker", "brighter", "blurred", "another object"],
)
def test_each_change_to_the_whole_picture_makes_a_stranger_of_its_cause(familiarity, new, change, cause):
    for found in familiarity.judge_many(change(new)):
        assert found.is_stranger
        assert found.cause is cause
        assert found.p_value == pytest.approx(1 / 61)
        assert found.distance > 1


@pytest.mark.parametrize("of", ["good", "missing_piece", "wrong_bore", "contamination"])
def test_a_shipped_model_names_changes_to_its_own_pictures_and_other_sets(of):
    familiarity, card = load_familiarity("washer-bcae1"), load("washer-bcae1")[1]
    own = [decode_image(path) for path in images_in(samples() / "washer" / "test" / of)[:6]]
    lesions = [decode_image(path) for path in images_in(samples() / "lesion" / "test" / "good")[:6]]
    changes = {
        name: [change(picture, turn) for turn, picture in enumerate(own)] for name, change in CHANGES.items()
    }

    def causes(pictures):
        images = torch.stack([prepare(picture, card.preprocessing) for picture in pictures])
        return {found.cause for found in familiarity.judge_many(floats(images))}

    assert causes(own) == {None}
    assert causes(changes["darker by 30 %"]) == {Cause.LIGHT}
    assert causes(changes["shifted by 3 %"]) == {Cause.FRAMING}
    assert causes(changes["blurred"]) == {Cause.SHARPNESS}
    assert causes(lesions) == {Cause.OBJECT}


def test_a_grey_model_tells_too():
    grey = fit_familiarity(pictures(30, channels=1))
    own = floats(pictures(10, seed=1, channels=1))
    assert not any(found.is_stranger for found in grey.judge_many(own))
    assert {found.cause for found in grey.judge_many(own * 0.7)} == {Cause.LIGHT}


def test_the_p_value_is_the_rank_among_the_training_pictures(familiarity):
    told = replace(familiarity, distances=torch.tensor([0.5, 0.25, 1.0, 0.5]))
    ranks = {0.125: 5, 0.25: 5, 0.3: 4, 0.5: 4, 0.75: 2, 1.0: 2, 1.5: 1}
    for distance, rank in ranks.items():
        by_counting = (1 + sum(other >= distance for other in [0.5, 0.25, 1.0, 0.5])) / 5
        assert told.p_value(distance) == by_counting == rank / 5


def test_of_pictures_that_are_exchangeable_no_more_than_a_share_has_so_low_a_p_value(familiarity):
    """Exactly: over all choices of which of n + 1 distances is the new one, at most a share a has p <= a."""
    distances = torch.tensor([0.5, 0.25, 1.0, 0.5, 0.75, 0.875, 0.125, 0.375, 1.25, 0.625])
    p_values = []
    for new in range(len(distances)):
        others = torch.cat([distances[:new], distances[new + 1 :]])
        p_values.append(replace(familiarity, distances=others).p_value(float(distances[new])))
    for share in (0.1, 0.2, 0.35, 0.5, 0.9):
        assert np.mean(np.array(p_values) <= share + 1e-12) <= share + 1e-12
    assert min(p_values) == pytest.approx(0.1)


def test_a_p_value_of_new_pictures_is_as_low_as_it_says(familiarity):
    """200 new pictures of the same kind: the share with p <= a is about a or less (a band of three deviations)."""
    found = familiarity.judge_many(floats(pictures(200, seed=5)))
    p_values = np.array([one.p_value for one in found])
    for share in (0.1, 0.25, 0.5):
        assert (p_values <= share).mean() <= share + 3 * (share * (1 - share) * (1 / 60 + 1 / 200)) ** 0.5


def test_what_is_beyond_the_limit_and_no_rarer_than_the_level_is_no_stranger(familiarity, new):
    dark = new[:1] * 0.7
    far = torch.full((99,), 50.0)
    rare = replace(familiarity, distances=torch.cat([far[:4], torch.zeros(95)]))
    common = replace(familiarity, distances=torch.cat([far[:5], torch.zeros(94)]))
    (named,), (spared,) = rare.judge_many(dark), common.judge_many(dark)
    assert (named.is_stranger, named.p_value) == (True, LEVEL)
    assert (spared.is_stranger, spared.cause) == (False, None)
    assert spared.distance > 1


def test_limits_are_where_normal_pictures_lie_moved_towards_altered_ones_and_widened():
    normal, altered_ones = torch.full((100, 2), 2.0), torch.tensor([[6.0, 1.0]]).expand(50, 2)
    share, widened = np.exp(-100 / FEW), 1 + MARGIN / 10
    assert _limits(normal, altered_ones).tolist() == pytest.approx(
        [(2 + 4 * share) * widened, 2 * widened], rel=1e-5
    )
    assert _limits(normal / 100, normal / 100).tolist() == [1, 1]  # what the floors forgive is no difference


def test_each_training_picture_is_judged_by_a_fit_that_did_not_see_it():
    """A picture of another kind among the others is as far as it is from a fit to the rest, and not as from all."""
    pixels = pictures(20)
    pixels[7] = (another_object(floats(pixels[7:8]))[0] * 255).to(torch.uint8)
    found = fit_familiarity(pixels)
    seen = found.judge(floats(pixels)[7])
    assert int(found.distances.argmax()) == 7
    assert float(found.distances[7]) > 1.2 * seen.distance


def test_of_many_pictures_some_give_the_p_values():
    few, many = torch.arange(KEPT) / 1024, torch.arange(2 * KEPT) / 1024  # exact in half precision
    assert torch.equal(_thinned(few), few)
    kept = _thinned(many)
    assert len(kept.unique()) == KEPT
    assert (kept.min(), kept.max()) == (many.min(), many.max())


@pytest.mark.parametrize("share", [0.85, 0.93, 1.05])
def test_the_regression_finds_how_much_darker_a_picture_is(share):
    measures = measure(floats(pictures(20)))
    light = Reference.of(measures).compare(measure(floats(pictures(20)) * share))["light"]
    mean = Reference.of(measures).mean
    assert light[:, 0].mean() * 2 == pytest.approx(share - 1, abs=0.02)  # contrast
    assert light[:, 1].mean() == pytest.approx((share - 1) * float(mean.mean()), abs=0.005)  # brightness


def test_the_regression_finds_how_far_a_picture_was_shifted():
    measures = measure(floats(pictures(20)))
    place = Reference.of(measures).compare(measure(moved(floats(pictures(20)), 1)))["framing"]
    assert place[:, 1].mean() == pytest.approx(
        -2 / SIDE, rel=0.25
    )  # sides are 2 long, and the mean was to the left
    assert abs(float(place[:, 0].mean())) < 0.2 * 2 / SIDE


@pytest.mark.parametrize(
    ("apart", "cause"),
    [
        ({"light": 3.0, "sharpness": 2.0}, Cause.LIGHT),
        ({"light": 2.0, "sharpness": 3.0}, Cause.LIGHT),
        ({"light": 0.9, "sharpness": 3.0}, Cause.SHARPNESS),
        ({"light": 20.0, "sharpness": 20.0, "object": 1.5}, Cause.OBJECT),
        ({"framing": 5.0, "light": 2.0, "object": 1.5}, Cause.FRAMING),
        ({"framing": 5.0, "light": 4.0, "object": 1.5}, Cause.OBJECT),
        ({"texture": 3.0, "sharpness": 1.2}, Cause.OBJECT),
        ({"texture": 1.5, "sharpness": 1.2}, Cause.SHARPNESS),
    ],
)
def test_the_likeliest_cause_by_what_stands_out(apart, cause):
    assert likely_cause({**dict.fromkeys(GROUPS, 0.2), **apart}) is cause


def test_a_squeezed_picture_is_a_stranger_for_its_shape(familiarity, new):
    shaped = replace(familiarity, shape=(300, 400))
    kept, within, squeezed, unknown = shaped.judge_many(new[:4], [(150, 200), (310, 400), (300, 300), None])
    assert [one.is_stranger for one in (kept, within, unknown)] == [False, False, False]
    assert (squeezed.is_stranger, squeezed.cause, squeezed.p_value) == (True, Cause.SHAPE, 1 / 61)
    assert not familiarity.judge(new[0], (300, 300)).is_stranger  # what shape is right is not known


def test_one_picture_is_judged_as_among_many(familiarity, new):
    alone = [familiarity.judge(image) for image in new[:3]]
    together = familiarity.judge_many(new[:3])
    for one, other in zip(alone, together, strict=True):
        assert one.distance == pytest.approx(other.distance, rel=1e-4)
        assert one.p_value == other.p_value


def test_batches_change_nothing(familiarity, new, monkeypatch):
    whole = familiarity.judge_many(new)
    monkeypatch.setattr(module, "BATCH", 7)
    for one, other in zip(familiarity.judge_many(new), whole, strict=True):
        assert one.distance == pytest.approx(other.distance, rel=1e-4)


def test_it_comes_back_from_its_tensors(familiarity, new):
    tensors = familiarity.tensors()
    again = Familiarity.of_tensors({name: tensor.clone() for name, tensor in tensors.items()})
    assert all(torch.equal(tensor, tensors[name]) for name, tensor in again.tensors().items())
    for one, other in zip(again.judge_many(new), familiarity.judge_many(new), strict=True):
        distance = pytest.approx(other.distance, rel=1e-5)  # sums depend on where tensors lie in memory
        assert one == replace(other, distance=distance)
    assert sum(tensor.numel() * tensor.element_size() for tensor in again.tensors().values()) < 15_000


@pytest.mark.parametrize("name", ["mean", "object.rounding", "distances"])
def test_tensors_of_something_else_are_refused(familiarity, name):
    tensors = {other: tensor for other, tensor in familiarity.tensors().items() if other != name}
    with pytest.raises(InvalidInputError, match=name):
        Familiarity.of_tensors(tensors)


def test_the_same_pictures_give_the_same_fit():
    one, other = (fit_familiarity(pictures(8)).tensors() for _ in range(2))
    for name, tensor in one.items():
        assert torch.equal(tensor, other[name])


def test_too_few_pictures_are_refused():
    with pytest.raises(InvalidInputError, match=r"At least 4 normal pictures.*Got 3"):
        fit_familiarity(pictures(3))


def test_pictures_of_another_kind_of_channel_are_refused(familiarity):
    with pytest.raises(InvalidInputError, match=r"\(N, 3, H, W\)\. Got \(1, 1, 48, 48\)"):
        familiarity.judge(torch.zeros(1, SIDE, SIDE))


@pytest.mark.parametrize("size", [8, 33, 128, 200])
def test_any_size_of_network_can_tell(size):
    pixels = (functional.interpolate(floats(pictures(8)), size=(size, size)) * 255).to(torch.uint8)
    found = fit_familiarity(pixels).judge_many(floats(pixels))
    assert all(np.isfinite(one.distance) for one in found)


def test_an_altered_picture_is_the_same_in_most_places():
    random = np.random.default_rng(0)
    pixels = pictures(1)[0].numpy()
    shares = []
    for _ in range(30):
        copy = altered(pixels, random)
        assert copy.dtype == np.uint8
        shares.append((copy != pixels).any(axis=0).mean())
    assert max(shares) < 0.5
    assert 0 < np.median(shares) < 0.2


def test_judging_takes_little_time(familiarity):
    images = torch.rand(16, 3, 128, 128)
    familiarity.judge_many(images)
    began = time.process_time()
    familiarity.judge_many(images)
    assert (time.process_time() - began) / 16 < 0.05  # 0.003 to 0.01 s of one core
