import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.conftest import write_picture
from tests.data.videos.writing import write_frames
from xai_ad.data.fitting import Cut, Fit
from xai_ad.detector.scores import Score, Scoring
from xai_ad.errors import ImageError, InvalidInputError, UnknownNameError, XaiAdError
from xai_ad.explain import CounterfactualSearch, Lime, Lrp, Residual
from xai_ad.inspection import explaining
from xai_ad.inspection.explaining import ask
from xai_ad.inspection.repeating import reopen
from xai_ad.networks import build_network
from xai_ad.store import (
    add_calibration,
    find_model,
    load_calibration,
    load_network,
    load_references,
    record_calibration,
    save_model,
)

LIME = Lime(budget=20, n_segments=10)


@pytest.fixture
def part(tmp_path):
    return write_picture(tmp_path / "parts" / "one.png", 1, size=64, bright=True)


@pytest.fixture
def explained(stored_model, part, tmp_path):
    """An explanation that was written: its `explanation.json`."""

    def make(explainer=LIME, image=part, name="first", **parts):
        question = ask(stored_model.path, image, explainer, **parts)
        question.write(question.answer(), tmp_path / name)
        return tmp_path / name / "explanation.json"

    return make


def bytes_in(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def change(file, *where, to):
    """Change one value of a JSON file."""
    record = json.loads(file.read_text())
    place = record
    for key in where[:-1]:
        place = place[key]
    place[where[-1]] = to
    file.write_text(json.dumps(record))


def refused(file, match, kind=InvalidInputError, **places):
    with pytest.raises(kind, match=match) as caught:
        reopen(file, **places).write(file.parent.parent / "again")
    assert "\n" not in str(caught.value)
    assert not (file.parent.parent / "again").exists()


@pytest.mark.parametrize("explainer", [LIME, Residual(), Lrp(), CounterfactualSearch(grid=2)])
def test_the_same_bytes_come_again(explained, tmp_path, explainer):
    file = explained(explainer)
    verdict = reopen(file).write(tmp_path / "again")
    assert bytes_in(tmp_path / "again") == bytes_in(file.parent)
    assert f"The same as {file}." in verdict


def test_a_bare_request_is_enough(explained, tmp_path):
    file = explained()
    bare = tmp_path / "request.json"
    bare.write_text(json.dumps(json.loads(file.read_text())["request"]))
    reopen(bare).write(tmp_path / "again")
    first, again = bytes_in(file.parent), bytes_in(tmp_path / "again")
    records = [json.loads(folder.pop("explanation.json")) for folder in (first, again)]
    assert again == first
    for record in records:
        del record["seconds"]
    assert records[0] == records[1]


def test_the_request_in_a_record_says_what_was_asked(explained, stored_model, part, tmp_path):
    normal = write_picture(tmp_path / "normal.png", 2)
    record = json.loads(explained(normal=normal).read_text())
    request = record["request"]
    assert request["model"]["weights"] == stored_model.card.sha256["weights.safetensors"]
    assert request["source"] == {"path": str(part), "sha256": record["image_sha256"], "frame": None}
    assert request["normal"]["path"] == str(normal)
    assert request["explainer"]["options"]["budget"] == 20
    assert {"xai_ad", "torch", "numpy", "processor", "threads"} <= set(record["made_with"])


def test_a_normal_image_is_used_again(explained, tmp_path):
    normal = write_picture(tmp_path / "normal.png", 2)
    with_normal = explained(normal=normal)
    without = explained(name="without")
    reopen(with_normal).write(tmp_path / "again")
    assert bytes_in(tmp_path / "again") == bytes_in(with_normal.parent)
    assert bytes_in(tmp_path / "again")["relevance.npy"] != bytes_in(without.parent)["relevance.npy"]


def test_a_frame_of_a_clip_is_explained_again(explained, tmp_path):
    clip = write_frames(tmp_path / "walk", range(1, 9))
    file = explained(image=clip, frame=5)
    assert json.loads(file.read_text())["request"]["source"]["frame"] == 5
    reopen(file).write(tmp_path / "same")
    assert bytes_in(tmp_path / "same") == bytes_in(file.parent)
    write_picture(clip / "005.png", 7)
    refused(file, r"walk changed since: its bytes' SHA-256 was \w{12} then, \w{12} now")


def resaved(stored, *, network=None, references=None, **card):
    stored = find_model(stored.path)
    save_model(
        stored.path,
        replace(stored.card, **card),
        network=network or load_network(stored),
        references=references or load_references(stored),
        calibrations=(load_calibration(stored),),
    )


def test_other_weights_are_said(explained, stored_model):
    file = explained()
    resaved(stored_model, network=build_network("bcae1"))
    refused(file, r"The weights of the model 'widget-bcae1' changed since: SHA-256 \w{12} then, \w{12} now")


def stricter(stored):
    record = load_calibration(stored)
    return replace(record, id="stricter", calibration=replace(record.calibration, threshold=0.01))


def test_a_calibration_that_is_gone_is_said(explained, stored_model):
    file = explained()
    (stored_model.path / "card.json").unlink()
    save_model(
        stored_model.path,
        replace(stored_model.card, calibration="stricter"),
        network=load_network(stored_model),
        references=load_references(stored_model),
        calibrations=(stricter(stored_model),),
    )
    refused(file, "The calibration of the model 'widget-bcae1' changed")


def test_what_was_asked_under_a_calibration_that_is_kept_is_asked_under_it_again(
    explained, stored_model, tmp_path
):
    file = explained()
    add_calibration(stored_model, stricter(stored_model))  # which is the active one from now on
    reopen(file).write(tmp_path / "again")
    assert bytes_in(tmp_path / "again") == bytes_in(file.parent)


def test_another_stored_score_is_asked_by_name_and_repeated(stored_model, part, tmp_path):
    record = load_calibration(stored_model)
    ssim = replace(record.calibration, scoring=Scoring(score=Score.SSIM))
    stored = record_calibration(stored_model, replace(record, id="by-ssim", calibration=ssim))
    for name in ("ssim", "by-ssim"):
        question = ask(stored.path, part, Residual(), score=name)
        assert question.detector.calibration == ssim
        question.write(question.answer(), tmp_path / name)
    file = tmp_path / "ssim" / "explanation.json"
    reopen(file).write(tmp_path / "again")
    assert bytes_in(tmp_path / "again") == bytes_in(tmp_path / "ssim")
    with pytest.raises(UnknownNameError, match="no calibration 'loss'"):
        ask(stored.path, part, Residual(), score="loss")


def test_other_references_are_said(explained, stored_model):
    file = explained()
    resaved(stored_model, references={"mean": load_references(stored_model)["mean"] / 2})
    refused(file, "The reference images of the model 'widget-bcae1' changed")


def test_another_preprocessing_is_said(explained, stored_model):
    file = explained()
    resaved(stored_model, preprocessing=replace(stored_model.card.preprocessing, crop=(0, 0, 30, 30)))
    refused(file, "The network or its preprocessing of the model 'widget-bcae1' changed")


def test_a_model_that_is_gone_is_said(explained, stored_model):
    file = explained()
    shutil.rmtree(stored_model.path)
    refused(file, "no model 'widget-bcae1'", UnknownNameError)


def test_other_bytes_of_the_image_are_said(explained, part):
    file = explained()
    write_picture(part, 2)
    refused(file, rf"{re.escape(str(part))} changed since: its bytes' SHA-256")


def test_an_image_that_is_gone_is_said_and_its_place_can_be_given(explained, part, tmp_path):
    file = explained()
    moved = part.rename(tmp_path / "moved.png")
    refused(file, rf"Nothing is found at {re.escape(str(part))}, nor beside .*--image")
    other = write_picture(tmp_path / "other.png", 5)
    refused(file, r"other.png changed since", image=other)
    refused(file, r"Nothing is found at .*absent.png", image=tmp_path / "absent.png")
    reopen(file, image=moved).write(tmp_path / "again")
    assert bytes_in(tmp_path / "again") == bytes_in(file.parent)


def test_an_image_beside_the_request_is_found(explained, part, tmp_path):
    file = explained()
    shutil.copytree(file.parent, tmp_path / "sent")
    part.rename(tmp_path / "sent" / "one.png")
    reopen(tmp_path / "sent" / "explanation.json").write(tmp_path / "again")
    assert bytes_in(tmp_path / "again") == bytes_in(file.parent)


def test_another_normal_image_is_said(explained, tmp_path):
    normal = write_picture(tmp_path / "normal.png", 2)
    file = explained(normal=normal)
    write_picture(normal, 3)
    refused(file, r"normal.png changed since")
    normal.unlink()
    refused(file, r"Nothing is found at .*normal.png.*--normal")


def test_a_normal_image_that_nobody_asked_for_is_refused(explained, part):
    refused(explained(), "has no normal image. Leave out --normal", normal=part)


def test_an_option_or_a_method_that_is_gone_is_said(explained):
    file = explained()
    change(file, "request", "explainer", "options", "colour", to="red")
    refused(file, "option of the explainer 'lime' called 'colour'", UnknownNameError)
    change(file, "request", "explainer", to={"method": "magic", "options": {}})
    refused(file, "no explainer 'magic'", UnknownNameError)


def test_another_place_of_the_input_is_said(explained):
    file = explained()
    change(file, "request", "placement", "frames", to=[3])
    refused(file, "sees other frames")
    file = explained()
    change(file, "request", "placement", "height", to=20)  # what is seen is as a person may have drawn it
    refused(file, "The result differs")


def test_another_result_is_said_with_what_made_it(explained, monkeypatch):
    file = explained()
    relevance = np.load(file.parent / "relevance.npy")
    relevance[np.unravel_index(np.abs(relevance).argmax(), relevance.shape)] *= 1.25
    np.save(file.parent / "relevance.npy", relevance)
    refused(
        file, r"relevance by up to 0.2 of its largest value. Versions, processor and threads are the same"
    )
    change(file, "score", to=0.5)
    change(file, "made_with", "torch", to="1.0")
    refused(file, r"largest value, score. Made with torch 1.0 then, [\d.+a-z]+ now\.")
    (file.parent / "relevance.npy").unlink()
    refused(file, r"differs from that in .*explanation.json: score\.")


def test_another_program_that_finds_the_same_leaves_the_record(explained, tmp_path, monkeypatch):
    file = explained()
    monkeypatch.setattr(explaining, "made_with", lambda: {"xai_ad": "9"})
    reopen(file).write(tmp_path / "again")
    assert bytes_in(tmp_path / "again") == bytes_in(file.parent)


def test_a_record_of_an_earlier_version_says_so(explained):
    file = explained()
    change(file, "request", to=None)
    refused(file, "holds no request")


@pytest.mark.parametrize("text", ["", "[", "[1]", '{"a": 1}'])
def test_what_is_no_request_is_refused(tmp_path, text):
    (tmp_path / "in").mkdir()
    file = tmp_path / "in" / "request.json"
    file.write_text(text)
    refused(file, "request", XaiAdError)


def test_a_request_that_is_not_there_is_said(tmp_path):
    (tmp_path / "in").mkdir()
    refused(tmp_path / "in" / "absent.json", r"absent.json cannot be read \(No such file")


def test_an_image_that_cannot_be_read_is_an_error_of_its_own(stored_model, tmp_path):
    (tmp_path / "text.png").write_text("no image")
    with pytest.raises(ImageError, match="is not a PNG"):
        ask(stored_model.path, tmp_path / "text.png", Residual())


@pytest.mark.parametrize("broken", ["text", "nothing", "cut", "words", "archive"])
def test_an_earlier_map_that_is_none_is_told(explained, broken):
    file = explained(Residual())
    beside = file.parent / "relevance.npy"
    if broken == "words":
        np.save(beside, np.full((64, 64), "a"))
    elif broken == "archive":
        with beside.open("wb") as opened:
            np.savez(opened, a=np.zeros(3))
    else:
        beside.write_bytes({"text": b"text", "nothing": b"", "cut": beside.read_bytes()[:200]}[broken])
    refused(file, r"relevance.npy cannot be compared with \(.+\)\. Remove it")


@pytest.mark.parametrize("value", ["NaN", "1e999", '"\\ud800"'])
def test_what_cannot_be_written_again_is_no_record(explained, value):
    file = explained(Residual())
    file.write_text(
        re.sub('"seconds": [^,]+,', f'"seconds": {value.replace(chr(92), chr(92) * 2)},', file.read_text())
    )
    refused(file, "cannot be read")


def test_a_record_without_a_figure_is_not_the_same(explained):
    file = explained(Residual())
    record = json.loads(file.read_text())
    del record["score"]
    file.write_text(json.dumps(record))
    refused(file, "differs from that in .+: score")


def test_a_folder_here_that_is_called_like_the_model_is_another_one(
    stored_model, part, own_home, tmp_path, monkeypatch
):
    listed = own_home / "models" / stored_model.path.name
    listed.parent.mkdir(parents=True)
    shutil.copytree(stored_model.path, listed)
    question = ask(listed, part, Residual())
    question.write(question.answer(), tmp_path / "first")
    (tmp_path / "here" / listed.name).mkdir(parents=True)
    shutil.copy(find_model("washer-bcae1").path / "card.json", tmp_path / "here" / listed.name)
    monkeypatch.chdir(tmp_path / "here")
    reopen(tmp_path / "first" / "explanation.json").write(tmp_path / "again")


def test_a_model_given_by_a_relative_path_is_found_from_elsewhere(stored_model, part, tmp_path, monkeypatch):
    monkeypatch.chdir(stored_model.path.parent)
    question = ask(stored_model.path.name, part, Residual())
    question.write(question.answer(), tmp_path / "first")
    monkeypatch.chdir(tmp_path / "first")
    reopen(tmp_path / "first" / "explanation.json").write(tmp_path / "again")


@pytest.mark.parametrize("fit", [*Fit, Cut(top=-3, left=5, height=40, width=30)], ids=str)
def test_a_photograph_that_was_fitted_is_seen_so_again(square_model, tmp_path, fit):
    photograph = tmp_path / "wide.png"
    Image.open(write_picture(photograph, 1, size=64, bright=True)).resize((80, 60)).save(photograph)
    question = ask(square_model.path, photograph, Residual(), fit=fit)
    question.write(question.answer(), tmp_path / "first")
    again = reopen(tmp_path / "first" / "explanation.json")
    assert again.question.subject.placement == question.subject.placement
    again.write(tmp_path / "again")
    assert bytes_in(tmp_path / "again") == bytes_in(tmp_path / "first")


def test_a_request_without_a_placement_was_made_when_all_was_stretched(square_model, tmp_path):
    photograph = tmp_path / "wide.png"
    Image.open(write_picture(photograph, 1, size=64, bright=True)).resize((80, 60)).save(photograph)
    question = ask(square_model.path, photograph, Residual(), fit=Fit.STRETCH)
    question.write(question.answer(), tmp_path / "first")
    file = tmp_path / "first" / "explanation.json"
    change(file, "request", "placement", to=None)
    assert reopen(file).write(tmp_path / "again").endswith(f"The same as {file}.")
