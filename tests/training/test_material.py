from pathlib import Path

import numpy as np
import pytest
import torch

from tests.clip_networks import picture_network, predicting_network, random_pixels, rebuilding_network
from xai_ad.data.layouts import Sample
from xai_ad.errors import InvalidInputError
from xai_ad.networks import build_autoencoder
from xai_ad.training.material import (
    ClipPixels,
    Noise,
    Pixels,
    count,
    cut_into_windows,
    material_sha256,
    reconstruct_batch,
    with_pseudo_anomalies,
)

CLIPS = (("a", [*range(1, 30), *range(40, 52)]), ("b", range(7, 27)), ("c", range(5)))


def samples():
    return [
        Sample(path=Path(name), label=0, kind="normal", subset="train", sha256="0", group=name, number=number)
        for name, numbers in CLIPS
        for number in numbers
    ]


@pytest.mark.parametrize(("strides", "step"), [((1, 2, 4), 1), ((1,), 8), ((2, 16), 3)])
def test_windows_are_those_of_each_clip_and_of_no_two(strides, step):
    labelled = [(sample.group, sample.number) for sample in samples()]
    expected = set()
    for stride in strides:
        for name, first, last in (("a", 1, 29), ("a", 40, 51), ("b", 7, 26), ("c", 0, 4)):
            for begin in range(first, last + 1, step):
                window = [(name, begin + stride * place) for place in range(8)]
                if window[-1][1] <= last:
                    expected.add(tuple(window))
    material = cut_into_windows(samples(), random_pixels(66), length=8, strides=strides, step=step)
    found = [tuple(labelled[place] for place in window) for window in material.windows.tolist()]
    assert len(found) == len(set(found)) == len(material)
    assert set(found) == expected


def test_a_batch_holds_the_windows_frames_in_their_order():
    pixels = random_pixels(30)
    material = ClipPixels(pixels, np.array([[0, 2, 4], [5, 6, 7], [29, 28, 27]]))
    batch = material[[2, 0]]
    assert batch.shape == (2, 3, 1, 12, 12)
    assert torch.equal(batch[0], pixels[[29, 28, 27]])
    assert torch.equal(batch[1], pixels[[0, 2, 4]])
    assert material.images_each == 3


def test_clips_without_a_long_enough_run_are_refused():
    short = [sample for sample in samples() if sample.group == "c"]
    with pytest.raises(InvalidInputError, match="8 consecutive frames, and no clip has as many"):
        cut_into_windows(short, random_pixels(5), length=8, strides=(1,), step=1)


def test_other_windows_over_the_same_frames_are_other_material():
    pixels = random_pixels(12)
    windows = [np.arange(8)[None], np.arange(1, 9)[None]]
    hashes = {material_sha256(ClipPixels(pixels, window)) for window in windows}
    assert len(hashes | {material_sha256(Pixels(pixels))}) == 3


@pytest.mark.parametrize(
    ("anchors", "wanted"),
    [
        (rebuilding_network().anchors(8), [8, 9, 10, 11, 12, 13, 14, 15]),
        (predicting_network().anchors(8), [0, 3, 6, 9, 10, 11, 12, 13]),
        (build_autoencoder("motion_cae").anchors(8), [2, 5, 8, 11, 10, 13, 16, 19]),
    ],
)
def test_a_scene_three_times_as_fast_should_go_on_at_its_ordinary_pace(anchors, wanted):
    """Frame t of the answer lies as far after its anchor in the clip as t lies after it in the window."""
    pixels = random_pixels(30)
    normal = ClipPixels(pixels, np.array([[*range(8)]]))
    quickened = ClipPixels(pixels, np.array([[*range(0, 24, 3)]]))
    material = with_pseudo_anomalies(normal, quickened, anchors=anchors)
    shown, answer = material[[0, 1]]
    assert torch.equal(shown[0], pixels[:8])
    assert torch.equal(answer[0], pixels[:8])
    assert torch.equal(shown[1], pixels[:24:3])
    assert torch.equal(answer[1], pixels[wanted])
    assert count((shown, answer)) == count(shown) == len(material) == 2
    hashes = {material_sha256(part) for part in (material, ClipPixels(pixels, material.windows.numpy()))}
    assert len(hashes) == 2


@pytest.mark.parametrize("build", [rebuilding_network, predicting_network])
def test_a_pseudo_anomaly_is_compared_with_what_should_be_answered(build):
    shown, wanted = (part.reshape(2, 8, 1, 12, 12) for part in random_pixels(32).chunk(2))
    answer, answered, _ = reconstruct_batch(build(), (shown, wanted))
    alone, expected, _ = reconstruct_batch(build(), shown)
    assert torch.equal(answered, expected)
    assert torch.equal(answer, reconstruct_batch(build(), wanted)[0])
    assert not torch.equal(answer, alone)


def test_noise_lies_on_about_half_of_the_pixels_of_all_channels_alike():
    images = torch.full((4, 8, 3, 32, 32), 0.5)
    spoilt = Noise(sigma=0.1, seed=3).at(2, 5)(images)
    noise = spoilt - images
    shown = noise != 0
    assert torch.equal(shown[:, :, 0], shown[:, :, 2])
    assert float(shown.float().mean()) == pytest.approx(0.5, abs=0.02)
    assert float(noise[shown].std()) == pytest.approx(0.1, rel=0.02)
    assert not torch.equal(noise[:, :, 0], noise[:, :, 1])
    assert torch.equal(images, torch.full_like(images, 0.5))


def test_noise_depends_on_seed_epoch_and_batch_alone_and_stays_in_range():
    images = torch.rand(2, 1, 16, 16).round()
    drawn = [
        Noise(sigma=0.5, seed=seed).at(epoch, batch)(images)
        for seed, epoch, batch in ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1))
    ]
    assert torch.equal(drawn[0], Noise(sigma=0.5, seed=0).at(0, 0)(images))
    assert not any(torch.equal(drawn[0], other) for other in drawn[1:])
    assert all(0 <= found.min() <= found.max() <= 1 for found in drawn)


def test_without_noise_images_are_left_alone():
    images = torch.rand(2, 1, 8, 8)
    assert Noise(sigma=0.0, seed=0).at(0, 0)(images) is images


def test_a_network_answers_with_the_clean_images_in_view():
    batch = random_pixels(6)
    wanted, answered, penalty = reconstruct_batch(picture_network(), batch, spoil=torch.zeros_like)
    assert torch.equal(wanted, batch / 255)
    torch.testing.assert_close(answered, picture_network()(torch.zeros(6, 1, 12, 12)))
    assert float(penalty) == 0


@pytest.mark.parametrize(("build", "shown", "asked"), [
    (rebuilding_network, slice(0, 8), slice(0, 8)),
    (predicting_network, slice(0, 4), slice(4, 8)),
])  # fmt: skip
def test_a_network_of_clips_is_compared_frame_by_frame_with_what_it_should_answer(build, shown, asked):
    clips = random_pixels(24).reshape(3, 8, 1, 12, 12)
    wanted, answered, _ = reconstruct_batch(build(), clips, spoil=lambda images: images / 2)
    expected = build()(clips[:, shown] / 255 / 2)
    for place in range(3):
        for frame in range(asked.stop - asked.start):
            index = frame * 3 + place
            assert torch.equal(wanted[index], clips[place, asked][frame] / 255)
            torch.testing.assert_close(answered[index], expected[place, frame])
