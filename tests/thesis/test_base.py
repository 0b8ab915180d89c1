from dataclasses import replace

import pytest

from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.thesis import EXPERIMENTS, find_experiment
from xai_ad.thesis.base import Source, _catalogue


def test_a_variant_that_an_experiment_does_not_have_is_answered_with_those_it_has(video_request_for):
    request, lines = video_request_for(variants=("cgru", "gru"))
    with pytest.raises(UnknownNameError, match=r"'gru'.*bicgru"):
        find_experiment("table-4.13").run(request)
    assert lines == []


def test_images_are_refused_where_videos_are_needed(request_for, mvtec_folder):
    request, lines = request_for()
    pictures = Source(data=mvtec_folder, layout="mvtec")
    with pytest.raises(InvalidInputError, match=r"'table-4\.13' is about videos, and the layout 'mvtec'"):
        find_experiment("table-4.13").run(replace(request, sources=(pictures,)))
    assert lines == []


def test_the_catalogue_has_words_for_every_experiment_and_for_no_other():
    assert _catalogue().keys() == EXPERIMENTS.keys()
    for name, words in _catalogue().items():
        number = name.partition("-")[2]
        if number[:1].isdigit():
            assert words["title"].startswith(f"{name.capitalize().replace('-', ' ')}: ")
            assert EXPERIMENTS[name].title == words["title"]
