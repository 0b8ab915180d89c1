"""The layouts of published sets, on small trees written as their publishers have them."""

import csv
import shutil

import numpy as np
import pytest
from PIL import Image

from tests.conftest import write_picture
from xai_ad.data.images import Preprocessing
from xai_ad.data.layouts import LAYOUTS, Protocol, read_dataset, split_dataset
from xai_ad.data.loading import load_masks
from xai_ad.data.specs import dataset_spec
from xai_ad.errors import DatasetError

SIDE = 32


def write_mask(path, *, value=255, box=(8, 8, 16, 16)):
    pixels = np.zeros((SIDE, SIDE), np.uint8)
    if box:
        pixels[box[0] : box[2], box[1] : box[3]] = value
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def write_all(folder, count, seed, suffix=".png"):
    for index in range(count):
        write_picture(folder / f"{index:03d}{suffix}", seed + index, size=SIDE)


def write_visa(root, category="candle"):
    """20 normal images, the published table has the last 2 test; 5 anomalous ones with masks of several labels."""
    folder = root / category
    write_all(folder / "Data/Images/Normal", 20, 0, ".JPG")
    write_all(folder / "Data/Images/Anomaly", 5, 100, ".JPG")
    rows = []
    for index in range(20):
        split = "test" if index >= 18 else "train"
        rows.append((category, split, "normal", f"{category}/Data/Images/Normal/{index:03d}.JPG", ""))
    for index in range(5):
        mask = f"{category}/Data/Masks/Anomaly/{index:03d}.png"
        write_mask(root / mask, value=1 + index)
        rows.append((category, "test", "anomaly", f"{category}/Data/Images/Anomaly/{index:03d}.JPG", mask))
    (folder / "image_anno.csv").write_text("image,label,mask\n")
    table = root / "split_csv/1cls.csv"
    table.parent.mkdir(exist_ok=True)
    is_new = not table.exists()
    with table.open("a", newline="") as file:
        csv.writer(file).writerows(
            [*([("object", "split", "label", "image", "mask")] if is_new else []), *rows]
        )
    return folder


def write_btad(root):
    folder = root / "01"
    write_all(folder / "train/ok", 20, 0, ".bmp")
    write_all(folder / "test/ok", 5, 50, ".bmp")
    write_all(folder / "test/ko", 5, 100, ".bmp")
    for index in range(5):
        write_mask(folder / f"ground_truth/ko/{index:03d}.png")
    return folder


def write_loco(root):
    folder = root / "pushpins"
    write_all(folder / "train/good", 20, 0)
    write_all(folder / "validation/good", 4, 30)
    write_all(folder / "test/good", 5, 50)
    for seed, kind in ((100, "logical_anomalies"), (200, "structural_anomalies")):
        write_all(folder / "test" / kind, 5, seed)
        for index in range(5):
            write_mask(folder / f"ground_truth/{kind}/{index:03d}/000.png", box=(0, 0, 8, 8), value=248)
            write_mask(folder / f"ground_truth/{kind}/{index:03d}/001.png", box=(16, 16, 24, 24), value=255)
    (folder / "defects_config.json").write_text("[]")
    return folder


def write_mvtec_ad2(root):
    folder = root / "can"
    for part, count, seed in (("train/good", 20, 0), ("validation/good", 4, 30)):
        for index in range(count):
            write_picture(folder / part / f"{index:03d}_regular.png", seed + index, size=SIDE)
    for seed, kind in ((50, "good"), (100, "bad")):
        for index in range(10):
            for light, add in (("regular", 0), ("overexposed", 1000)):
                write_picture(
                    folder / f"test_public/{kind}/{index:03d}_{light}.png", seed + index + add, size=SIDE
                )
                if kind == "bad":
                    write_mask(folder / f"test_public/ground_truth/bad/{index:03d}_{light}_mask.png")
    write_all(folder / "test_private", 3, 300)
    write_all(folder / "test_private_mixed", 3, 400)
    return folder


def write_kolektor(root):
    """10 items of 4 pictures, each with one defect."""
    folder = root / "KolektorSDD"
    for item in range(10):
        for part in range(4):
            path = folder / f"kos{item + 1:02d}/Part{part}.jpg"
            write_picture(path, item * 10 + part, size=SIDE)
            write_mask(
                path.with_name(f"Part{part}_label.bmp"), box=(8, 8, 16, 16) if part == item % 4 else None
            )
    return folder


