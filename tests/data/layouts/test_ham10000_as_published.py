"""HAM10000 as its publisher's archives, Harvard Dataverse, Kaggle and spreadsheets leave it."""

import codecs
import shutil

import pytest

from tests.conftest import write_picture
from xai_ad.data.layouts import read_dataset
from xai_ad.errors import DatasetError

TABLE = "HAM10000_metadata.csv"
HEADER = "lesion_id,image_id,dx,dx_type,age,sex,localization"


@pytest.fixture
def ham_folder(tmp_path):
    root = tmp_path / "ham10000"
    kinds = ["nv"] * 6 + ["mel"] * 2
    lines = [HEADER]
    for index, kind in enumerate(kinds):
        write_picture(root / "images" / f"ISIC_{index:07d}.jpg", index, size=16)
        lines.append(f"HAM_{index // 2:07d},ISIC_{index:07d},{kind},histo,80.0,male,back")
    (root / TABLE).write_text("\n".join(lines))
    return root


def facts(root):
    return [(s.sha256, s.kind, s.label, s.group, s.subset) for s in read_dataset(root, "ham10000").samples]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
def test_a_table_is_read_whatever_saved_it(ham_folder, newline, separator, mark, encoding):
    before = facts(ham_folder)
    text = (ham_folder / TABLE).read_text().replace(",", separator).replace("\n", newline)
    (ham_folder / TABLE).write_bytes(mark + text.encode(encoding))
    assert facts(ham_folder) == before


@pytest.mark.parametrize("name", ["HAM10000_metadata", "HAM10000_metadata.tab", "ham10000_metadata.TSV"])
def test_a_table_has_any_suffix(ham_folder, name):
    before = facts(ham_folder)
    text = (ham_folder / TABLE).read_text().replace(",", "\t")
    (ham_folder / TABLE).unlink()
    (ham_folder / name).write_text(text)
    assert facts(ham_folder) == before


def test_a_header_is_written_in_ones_own_way(ham_folder):
    before = facts(ham_folder)
    rows = [line.split(",") for line in (ham_folder / TABLE).read_text().splitlines()]
    rows[0][:3] = ["Lesion ID", " IMAGE_ID ", "DX"]
    quoted = ["; ".join(f'"{row[place]}"' for place in (6, 2, 0, 1)) for row in rows]
    (ham_folder / TABLE).write_text("sep=;\r\n" + "\r\n".join([*quoted, ";;;", ""]))
    assert facts(ham_folder) == before


def test_ids_may_be_names_of_files(ham_folder):
    before = facts(ham_folder)
    text = (ham_folder / TABLE).read_text().replace(",nv,", ".jpg,nv,")
    (ham_folder / TABLE).write_text(text)
    assert facts(ham_folder) == before


def test_two_tables_that_agree_are_one(ham_folder):
    before = facts(ham_folder)
    text = (ham_folder / TABLE).read_text()
    (ham_folder / "HAM10000_metadata.tab").write_text(text.replace(",", "\t"))
    assert facts(ham_folder) == before
    (ham_folder / "HAM10000_metadata.tab").write_text(text.replace(",", "\t").replace("mel", "bcc"))
    with pytest.raises(DatasetError, match=r"HAM10000_metadata\.csv, .*\.tab, which say different things"):
        read_dataset(ham_folder, "ham10000")


def test_a_column_that_is_there_twice_is_named(ham_folder):
    (ham_folder / TABLE).write_text("lesion_id,image_id,dx,DX\nL,ISIC_0000000,nv,mel\n")
    with pytest.raises(DatasetError, match="several columns dx"):
        read_dataset(ham_folder, "ham10000")


def test_a_row_that_is_shifted_is_named(ham_folder):
    with (ham_folder / TABLE).open("a") as file:
        file.write("\nHAM_9,ISIC_0000009,nv,histo,80.0,male,back, left")
    with pytest.raises(DatasetError, match=r"Row 9 of .* has 8 cells, and the header 7"):
        read_dataset(ham_folder, "ham10000")


@pytest.mark.parametrize("suffix", [".jpg", ".JPG", ".jpeg", ".PNG"])
def test_images_lie_in_the_publishers_two_folders(ham_folder, suffix):
    before = facts(ham_folder)
    for index, path in enumerate(sorted((ham_folder / "images").iterdir())):
        place = ham_folder / f"HAM10000_images_part_{1 + index % 2}" / "deeper"
        place.mkdir(parents=True, exist_ok=True)
        path.rename(place / path.with_suffix(suffix).name)
    write_picture(ham_folder / "HAM10000_segmentations/ISIC_0000000_segmentation.png", 99)
    assert facts(ham_folder) == before


def test_copies_are_one_image_and_different_ones_are_named(ham_folder):
    before = facts(ham_folder)
    other = ham_folder / "part_1/ISIC_0000003.JPG"
    other.parent.mkdir()
    shutil.copy(ham_folder / "images/ISIC_0000003.jpg", other)
    assert facts(ham_folder) == before
    write_picture(other.with_suffix(".png"), 77)
    with pytest.raises(DatasetError, match=r"ISIC_0000003\.\w+ are different pictures of one name"):
        read_dataset(ham_folder, "ham10000")


def test_a_folder_of_images_is_told_where_its_table_is(ham_folder):
    with pytest.raises(DatasetError, match=r"It lies in '.*/ham10000'.*point --data there"):
        read_dataset(ham_folder / "images", "ham10000")
