import pytest
from PIL import Image

from xai_ad.data.fitting import Proportions
from xai_ad.detector.scores import Score
from xai_ad.errors import InvalidInputError
from xai_ad.inspection.calibrating import recalibrate
from xai_ad.store import CalibrationProtocol, find_model, load_calibration


def test_a_new_calibration_is_the_active_one(stored_model, mvtec_folder):
    seen = []
    record = recalibrate(stored_model.path, mvtec_folder, "mvtec", score=Score.SSIM, on_progress=seen.append)
    active = load_calibration(find_model(stored_model.path))
    assert active == record
    assert active.calibration.scoring.score is Score.SSIM
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_a_card_that_does_not_know_its_images_shape_learns_it_from_its_own_dataset_alone(
    stored_model, mvtec_folder
):
    for path in mvtec_folder.rglob("*.png"):
        Image.open(path).resize((40, 30)).save(path)
    other = mvtec_folder.rename(mvtec_folder.with_name("gadget"))
    recalibrate(stored_model.path, other, "mvtec")
    assert find_model(stored_model.path).card.photograph is None
    recalibrate(stored_model.path, other.rename(mvtec_folder), "mvtec")
    assert find_model(stored_model.path).card.photograph == Proportions(width=4, height=3)


def test_images_of_another_shape_are_told_once(square_model, mvtec_folder):
    told = []
    recalibrate(square_model.path, mvtec_folder, "mvtec", on_note=told.append)
    assert told == []
    for path in mvtec_folder.rglob("*.png"):
        with Image.open(path) as picture:
            picture.resize((40, 30)).save(path)
    recalibrate(square_model.path, mvtec_folder, "mvtec", on_note=told.append)
    (line,) = told
    assert line.startswith(
        "The dataset's pictures are 4:3 and the model's are 1:1: they are judged whole, squeezed"
    )


def test_a_quantile_is_for_one_protocol_alone(stored_model, mvtec_folder):
    with pytest.raises(InvalidInputError, match=r"needs --protocol normal-quantile or clip-quantile\. Got"):
        recalibrate(
            stored_model.path, mvtec_folder, "mvtec", protocol=CalibrationProtocol.THESIS, quantile=0.5
        )
