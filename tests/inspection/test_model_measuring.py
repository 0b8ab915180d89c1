"""One's own model is measured on what its training kept back, and on nothing else."""

from dataclasses import dataclass, replace

import pytest

from xai_ad.data.layouts import Protocol, read_dataset, split_dataset
from xai_ad.errors import DatasetError
from xai_ad.inspection import model_measuring
from xai_ad.inspection.model_measuring import model_measurement
from xai_ad.inspection.model_sheets import MEASURED, known_model
from xai_ad.inspection.trainings.orders import TrainingOrder
from xai_ad.machine.places import home
from xai_ad.progress import silent
from xai_ad.store import JudgedImage, find_model, load_calibration, load_network, save_model


@dataclass(frozen=True)
class Job:
    """A job of training as far as its order goes."""

    order: TrainingOrder


@pytest.fixture
def split(mvtec_folder):
    return split_dataset(read_dataset(mvtec_folder, "mvtec"), Protocol.HELD_OUT)


@pytest.fixture
def own(stored_model, mvtec_folder, split, monkeypatch):
    """An untrained model of one's own, as if a job had trained and calibrated it on a folder."""
    images = tuple(
        JudgedImage(score=0.01, label=one.label, kind=one.kind, sha256=one.sha256)
        for one in split.calibration
    )
    card = replace(
        stored_model.card,
        id="nut",
        split=replace(stored_model.card.split, counts={"train": len(split.train), "test": len(split.test)}),
    )
    order = TrainingOrder(name="nut", data=mvtec_folder, layout="mvtec")
    monkeypatch.setattr(model_measuring, "list_jobs", lambda: (Job(order),))
    return save_model(
        home() / "models" / "nut",
        card,
        network=load_network(stored_model),
        references={},
        calibrations=(replace(load_calibration(stored_model), images=images),),
    )


def test_what_was_kept_back_measures_the_model(own, split):
    question = model_measurement(own, load_calibration(own))
    assert known_model(own).set_of(MEASURED) is None
    assert question.answer(silent)
    measured = known_model(find_model("nut")).set_of(MEASURED)
    assert {image.sha256 for image in measured.images} == {sample.sha256 for sample in split.test}


def test_a_folder_that_is_another_one_by_now_measures_nothing(own, mvtec_folder):
    question = model_measurement(own, load_calibration(own))
    next((mvtec_folder / "train" / "good").iterdir()).unlink()
    with pytest.raises(DatasetError, match="holds other pictures than when 'nut' was trained"):
        question.answer(silent)
    assert known_model(find_model("nut")).set_of(MEASURED) is None


def test_without_defects_or_a_job_nothing_can_be_measured(own, stored_model, monkeypatch):
    record = load_calibration(own)
    assert model_measurement(own, replace(record, images=record.images[:0])) is None
    assert model_measurement(find_model("washer-bcae1"), load_calibration("washer-bcae1")) is None
    monkeypatch.setattr(model_measuring, "list_jobs", lambda: ())
    assert model_measurement(own, record) is None
