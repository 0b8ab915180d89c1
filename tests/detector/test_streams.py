import resource
import weakref
from pathlib import Path

import pytest
import torch

from tests.clip_networks import (
    SIDE,
    frames_of,
    picture_network,
    predicting_network,
    random_pixels,
    rebuilding_network,
)
from xai_ad.data.layouts import Sample
from xai_ad.data.videos.frames import Frame
from xai_ad.detector.calibration import Calibration
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.placement import Grid
from xai_ad.detector.scores import Score, Scoring
from xai_ad.detector.streams import (
    frame_in_window,
    reconstructed_samples,
    sample_embeddings,
    sample_maps,
    window_around,
)
from xai_ad.errors import InvalidInputError, StoreError

NETWORKS = {
    "rebuilding": rebuilding_network,
    "predicting": predicting_network,
    "of pictures": picture_network,
}
CALIBRATION = Calibration(threshold=0.05, score_max=0.2, map_scale=4.0)
NUMBERINGS = {
    "one window": range(8),
    "many windows": range(1, 70),
    "a rest": range(1, 22),
    "fewer than T": range(5),
    "fewer than seeds": range(3),
    "a gap": [*range(1, 12), *range(20, 31)],
    "two gaps": [*range(1, 10), 15, *range(20, 37)],
}


