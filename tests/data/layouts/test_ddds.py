import hashlib
import shutil

import pytest

from xai_ad.data.layouts import Protocol, read_dataset, split_dataset
from xai_ad.errors import DatasetError

CLASSES = ("Normal", "Talking", "Texting", "Operating_GPS")
DRIVERS = [f"driver{number:02d}" for number in range(25)]
ORDER = sorted(DRIVERS, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
VALIDATING, TRAINING = set(ORDER[:2]), set(ORDER[2:16])
CALIBRATING, REPORTING = set(ORDER[16:18]), set(ORDER[18:])


@pytest.fixture
def ddds_folder(tmp_path):
    """25 drivers, two files of each in each of the four classes; a reader decodes none."""
    root = tmp_path / "ddds"
    for driver in DRIVERS:
        for name in CLASSES:
            (root / driver / name).mkdir(parents=True)
            for picture in ("0.png", "1.png"):
                (root / driver / name / picture).write_text(f"{driver} {name} {picture}")
    return root


def contents(samples):
    return {(sample.group, sample.kind) for sample in samples}


def drivers_of(samples):
    return {sample.group for sample in samples}


def test_normal_is_normal_and_the_other_three_classes_anomalous(ddds_folder):
    samples = read_dataset(ddds_folder, "ddds").samples
    assert {(sample.kind, sample.label) for sample in samples} == {
        ("normal", 0),
        ("talking", 1),
        ("texting", 1),
        ("operating_gps", 1),
    }
    assert len(samples) == 25 * 4 * 2
    assert all(sample.path.parent.parent.name == sample.group for sample in samples)


def test_normal_images_of_14_drivers_train_and_those_of_2_validate_in_the_order_of_their_names_hashes(
    ddds_folder,
):
    split = split_dataset(read_dataset(ddds_folder, "ddds"))
    assert contents(split.train) == {(driver, "normal") for driver in TRAINING}
    assert contents(split.validation) == {(driver, "normal") for driver in VALIDATING}
    assert split.counts == {
        "train": 14 * 2,
        "validation": 2 * 2,
        "calibration": 2 * 2 + 2 * 8,
        "test": 7 * 8,
    }


def test_two_of_the_nine_other_drivers_calibrate_and_seven_report_with_all_their_classes(ddds_folder):
    split = split_dataset(read_dataset(ddds_folder, "ddds"))
    calibrating = set(split.calibration) - set(split.validation)
    kinds = {"normal", "talking", "texting", "operating_gps"}
    assert contents(calibrating) == {(driver, kind) for driver in CALIBRATING for kind in kinds}
    assert contents(split.test) == {(driver, kind) for driver in REPORTING for kind in kinds}


def test_no_driver_stands_on_two_sides(ddds_folder):
    split = split_dataset(read_dataset(ddds_folder, "ddds"))
    assert set(split.validation) <= set(split.calibration)
    trained, calibrated, reported = map(drivers_of, (split.train, split.calibration, split.test))
    assert not trained & calibrated
    assert not trained & reported
    assert not calibrated & reported


def test_the_training_drivers_anomalous_images_are_left_out(ddds_folder):
    dataset = read_dataset(ddds_folder, "ddds")
    split = split_dataset(dataset)
    left = set(dataset.samples) - {*split.train, *split.calibration, *split.test}
    assert {(sample.group in TRAINING | VALIDATING, sample.label) for sample in left} == {(True, 1)}
    assert len(left) == 16 * 3 * 2


def test_the_thesis_protocol_calibrates_and_reports_on_all_that_does_not_train(ddds_folder):
    dataset = read_dataset(ddds_folder, "ddds")
    split = split_dataset(dataset, Protocol.THESIS)
    assert split.calibration == split.test
    learnt = {*split.train, *split.validation}
    assert set(split.test) == set(dataset.samples) - learnt
    assert contents(learnt) == {(driver, "normal") for driver in TRAINING | VALIDATING}


def test_renaming_pictures_changes_no_split(ddds_folder):
    before = split_dataset(read_dataset(ddds_folder, "ddds"))
    for path in sorted(ddds_folder.glob("*/*/0.png")):
        path.rename(path.with_name("z.png"))
    after = split_dataset(read_dataset(ddds_folder, "ddds"))
    assert {sample.sha256 for sample in before.train} == {sample.sha256 for sample in after.train}
    assert {sample.sha256 for sample in before.test} == {sample.sha256 for sample in after.test}


@pytest.mark.parametrize(
    "name", ["operating_gps", "OPERATING GPS", "Operating-GPS", "OperatingGPS", "gps", "GPS"]
)
def test_a_class_is_known_in_any_case_and_with_any_separator(ddds_folder, name):
    (ddds_folder / "driver07/Operating_GPS").rename(ddds_folder / "driver07/moving")
    (ddds_folder / "driver07/moving").rename(ddds_folder / "driver07" / name)
    samples = read_dataset(ddds_folder, "ddds").samples
    found = [sample for sample in samples if sample.group == "driver07" and sample.kind == "operating_gps"]
    assert {sample.path.parent.name for sample in found} == {name}
    assert len(found) == 2


def test_files_beside_the_drivers_and_hidden_folders_are_no_drivers(ddds_folder):
    (ddds_folder / "readme.txt").write_text("Drivers.")
    (ddds_folder / ".cache").mkdir()
    (ddds_folder / "driver03/.cache").mkdir()
    assert len(drivers_of(read_dataset(ddds_folder, "ddds").samples)) == 25


def keep_drivers(root, count):
    for driver in DRIVERS[count:]:
        shutil.rmtree(root / driver)


def test_sixteen_drivers_are_too_few_and_the_message_counts_them(ddds_folder):
    keep_drivers(ddds_folder, 16)
    with pytest.raises(DatasetError, match="holds 16 drivers, and at least 17 are needed"):
        read_dataset(ddds_folder, "ddds")


def test_an_empty_folder_has_no_drivers(tmp_path):
    with pytest.raises(DatasetError, match="holds 0 drivers"):
        read_dataset(tmp_path, "ddds")


def test_seventeen_drivers_are_enough_for_the_thesis_protocol_alone(ddds_folder):
    keep_drivers(ddds_folder, 17)
    dataset = read_dataset(ddds_folder, "ddds")
    assert len(split_dataset(dataset, Protocol.THESIS).train) == 28
    with pytest.raises(DatasetError, match=r"'held-out' needs 18 drivers or more.*'ddds' has 17"):
        split_dataset(dataset)


def test_of_eighteen_drivers_one_calibrates_and_one_reports(ddds_folder):
    keep_drivers(ddds_folder, 18)
    split = split_dataset(read_dataset(ddds_folder, "ddds"))
    order = [name for name in ORDER if name in DRIVERS[:18]]
    assert drivers_of(split.calibration) - drivers_of(split.validation) == {order[16]}
    assert drivers_of(split.test) == {order[17]}


def test_a_driver_without_class_folders_is_named(ddds_folder):
    shutil.rmtree(ddds_folder / "driver05")
    (ddds_folder / "driver05").mkdir()
    (ddds_folder / "driver05/0.png").write_bytes(b"a picture beside the classes")
    with pytest.raises(
        DatasetError, match=r"driver05' holds no class folders\. The classes are Normal, Talk"
    ):
        read_dataset(ddds_folder, "ddds")


def test_an_unknown_class_is_named_beside_the_valid_ones(ddds_folder):
    (ddds_folder / "driver05/Talking").rename(ddds_folder / "driver05/Drinking")
    message = r"driver05' holds 'Drinking'.*Normal, Talking, Texting, Operating_GPS\."
    with pytest.raises(DatasetError, match=message):
        read_dataset(ddds_folder, "ddds")


def test_a_driver_who_lacks_classes_is_named_with_them(ddds_folder):
    shutil.rmtree(ddds_folder / "driver05/Normal")
    shutil.rmtree(ddds_folder / "driver05/Texting")
    with pytest.raises(DatasetError, match=r"driver05' lacks the class folders Normal, Texting\."):
        read_dataset(ddds_folder, "ddds")


def test_an_empty_class_folder_is_named(ddds_folder):
    for path in (ddds_folder / "driver05/Texting").iterdir():
        path.unlink()
    with pytest.raises(DatasetError, match=r"No pictures in '.*driver05/Texting'"):
        read_dataset(ddds_folder, "ddds")


def test_classes_above_drivers_are_told_the_order(ddds_folder, tmp_path):
    (tmp_path / "classes").mkdir()
    for name in CLASSES:
        for driver in DRIVERS:
            shutil.copytree(ddds_folder / driver / name, tmp_path / "classes" / name / driver)
    with pytest.raises(DatasetError, match=r"Normal' is named like a class.*drivers first"):
        read_dataset(tmp_path / "classes", "ddds")


def test_every_refusal_is_one_line(ddds_folder):
    (ddds_folder / "driver05/Talking").rename(ddds_folder / "driver05/Drinking")
    with pytest.raises(DatasetError) as caught:
        read_dataset(ddds_folder, "ddds")
    assert "\n" not in str(caught.value)
