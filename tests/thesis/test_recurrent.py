import pytest

from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.thesis import recurrent
from xai_ad.thesis.base import Source
from xai_ad.thesis.cells import Variant, cell_directory
from xai_ad.thesis.recurrent import (
    RECURRENT,
    asked_for,
    cells_at_hand,
    recurrent_variant,
    require_videos,
    variant_title,
)


def test_the_variants_are_those_of_the_table_in_its_order():
    titles = [variant_title(variant) for variant in RECURRENT]
    assert len(set(titles)) == 45
    assert titles[:2] == ["CRNN (1, N)", "CRNN (1, Y)"]
    assert titles[-9:-6] == ["Seq2Seq CRNN (1, N)", "Seq2Seq CRNN (2, N)", "Seq2Seq CRNN (3, N)"]
    assert titles[29] == "BiCLSTM (3, Y)"
    assert titles[30] == "BiCGRU (1, N)"


def test_yes_is_the_framewise_decoder_and_defaults_are_no_part_of_a_name():
    assert variant_title(Variant(network="cgru")) == "CGRU (1, Y)"
    assert recurrent_variant("cgru", 1, "2d").name == "cgru"
    assert recurrent_variant("cgru", 3, "recurrent").name == "cgru-decoder_recurrent-recurrent_layers_3"


def test_a_request_names_what_is_trained_and_all_without_names(request_for):
    request, _ = request_for(variants=("cgru", "clstm"))
    assert [variant.name for variant in asked_for(request, RECURRENT)] == [
        "clstm",
        "cgru",
    ]  # the table's order
    request, _ = request_for()
    assert asked_for(request, RECURRENT) == RECURRENT
    request, _ = request_for(variants=("cgru", "gru"))
    with pytest.raises(UnknownNameError, match=r"'gru'.*bicgru"):
        asked_for(request, RECURRENT)


def test_finished_cells_are_shown_beside_those_asked_for(video_request_for, monkeypatch):
    request, _ = video_request_for(variants=("clstm",), runs=2)
    whole, half = recurrent_variant("cgru", 1, "2d"), recurrent_variant("crnn", 1, "2d")
    for variant, seeds in ((whole, (0, 1)), (half, (0,))):
        for seed in seeds:
            folder = cell_directory(request, "ped2", variant, seed)
            folder.mkdir(parents=True)
            (folder / "card.json").write_text("{}")
    monkeypatch.setattr(recurrent, "run_cells", lambda request, source, variants: [v.name for v in variants])
    assert cells_at_hand(request, request.sources[0], RECURRENT) == ["clstm", "cgru"]


def test_pictures_are_refused(mvtec_folder):
    with pytest.raises(InvalidInputError, match=r"'table-4\.13' is about videos, and the layout 'mvtec'"):
        require_videos(Source(data=mvtec_folder, layout="mvtec"), of="table-4.13")