def write_kolektor2(root):
    folder = root / "KolektorSDD2"
    for part, first in (("train", 10000), ("test", 20000)):
        for index in range(20):
            write_picture(folder / part / f"{first + index}.png", first + index, size=SIDE)
            marked = (8, 8, 16, 16) if index % 4 == 0 else None
            write_mask(folder / part / f"{first + index}_GT.png", box=marked)
    return folder


WRITERS = {
    "visa": (
        write_visa,
        "visa_candle",
        {"train": 16, "validation": 2, "calibration": 2 + 1 + 1, "test": 1 + 4},
    ),
    "btad": (write_btad, "btad_01", {"train": 18, "validation": 2, "calibration": 2 + 1 + 1, "test": 4 + 4}),
    "loco": (write_loco, "loco_pushpins", {"train": 20, "validation": 4, "calibration": 4 + 3, "test": 12}),
    "mvtec_ad2": (
        write_mvtec_ad2,
        "mvtec_ad2_can",
        {"train": 20, "validation": 4, "calibration": 4 + 4 + 4, "test": 16 + 16},
    ),
    "kolektor": (
        write_kolektor,
        "kolektor_sdd",
        {"train": 15, "validation": 3, "calibration": 3 + 4, "test": 12},
    ),
    "kolektor2": (
        write_kolektor2,
        "kolektor_sdd2",
        {"train": 13, "validation": 2, "calibration": 2 + 5, "test": 20},
    ),
}


@pytest.fixture(params=WRITERS, scope="module")
def published(request, tmp_path_factory):
    """A tree that is only read, its layout, what its dataset is called and how it splits."""
    write, name, counts = WRITERS[request.param]
    tmp_path = tmp_path_factory.mktemp("published")
    return (
        write(tmp_path),
        request.param.removesuffix("2") if "kol" in request.param else request.param,
        name,
        counts,
    )


def test_a_published_set_is_read_with_its_split_and_without_doubts(published):
    folder, layout, name, counts = published
    dataset = read_dataset(folder, layout)
    assert (dataset.name, dataset.layout) == (name, layout)
    split = split_dataset(dataset)
    assert split.counts == counts
    private = [f"{name} is passed over: it has no labels." for name in ("test_private", "test_private_mixed")]
    assert list(dataset.notes) == (private if layout == "mvtec_ad2" else [])


def test_held_out_parts_share_no_image_and_tear_nothing_apart(published):
    folder, layout, _, _ = published
    split = split_dataset(read_dataset(folder, layout))
    train, calibration, test = (
        {s.sha256 for s in part} for part in (split.train, split.calibration, split.test)
    )
    assert not train & calibration
    assert not train & test
    assert not calibration & test
    groups = [{s.group for s in part if s.group} for part in (split.train, split.validation, split.test)]
    assert not groups[0] & groups[1]
    assert not (groups[0] | groups[1]) & groups[2]
    assert not {s.group for s in split.calibration if s.group} & groups[2]
    assert not any(s.label for s in (*split.train, *split.validation))


def test_the_thesis_protocol_calibrates_on_what_it_reports(published):
    folder, layout, _, _ = published
    split = split_dataset(read_dataset(folder, layout), Protocol.THESIS)
    assert split.calibration == split.test
    assert {s.label for s in split.test} == {0, 1}


def test_every_defect_of_a_published_set_has_its_mask(published):
    folder, layout, _, _ = published
    samples = [s for s in read_dataset(folder, layout).samples if s.label]
    masks, known = load_masks(samples, Preprocessing(size=SIDE))
    assert len(known) == len(samples)
    area = 2 * 64 if layout == "loco" else 64
    assert masks.sum(axis=(1, 2)).tolist() == [area] * len(samples)


def test_a_published_set_says_its_licence(published):
    _, _, name, _ = published
    spec = dataset_spec(name)
    assert spec.licence.startswith("CC BY 4.0" if name.startswith("visa") else "CC BY-NC-SA 4.0")
    assert spec.title != name


def test_a_published_set_is_recognised_by_every_other_layout(published):
    folder, layout, _, _ = published
    for other in LAYOUTS.values():
        if other.of_videos or other.id == layout:
            continue
        try:
            notes = read_dataset(folder, other.id).notes
        except DatasetError as error:
            notes = [str(error)]
        assert any(f"looks like the layout {layout!r}" in note for note in notes), other.id


