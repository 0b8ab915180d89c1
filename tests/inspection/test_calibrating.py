import pytest

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


def test_a_quantile_is_for_one_protocol_alone(stored_model, mvtec_folder):
    with pytest.raises(InvalidInputError, match=r"needs --protocol normal-quantile\. Got"):
        recalibrate(
            stored_model.path, mvtec_folder, "mvtec", protocol=CalibrationProtocol.THESIS, quantile=0.5
        )
