import shutil
from dataclasses import replace

import pytest
from PIL import Image

from tests.conftest import write_picture
from xai_ad.data.layouts import Protocol
from xai_ad.errors import Cancelled, DatasetError, InvalidInputError
from xai_ad.store import load_network
from xai_ad.thesis.cells import Clock, cell, cell_directory, run_cells, variants_at_hand
from xai_ad.thesis.variants import RECURRENT, Variant, variant_named

BASELINE = Variant(network="bcae1")


def test_a_cell_is_a_stored_model_with_its_figures(request_for):
    request, _ = request_for()
    stored = cell(request, request.sources[0], BASELINE, 0)
    assert stored.path == request.output / "cells/widget/bcae1-seed0"
    assert stored.card.training.epochs == 1
    assert stored.card.metrics["held-out"]["n_anomalous"] == 8


def test_a_finished_cell_is_not_run_again(request_for):
    request, lines = request_for()
    cell(request, request.sources[0], BASELINE, 0)
    before = (request.output / "cells/widget/bcae1-seed0/card.json").stat().st_mtime_ns
    lines.clear()
    cell(request, request.sources[0], BASELINE, 0)
    assert lines == []
    assert (request.output / "cells/widget/bcae1-seed0/card.json").stat().st_mtime_ns == before


def test_a_cell_of_another_budget_is_refused(request_for):
    request, _ = request_for()
    cell(request, request.sources[0], BASELINE, 0)
    longer = replace(request, recipe=replace(request.recipe, epochs=2))
    with pytest.raises(InvalidInputError, match=r"epochs=1, and 2 is asked for.*another --output"):
        cell(longer, request.sources[0], BASELINE, 0)


def test_an_interrupted_cell_goes_on_where_it_stood(request_for):
    request, lines = request_for()
    request = replace(request, recipe=replace(request.recipe, epochs=2))

    def stop_after_one(line):
        lines.append(line)
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        cell(replace(request, announce=stop_after_one), request.sources[0], BASELINE, 0)
    assert len(lines) == 1
    lines.clear()
    stored = cell(request, request.sources[0], BASELINE, 0)
    assert len(lines) == 1
    assert "epoch 2 of 2" in lines[0]
    assert stored.card.training.epochs == 2


def test_seeds_give_different_networks_and_a_fine_tuned_cell_shares_its_parent(request_for):
    request, _ = request_for(runs=2)
    fine_tuned = Variant(network="bcae1", svdd=True)
    found = run_cells(request, request.sources[0], [fine_tuned, BASELINE, fine_tuned])
    assert list(found) == ["bcae1-svdd", "bcae1"]
    assert [stored.card.training.seed for stored in found["bcae1"]] == [0, 1]
    assert [stored.card.parent for stored in found["bcae1-svdd"]] == ["bcae1-seed0", "bcae1-seed1"]
    first, second = (load_network(stored).encoder[0][0].weight for stored in found["bcae1"])
    assert not first.equal(second)


def test_the_clock_counts_finished_cells_as_run(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("xai_ad.thesis.cells.time.monotonic", lambda: now[0])
    clock = Clock(cells=4, epochs=10)
    assert clock.left() == "time left unknown"
    clock.settle("found finished")
    for _ in range(10):
        now[0] += 60
        clock.tick()
    assert clock.left(10) == "about 20 min left"
    for name in ("a", "b", "b", "c"):
        clock.settle(name)
    assert clock.left() == "less than a minute left"


def test_a_cell_interrupted_with_another_budget_is_refused(request_for):
    request, _ = request_for()
    request = replace(request, recipe=replace(request.recipe, epochs=2))

    def stop(line):
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        cell(replace(request, announce=stop), request.sources[0], BASELINE, 0)
    shorter = replace(request, recipe=replace(request.recipe, epochs=1))
    with pytest.raises(InvalidInputError, match=r"another epochs.*bcae1-seed0\.training"):
        cell(shorter, request.sources[0], BASELINE, 0)


def test_a_cell_of_other_images_under_the_same_name_is_refused(request_for, mvtec_folder):
    request, _ = request_for()
    cell(request, request.sources[0], BASELINE, 0)
    for place, path in enumerate(sorted((mvtec_folder / "train/good").iterdir())):
        write_picture(path, 1000 + place)
    with pytest.raises(InvalidInputError, match="Choose another --output"):
        cell(request, request.sources[0], BASELINE, 0)


def test_a_cell_of_another_protocol_is_refused(request_for):
    request, _ = request_for()
    cell(request, request.sources[0], BASELINE, 0)
    leaking = replace(request, protocol=Protocol.THESIS)
    with pytest.raises(InvalidInputError, match="split by held-out"):
        cell(leaking, request.sources[0], BASELINE, 0)


def test_nothing_is_trained_where_nothing_can_be_reported(request_for, mvtec_folder):
    request, lines = request_for()
    for kind in ("hole", "stain"):
        shutil.rmtree(mvtec_folder / "test" / kind)
    with pytest.raises(DatasetError, match="no anomalous images to report on"):
        run_cells(request, request.sources[0], [BASELINE])
    assert lines == []


def test_grey_images_give_cells_of_one_channel(request_for, mvtec_folder):
    for path in mvtec_folder.rglob("[0-9][0-9][0-9].png"):
        Image.open(path).convert("L").save(path)
    request, _ = request_for()
    stored = cell(request, request.sources[0], Variant(network="ssa_cae", svdd=True), 0)
    assert stored.card.preprocessing.channels == 1
    assert stored.card.metrics["held-out"]["pixel_auc_roc_ssim"] is not None


def test_finished_cells_are_shown_beside_those_asked_for(video_request_for):
    request, _ = video_request_for(variants=("clstm",), runs=2)
    for name, seeds in (("cgru", (0, 1)), ("crnn", (0,))):
        for seed in seeds:
            folder = cell_directory(request, "ped2", variant_named(name), seed)
            folder.mkdir(parents=True)
            (folder / "card.json").write_text("{}")

    def at_hand(request, **runs):
        return [variant.name for variant in variants_at_hand(request, request.sources[0], RECURRENT, **runs)]

    assert at_hand(request) == ["clstm", "cgru"]  # the table's order
    assert at_hand(request, runs=1) == ["crnn", "clstm", "cgru"]
    assert at_hand(replace(request, variants=())) == [variant.name for variant in RECURRENT]
