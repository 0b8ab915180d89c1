import hashlib
import random
from dataclasses import replace
from pathlib import Path

import pytest

from xai_ad.data.layouts import Sample
from xai_ad.errors import DatasetError
from xai_ad.thesis.base import Source
from xai_ad.thesis.cells import require_reported
from xai_ad.thesis.figures import FIGURES
from xai_ad.thesis.figures.samples import choose_samples, of_first_clips, sample_name


def samples_of(**counts):
    return [
        Sample(
            path=Path(f"{kind}/{number}.png"),
            label=int(kind != "good"),
            kind=kind,
            subset="test",
            sha256=hashlib.sha256(f"{kind} {number}".encode()).hexdigest(),
        )
        for kind, count in counts.items()
        for number in range(count)
    ]


def kinds(samples):
    return [sample.kind for sample in samples]


def test_normal_images_come_first_and_the_anomalous_classes_in_turn():
    samples = samples_of(stain=5, good=5, hole=1)
    assert kinds(choose_samples(samples)) == ["good", "good", "hole", "stain", "stain", "stain"]
    assert kinds(choose_samples(samples, normal=1, anomalous=1)) == ["good", "hole"]


def test_every_class_is_shown_up_to_eight():
    six = samples_of(good=3, **{f"class{number}": 2 for number in range(6)})
    assert kinds(choose_samples(six))[2:] == [f"class{number}" for number in range(6)]
    twelve = samples_of(good=3, **{f"class{number:02}": 2 for number in range(12)})
    assert len(choose_samples(twelve)) == 2 + 8


def test_the_choice_depends_on_the_images_and_the_seed_alone():
    samples = samples_of(good=20, hole=20, stain=20)
    chosen = [sample.sha256 for sample in choose_samples(samples)]
    shuffled = [replace(sample, path=Path("elsewhere.png")) for sample in samples]
    random.Random(1).shuffle(shuffled)
    assert [sample.sha256 for sample in choose_samples(shuffled)] == chosen
    assert [sample.sha256 for sample in choose_samples(samples, seed=1)] != chosen


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.id)
def test_data_without_anomalies_is_refused_before_anything_is_trained(figure, request_for, mvtec_folder):
    if figure.id == "figure-3.1":
        pytest.skip("It looks at normal images alone.")
    if figure.id in {f"figure-4.{number}" for number in range(11, 19)}:
        pytest.skip("It refuses pictures, with or without anomalies.")
    request, lines = request_for()
    source = Source(data=mvtec_folder / "train/good", layout="folder")
    with pytest.raises(DatasetError, match="no anomalous images"):
        figure.run(replace(request, sources=(source,)))
    assert lines == []


def test_data_without_normal_images_to_report_on_is_refused(request_for, mvtec_folder):
    for path in (mvtec_folder / "test/good").iterdir():
        path.unlink()
    request, _ = request_for()
    with pytest.raises(DatasetError, match="no normal images"):
        require_reported(request, request.sources[0])


def frames_of(**labels):
    return [
        replace(sample, group=clip, number=number, label=label)
        for clip, marks in labels.items()
        for number, (sample, label) in enumerate(zip(samples_of(normal=len(marks)), marks, strict=True), 1)
    ]


def test_the_first_three_clips_are_shown_or_more_until_both_kinds_are():
    mixed = frames_of(a=[0, 1], b=[0, 0], c=[0], d=[1])
    assert [sample.group for sample in of_first_clips(mixed)] == ["a", "a", "b", "b", "c"]
    late = frames_of(a=[0], b=[0], c=[0], d=[0], e=[1, 0], f=[1])
    assert [sample.group for sample in of_first_clips(late)] == ["a", "b", "c", "d", "e", "e"]
    pictures = samples_of(good=3, hole=2)
    assert of_first_clips(pictures) == pictures


def test_a_frame_is_named_by_its_clip_and_number_and_a_picture_by_its_file():
    assert sample_name(frames_of(walk=[0, 0])[1]) == "normal walk 2"
    assert sample_name(samples_of(hole=1)[0]) == "hole 0.png"
