"""`calibrate` without data: a limit set by hand, and the way back."""

import pytest

from xai_ad.store import CalibrationProtocol, find_model, load_calibration

MANUAL = ("--protocol", "manual", "--threshold", 0.01, "--reason", "scratches matter", "--by", "Ada")


def test_a_limit_is_set_by_hand_and_restored(run, stored_model):
    before = load_calibration(stored_model).id
    code, out, err = run("calibrate", "--model", stored_model.path, *MANUAL)
    record = load_calibration(find_model(stored_model.path))
    assert (code, err) == (0, "")
    assert out == (
        f"{record.id}: threshold 0.01, set by Ada, above it 100 % of 1 normal images that it was calibrated on\n"
    )
    assert (record.protocol, record.reason) == (CalibrationProtocol.MANUAL, "scratches matter")
    code, out, _ = run("calibrate", "--model", stored_model.path, "--restore", before)
    assert (code, out) == (0, f"{before}: threshold 0.05, active again\n")
    assert load_calibration(find_model(stored_model.path)).id == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (MANUAL[:-2], "--by"),
        (MANUAL[:4], "--reason"),
        ((*MANUAL, "--data", "."), "--data"),
        ((*MANUAL, "--score", "ssim"), "--score"),
        ((*MANUAL, "--beside"), "--beside"),
        (("--threshold", 0.01, "--data", ".", "--layout", "mvtec"), "--threshold"),
        (("--data", "."), "--layout"),
        ((), "--data"),
        (("--restore", "x", "--layout", "mvtec"), "--layout"),
    ],
)
def test_flags_that_do_not_go_together_are_named(run, stored_model, arguments, told):
    code, _, err = run("calibrate", "--model", stored_model.path, *arguments)
    assert (code, told in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--restore", "older"), "no calibration 'older'"),
        ((*MANUAL[:2], "--threshold", -1, *MANUAL[4:]), "positive, finite score. Got -1.0"),
        ((*MANUAL[:-1], " "), "Say who moves it"),
    ],
)
def test_what_is_refused_is_one_line(run, stored_model, arguments, told):
    code, _, err = run("calibrate", "--model", stored_model.path, *arguments)
    assert (code, told in err, "\n" in err.strip()) == (1, True, False)