def runs_of(numbers):
    runs = [[0]]
    for place in range(1, len(numbers)):
        if numbers[place] == numbers[place - 1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def mirrored(place, count):
    """Where a place beyond a run's end lies, walked there and back."""
    walk = [*range(count), *range(count - 2, 0, -1)] or [0]
    return walk[place % len(walk)]


def literal_answers(network, images, numbers):
    """What the network makes of each frame, one window at a time: the notes' rules, in loops."""

    def answer(places):
        return network(images[places][None])[0]

    answers = {}
    for run in runs_of(list(numbers)):
        count = len(run)

        def of(place, run=run, count=count):
            return run[mirrored(place, count)]

        if network.seeds:
            first = answer([of(place) for place in (7, 6, 5, 4)])
            for place in range(min(4, count)):
                answers[run[place]] = first[3 - place]
            for start in range(4, count, 4):
                predicted = answer([of(place) for place in range(start - 4, start)])
                for place in range(start, min(start + 4, count)):
                    answers[run[place]] = predicted[place - start]
        else:
            for start in range(0, count, 8):
                begin = max(0, min(start, count - 8))
                rebuilt = answer([of(place) for place in range(begin, begin + 8)])
                for place in range(start, min(start + 8, count)):
                    answers[run[place]] = rebuilt[place - begin]
    return torch.stack([answers[place] for place in range(len(numbers))])


@pytest.mark.parametrize("numbers", NUMBERINGS.values(), ids=NUMBERINGS)
@pytest.mark.parametrize("build", [rebuilding_network, predicting_network])
def test_every_frame_is_scored_as_a_literal_loop_over_windows_does(build, numbers):
    network, pixels = build(), random_pixels(len(numbers))
    with torch.inference_mode():
        answers = literal_answers(network, pixels / 255, numbers)
        expected = (answers - pixels / 255).square().mean(dim=(1, 2, 3))
    found = list(AnomalyClassifier(network, CALIBRATION).score_frames(frames_of(pixels, numbers)))
    assert [frame.number for frame in found] == list(numbers)
    torch.testing.assert_close(torch.tensor([frame.score for frame in found]), expected)


@pytest.mark.parametrize("numbers", NUMBERINGS.values(), ids=NUMBERINGS)
@pytest.mark.parametrize("build", NETWORKS.values(), ids=NETWORKS)
def test_a_frames_own_window_scores_it_as_the_stream_does(build, numbers):
    detector, pixels = AnomalyClassifier(build(), CALIBRATION), random_pixels(len(numbers))
    for scored in detector.score_frames(frames_of(pixels, numbers)):
        found = frame_in_window(detector.network, frames_of(pixels, numbers), scored.number)
        place = list(numbers).index(scored.number)
        assert found.numbers[found.place] == scored.number
        assert torch.equal(found.pixels[found.place], pixels[place])
        with torch.inference_mode():
            score = detector(found.pixels / 255)[found.place]
        assert float(score) == pytest.approx(scored.score, rel=1e-4)
        positions, where = window_around(detector.network, list(numbers), place)
        assert (tuple(numbers[position] for position in positions), where) == (found.numbers, found.place)


def test_a_frame_whose_window_is_not_known_yet_has_none():
    assert window_around(predicting_network(), [1, 2, 3, 4, 5, 6, 7, 8], 8) is None


def test_a_number_that_no_frame_has_has_no_window():
    assert frame_in_window(rebuilding_network(), frames_of(random_pixels(20), range(20)), 20) is None


def test_a_network_of_pictures_scores_frames_as_its_classifier_does():
    network, pixels = picture_network(), random_pixels(70)
    found = AnomalyClassifier(network, CALIBRATION).score_frames(frames_of(pixels, range(70)))
    expected = AnomalyClassifier(network, CALIBRATION).predict(pixels / 255).scores
    torch.testing.assert_close(torch.tensor([frame.score for frame in found]), expected)


@pytest.mark.parametrize(
    ("build", "padded"),
    [
        (rebuilding_network, [False] * 9 + [True] + [False] * 17),
        (predicting_network, [False] * 9 + [True] + [False] * 17),
        (picture_network, [False] * 27),
    ],
)
def test_frames_of_a_run_that_is_too_short_are_marked(build, padded):
    numbers = NUMBERINGS["two gaps"]
    found = AnomalyClassifier(build(), CALIBRATION).score_frames(frames_of(random_pixels(27), numbers))
    assert [frame.padded for frame in found] == padded


def samples_of(*clips):
    return [
        Sample(
            path=Path(name), label=0, kind="normal", subset=subset, sha256=f"{name}{number}", group=name,
            number=number,
        )
        for name, subset, numbers in clips
        for number in numbers
    ]  # fmt: skip


@pytest.mark.parametrize("build", NETWORKS.values(), ids=NETWORKS)
def test_samples_are_scored_clip_by_clip_as_the_streams_of_their_clips_are(build):
    clips = [("a", "train", range(1, 20)), ("a", "test", range(20, 33)), ("b", "test", [4, 5, 6, 9, 10])]
    samples, pixels = samples_of(*clips), random_pixels(37)
    network, scoring = build(), Scoring(score=Score.COMPOUND, window=5)
    seen = []
    maps = torch.cat(list(sample_maps(network, samples, pixels, scoring, on_progress=seen.append)))
    scorer = AnomalyClassifier(
        network,
        Calibration(scoring=Scoring(score=Score.COMPOUND, window=5), threshold=1, score_max=1, map_scale=1),
    )
    streamed = []
    for part, (_, _, numbers) in zip(pixels.split([19, 13, 5]), clips, strict=True):
        streamed += [frame.score for frame in scorer.score_frames(frames_of(part, numbers))]
    torch.testing.assert_close(scoring.reduce(maps), torch.tensor(streamed))
    images = torch.cat([images for images, _ in reconstructed_samples(network, samples, pixels)])
    assert torch.equal(images, pixels / 255)
    assert (seen == sorted(seen), seen[-1]) == (True, 1.0)


def test_maps_are_the_same_whatever_the_batch():
    network, pixels = picture_network(), random_pixels(35)
    samples = samples_of(("a", "test", range(35)))
    seen = []
    together = torch.cat(list(sample_maps(network, samples, pixels, Scoring(), on_progress=seen.append)))
    (alone,) = sample_maps(network, samples[33:34], pixels[33:34], Scoring())
    assert torch.allclose(together[33:34], alone, rtol=1e-4, atol=1e-6)
    assert seen == [32 / 35, 1.0]


@pytest.mark.parametrize("build", [rebuilding_network, predicting_network])
def test_a_frames_embedding_is_that_of_its_window(build):
    network, pixels = build(), random_pixels(11)
    found = sample_embeddings(network, samples_of(("a", "test", range(11))), pixels)
    with torch.inference_mode():
        first, second = (network.embed((pixels[part] / 255)[None])[0] for part in (slice(8), slice(3, 11)))
    torch.testing.assert_close(found, torch.cat([first, second[5:]]).flatten(1))


def test_a_network_of_clips_refuses_pictures():
    picture = Sample(path=Path("part.png"), label=0, kind="good", subset="test", sha256="0")
    with pytest.raises(InvalidInputError, match=r"frames of videos, and part\.png is a picture"):
        list(sample_maps(rebuilding_network(), [picture], random_pixels(1), Scoring()))


def test_damaged_weights_are_told():
    network = rebuilding_network()
    network.decoder[0][0].bias.data.fill_(float("nan"))
    with pytest.raises(StoreError, match="weights are damaged"):
        list(AnomalyClassifier(network, CALIBRATION).score_frames(frames_of(random_pixels(8), range(8))))


def test_a_scorers_network_is_its_own():
    network = rebuilding_network().train()
    scorer = AnomalyClassifier(network, CALIBRATION)
    assert network.training
    assert not scorer.network.training
    assert not any(parameter.requires_grad for parameter in scorer.network.parameters())
    assert scorer.grid == Grid(frames=8, height=SIDE, width=SIDE)
    assert AnomalyClassifier(picture_network(), CALIBRATION).grid.frames == 1


class LivingFrames:
    """A stream that counts how many of its frames are still held."""

    def __init__(self, count, *, side=SIDE):
        self.count, self.side = count, side
        self.living = self.most = 0

    def __iter__(self):
        for number in range(self.count):
            pixels = torch.full((1, self.side, self.side), number % 251, dtype=torch.uint8)
            self.living += 1
            self.most = max(self.most, self.living)
            weakref.finalize(pixels, self._forget)
            yield Frame(number=number, position=number, pixels=pixels)
            del pixels

    def _forget(self):
        self.living -= 1


@pytest.mark.parametrize("build", NETWORKS.values(), ids=NETWORKS)
def test_no_more_frames_are_held_for_a_longer_clip(build):
    scorer = AnomalyClassifier(build(), CALIBRATION)
    most = []
    for count in (150, 600):
        stream = LivingFrames(count)
        assert sum(1 for _ in scorer.score_frames(stream)) == count
        most.append(stream.most)
    assert most[0] == most[1] < 80


@pytest.mark.slow
@pytest.mark.parametrize("build", NETWORKS.values(), ids=NETWORKS)
def test_memory_does_not_grow_over_20000_frames(build):
    scorer = AnomalyClassifier(build(), CALIBRATION)
    peaks = []
    for count in (1_000, 20_000):
        assert sum(1 for _ in scorer.score_frames(LivingFrames(count, side=128))) == count
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    assert peaks[1] - peaks[0] < 60  # MiB; the frames alone have 312
