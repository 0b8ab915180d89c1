import csv

import pytest

from tests.conftest import write_picture
from xai_ad.data.layouts import Protocol, read_dataset, split_dataset
from xai_ad.errors import DatasetError


@pytest.fixture
def ham_folder(tmp_path):
    """60 naevi of 40 lesions, 10 melanomata of 5."""
    root = tmp_path / "ham10000"
    rows = [(f"L{index % 40}", f"ISIC_{index:04d}", "nv") for index in range(60)]
    rows += [(f"M{index % 5}", f"ISIC_{1000 + index}", "mel") for index in range(10)]
    for number, (_, image, _) in enumerate(rows):
        write_picture(root / "images" / f"{image}.jpg", number, size=16)
    write_table(root, rows)
    return root


def write_table(root, rows, columns=("lesion_id", "image_id", "dx")):
    with (root / "HAM10000_metadata.csv").open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])


def sides(split):
    reported = {sample.group for sample in split.test}
    calibrated = {sample.group for sample in split.calibration}
    trained = {sample.group for sample in split.train}
    return trained, calibrated, reported


def test_naevi_are_normal_and_all_others_anomalous(ham_folder):
    samples = read_dataset(ham_folder, "ham10000").samples
    assert {(sample.kind, sample.label) for sample in samples} == {("nv", 0), ("mel", 1)}
    assert len(samples) == 70


def test_no_lesion_stands_on_two_sides(ham_folder):
    trained, calibrated, reported = sides(split_dataset(read_dataset(ham_folder, "ham10000")))
    assert not trained & calibrated
    assert not trained & reported
    assert not calibrated & reported


def test_every_image_stands_somewhere_once(ham_folder):
    split = split_dataset(read_dataset(ham_folder, "ham10000"))
    images = [sample.path for part in (split.train, split.calibration, split.test) for sample in part]
    assert len(images) == len(set(images)) == 70
    assert set(split.validation) <= set(split.calibration)


def test_the_shares_are_the_papers_up_to_a_lesion(ham_folder):
    split = split_dataset(read_dataset(ham_folder, "ham10000"))
    learnt = len(split.train) + len(split.validation)
    assert 60 * 5000 / 6705 <= learnt <= 60 * 5000 / 6705 + 2
    melanomata = [sample for sample in split.calibration if sample.kind == "mel"]
    assert len(melanomata) == 2


def test_the_thesis_protocol_reports_what_it_calibrates_on(ham_folder):
    split = split_dataset(read_dataset(ham_folder, "ham10000"), Protocol.THESIS)
    assert split.calibration == split.test
    assert len(split.train) + len(split.validation) >= 59


def test_a_table_without_its_columns_is_refused(ham_folder):
    write_table(ham_folder, [], columns=("lesion", "image_id"))
    with pytest.raises(DatasetError, match="lacks the columns lesion_id, dx"):
        read_dataset(ham_folder, "ham10000")


def test_images_named_in_vain_are_counted_and_the_first_three_named(ham_folder):
    for number in range(4):
        (ham_folder / "images" / f"ISIC_{number:04d}.jpg").unlink()
    with pytest.raises(
        DatasetError, match=r"4 of 70 images.*: ISIC_0000\.jpg, ISIC_0001\.jpg, ISIC_0002\.jpg\."
    ):
        read_dataset(ham_folder, "ham10000")


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"no HAM10000_metadata\.csv"):
        read_dataset(tmp_path, "ham10000")


def test_an_empty_file_lacks_all_columns(ham_folder):
    (ham_folder / "HAM10000_metadata.csv").write_bytes(b"")
    with pytest.raises(DatasetError, match="lacks the columns lesion_id, image_id, dx"):
        read_dataset(ham_folder, "ham10000")


def test_a_table_without_rows_is_refused(ham_folder):
    write_table(ham_folder, [])
    with pytest.raises(DatasetError, match="names no images: it has a header and no rows"):
        read_dataset(ham_folder, "ham10000")


def test_images_named_twice_are_counted_and_the_first_three_named(ham_folder):
    rows = [(f"L{number}", f"ISIC_{number:04d}", "nv") for number in range(6)]
    write_table(ham_folder, [*rows, *rows[:4]])
    with pytest.raises(
        DatasetError, match=r"names 4 images more than once: ISIC_0000, ISIC_0001, ISIC_0002\."
    ):
        read_dataset(ham_folder, "ham10000")


@pytest.mark.parametrize(
    "row", [("L9", "ISIC_0009", ""), ("L9", " ", "nv"), ("", "ISIC_0009", "nv"), ("L9",)]
)
def test_a_row_with_a_blank_is_named(ham_folder, row):
    write_table(ham_folder, [("L0", "ISIC_0000", "nv"), row])
    with pytest.raises(DatasetError, match=r"In 1 of 2 rows of .* is blank: row 2\."):
        read_dataset(ham_folder, "ham10000")


def test_an_unknown_diagnosis_is_named_beside_the_valid_ones(ham_folder):
    write_table(ham_folder, [("L0", "ISIC_0000", "nv"), ("L1", "ISIC_0001", "NV")])
    with pytest.raises(
        DatasetError, match=r"unknown dx NV\. A dx is one of: akiec, bcc, bkl, df, mel, nv, vasc"
    ):
        read_dataset(ham_folder, "ham10000")


def test_a_table_without_naevi_is_refused(ham_folder):
    write_table(ham_folder, [("M0", "ISIC_1000", "mel")])
    with pytest.raises(DatasetError, match="no image with the dx 'nv'"):
        read_dataset(ham_folder, "ham10000")


def test_a_file_that_is_no_table_is_refused(ham_folder):
    (ham_folder / "HAM10000_metadata.csv").write_text('lesion_id,image_id,dx\n"' + "x" * 200_000)
    with pytest.raises(DatasetError, match="is not a table of comma-separated values"):
        read_dataset(ham_folder, "ham10000")


def test_a_table_saved_with_a_byte_order_mark_is_read(ham_folder):
    table = ham_folder / "HAM10000_metadata.csv"
    table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes())
    assert len(read_dataset(ham_folder, "ham10000").samples) == 70


def test_a_lesion_of_two_diagnoses_which_would_stand_on_two_sides_is_named(ham_folder):
    rows = [("L0", "ISIC_0000", "nv"), ("L1", "ISIC_0001", "nv"), ("L0", "ISIC_1000", "mel")]
    write_table(ham_folder, rows)
    with pytest.raises(DatasetError, match="gives 1 lesion more than one dx: L0"):
        read_dataset(ham_folder, "ham10000")