def test_a_set_of_somebodys_own_has_its_folders_name(tmp_path):
    folder = write_btad(tmp_path).rename(tmp_path / "mine")
    assert read_dataset(folder, "btad").name == "mine"
    assert dataset_spec("mine").licence.startswith("unstated")
    items = write_kolektor(tmp_path)
    (items / "kos01").rename(items / "first")
    assert read_dataset(items, "kolektor").name == "KolektorSDD"


@pytest.mark.parametrize("layout", ["visa", "btad", "loco", "mvtec_ad2"])
def test_a_folder_of_categories_names_them(tmp_path, layout):
    folder = WRITERS[layout][0](tmp_path / "all")
    shutil.copytree(folder, folder.with_name("other"))
    with pytest.raises(
        DatasetError, match=rf"It holds {', '.join(sorted([folder.name, 'other']))}, .* one of them"
    ):
        read_dataset(tmp_path / "all", layout)


def test_visa_is_read_where_its_root_holds_one_category(tmp_path):
    write_visa(tmp_path / "VisA")
    dataset = read_dataset(tmp_path / "VisA", "visa")
    assert (dataset.name, len(dataset.samples)) == ("visa_candle", 25)
    assert dataset.notes == ("candle is read, as the only category in VisA.",)


def test_visa_follows_the_published_table(tmp_path):
    folder = write_visa(tmp_path)
    write_visa(tmp_path, "pcb1")
    tested = {s.path.name for s in read_dataset(folder, "visa").samples if s.subset == "test" and not s.label}
    assert tested == {"018.JPG", "019.JPG"}


def test_visa_without_its_table_deals_the_same_shares(tmp_path):
    folder = write_visa(tmp_path)
    shutil.rmtree(tmp_path / "split_csv")
    dataset = read_dataset(folder, "visa")
    assert len([s for s in dataset.samples if s.subset == "train"]) == 18
    assert dataset.notes == ("No table split_csv/1cls.csv names candle: 10 % of its normal images test.",)


def test_visa_names_what_its_table_and_its_folders_disagree_in(tmp_path):
    folder = write_visa(tmp_path)
    write_picture(folder / "Data/Images/Normal/extra.JPG", 900)
    assert "1 picture not named in 1cls.csv left out: extra.JPG." in read_dataset(folder, "visa").notes
    (folder / "Data/Images/Normal/003.JPG").unlink()
    with pytest.raises(DatasetError, match=r"1 image of 25 named in .* cannot be found: normal/003"):
        read_dataset(folder, "visa")
    table = tmp_path / "split_csv/1cls.csv"
    table.write_text(table.read_text().replace("candle,test,anomaly", "candle,train,anomaly"))
    write_picture(folder / "Data/Images/Normal/003.JPG", 3, size=SIDE)
    with pytest.raises(DatasetError, match="has anomalous images train: 000"):
        read_dataset(folder, "visa")


def test_loco_without_images_to_validate_takes_a_tenth(tmp_path):
    folder = write_loco(tmp_path)
    shutil.rmtree(folder / "validation")
    assert split_dataset(read_dataset(folder, "loco")).counts["validation"] == 2
    write_all(folder / "validation/structural_anomalies", 3, 30)
    dataset = read_dataset(folder, "loco")
    assert split_dataset(dataset).counts["validation"] == 2
    assert dataset.notes == (
        "pushpins/validation with 3 pictures is not read: there is no folder good in it.",
    )


def test_a_kolektor_picture_without_a_mask_is_named(tmp_path):
    folder = write_kolektor(tmp_path)
    (folder / "kos03/Part2_label.bmp").unlink()
    with pytest.raises(
        DatasetError, match=r"1 of 4 pictures in '.*kos03' have no mask beside them: Part2\.jpg"
    ):
        read_dataset(folder, "kolektor")


def test_a_kolektor_mask_that_marks_one_pixel_marks_a_defect(tmp_path):
    folder = write_kolektor2(tmp_path)
    write_mask(folder / "train/10001_GT.png", box=(31, 31, 32, 32), value=1)
    samples = {s.path.stem: s for s in read_dataset(folder, "kolektor").samples}
    assert (samples["10001"].label, samples["10002"].label) == (1, 0)
