"""What annotation tools draw becomes the same marks as a mask of it, by oracles that go pixel by pixel."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from xai_ad.data.masks.annotations import read_annotations
from xai_ad.data.masks.annotations.runs import from_brush, from_coco
from xai_ad.errors import DatasetError

SIZE = (40, 60)
"""Height and width of every picture here."""


def drawn(tmp_path, content, name="marks.json"):
    """What a file of some content draws on its one picture, (h, w) bool."""
    path = tmp_path / name
    path.write_text(json.dumps(content))
    (one,) = read_annotations(path).drawn
    return np.any(one.layers(SIZE), axis=0)


def inside(corners, size=SIZE):
    """Whether each pixel's middle lies in a polygon, by counting the edges to its right."""
    marked = np.zeros(size, bool)
    edges = list(zip(corners, [*corners[1:], corners[0]], strict=True))
    for row, column in np.ndindex(size):
        x, y = column + 0.5, row + 0.5
        crossed = [
            x < x1 + (y - y1) / (y2 - y1) * (x2 - x1) for (x1, y1), (x2, y2) in edges if (y1 > y) != (y2 > y)
        ]
        marked[row, column] = sum(crossed) % 2
    return marked


def blobs(seed=0, size=SIZE):
    rng = np.random.default_rng(seed)
    marked = rng.random(size) < 0.1
    marked[5:20, 10:30] = True
    marked[30:, 55:] = True
    return marked


TRIANGLE = [(5.2, 3.1), (40.7, 10.3), (12.4, 35.6)]
STAR = [
    (30.3, 2.2),
    (34.1, 15.7),
    (50.9, 16.1),
    (37.7, 24.4),
    (45.2, 38.8),
    (30.1, 29.3),
    (15.4, 38.1),
    (22.2, 24.6),
]


def flat(corners):
    return [number for corner in corners for number in corner]


# COCO


def coco(*segmentations, picture=None, **more):
    return {
        "images": [{"id": 7, "file_name": "000.png", "width": 60, "height": 40, **(picture or {})}],
        "categories": [{"id": 1, "name": "scratch"}, {"id": 2, "name": "Background"}],
        "annotations": [
            {"id": number, "image_id": 7, "category_id": 1, "segmentation": shape, "iscrowd": 0, **more}
            for number, shape in enumerate(segmentations)
        ],
    }


def column_runs(marked):
    """Lengths of unmarked and marked runs down the columns, one pixel after another."""
    lengths, now = [0], False
    for value in marked.T.ravel():
        if bool(value) != now:
            lengths.append(0)
            now = not now
        lengths[-1] += 1
    return lengths


def as_text(lengths):
    """COCO's text, as its own library writes it."""
    text = ""
    for index, length in enumerate(lengths):
        number = length - lengths[index - 2] if index > 2 else length
        more = True
        while more:
            part = number & 31
            number >>= 5
            more = number != -1 if part & 16 else number != 0
            text += chr((part | 32 if more else part) + 48)
    return text


def test_polygons_mark_the_pixels_whose_middles_lie_within(tmp_path):
    found = drawn(tmp_path, coco([flat(TRIANGLE)], [flat(STAR)]))
    np.testing.assert_array_equal(found, inside(TRIANGLE) | inside(STAR))


def test_a_square_of_whole_pixels_is_exact(tmp_path):
    expected = np.zeros(SIZE, bool)
    expected[10:20, 5:45] = True
    corners = [(5, 10), (45, 10), (45, 20), (5, 20)]
    np.testing.assert_array_equal(drawn(tmp_path, coco([flat(corners)])), expected)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("crowd", [0, 1])
@pytest.mark.parametrize("compressed", [False, True])
def test_runs_mark_what_they_were_made_of(tmp_path, seed, crowd, compressed):
    marked = blobs(seed)
    marked[0, 0] = seed % 2  # a first run of none
    lengths = column_runs(marked)
    runs = {"size": list(SIZE), "counts": as_text(lengths) if compressed else lengths}
    np.testing.assert_array_equal(drawn(tmp_path, coco(runs, iscrowd=crowd)), marked)


def test_long_runs_are_read():
    marked = np.zeros((3000, 2000), bool)
    marked[700:2900, 3:1900] = True
    lengths = [
        int(length)
        for length in np.diff(np.flatnonzero(np.diff(marked.T.ravel(), prepend=False, append=True)))
    ]
    lengths = [3 * 3000 + 700, *lengths]
    np.testing.assert_array_equal(from_coco(as_text(lengths), marked.shape, "it"), marked)


def test_a_polygon_between_the_pixels_middles_does_not_vanish(tmp_path):
    found = drawn(tmp_path, coco([[10.6, 8.6, 30.9, 8.7, 30.9, 8.9, 10.6, 8.8]]))
    assert found[8, 10:31].all()
    assert found.sum() == 21


def test_a_box_alone_is_taken_whole_and_told_of(tmp_path):
    content = coco([], [flat(TRIANGLE)])
    content["annotations"][0]["bbox"] = [2, 3, 10, 5]
    expected = inside(TRIANGLE)
    expected[3:8, 2:12] = True
    np.testing.assert_array_equal(drawn(tmp_path, content), expected)
    assert (
        "1 of 2 annotations have a box and no outline" in read_annotations(tmp_path / "marks.json").notes[0]
    )


def test_what_is_no_defect_by_its_category_or_of_no_picture_is_left_out_and_told_of(tmp_path):
    content = coco([flat(TRIANGLE)], [flat(STAR)], [flat(STAR)])
    content["annotations"][1]["category_id"] = 2
    content["annotations"][2]["image_id"] = 99
    np.testing.assert_array_equal(drawn(tmp_path, content), inside(TRIANGLE))
    notes = " ".join(read_annotations(tmp_path / "marks.json").notes)
    assert "1 of 3 annotations belong to pictures that it does not list" in notes
    assert "1 of 3 annotations are of a category that is no defect" in notes


def test_pictures_without_annotations_have_nothing_drawn_on_them(tmp_path):
    content = coco()
    (tmp_path / "marks.json").write_text(json.dumps(content))
    (one,) = read_annotations(tmp_path / "marks.json").drawn
    assert one.is_empty


# LabelMe


def labelme(*shapes, **more):
    return {
        "version": "5.4.1",
        "flags": {},
        "imagePath": "000.png",
        "imageData": None,
        "imageHeight": 40,
        "imageWidth": 60,
        "shapes": [
            {"label": "scratch", "points": points, "shape_type": kind, "group_id": None, "flags": {}, **own}
            for kind, points, own in shapes
        ],
        **more,
    }


def near(points, reach):
    """Whether each pixel's middle lies within a distance of a line through points, tried at many of its places."""
    marked = np.zeros(SIZE, bool)
    steps = np.linspace(0, 1, 400)[:, None]
    tried = [
        np.asarray(one) + steps * (np.subtract(two, one))
        for one, two in zip(points, points[1:] or points, strict=False)
    ]
    places = np.vstack(tried)
    for row, column in np.ndindex(SIZE):
        marked[row, column] = np.hypot(*(places - (column + 0.5, row + 0.5)).T).min() <= reach
    return marked


def test_labelmes_shapes_are_drawn(tmp_path):
    assert np.array_equal(drawn(tmp_path, labelme(("polygon", STAR, {}))), inside(STAR))
    box = drawn(tmp_path, labelme(("rectangle", [[30, 25], [10, 5]], {})))
    assert np.array_equal(box, inside([(10, 5), (30, 5), (30, 25), (10, 25)]))
    circle = drawn(tmp_path, labelme(("circle", [[30.2, 20.1], [30.2, 32.4]], {})))
    assert np.array_equal(circle, near([(30.2, 20.1)], 12.3))
    line = [[10.3, 10.2], [50.1, 14.7], [50.3, 35.2]]
    assert (drawn(tmp_path, labelme(("linestrip", line, {}))) != near(line, 5)).sum() <= 2
    assert (drawn(tmp_path, labelme(("line", line[:2], {}))) != near(line[:2], 5)).sum() <= 2
    assert np.array_equal(drawn(tmp_path, labelme(("point", line[:1], {}))), near(line[:1], 5))


def test_labelmes_masks_lie_in_their_rectangles(tmp_path):
    marked = blobs()[5:35, 10:50]
    buffer = io.BytesIO()
    Image.fromarray(marked).save(buffer, format="PNG")
    shape = ("mask", [[10, 5], [49, 34]], {"mask": base64.b64encode(buffer.getvalue()).decode()})
    expected = np.zeros(SIZE, bool)
    expected[5:35, 10:50] = marked
    np.testing.assert_array_equal(drawn(tmp_path, labelme(shape)), expected)


def test_labelmes_background_is_no_defect(tmp_path):
    content = labelme(("polygon", STAR, {}), ("polygon", TRIANGLE, {"label": "_background_"}))
    np.testing.assert_array_equal(drawn(tmp_path, content), inside(STAR))
    assert "1 of 2 shapes are no defect" in read_annotations(tmp_path / "marks.json").notes[0]


def test_a_folder_of_labelmes_files_is_read_and_others_in_it_are_told_of(tmp_path):
    for index in range(3):
        (tmp_path / f"{index}.json").write_text(json.dumps(labelme(("polygon", STAR, {}))))
    (tmp_path / "settings.json").write_text("{}")
    (tmp_path / "._0.json").write_bytes(b"\0\1")
    parsed = read_annotations(tmp_path)
    assert len(parsed.drawn) == 3
    assert parsed.notes == (f"1 of 4 JSON files in {str(tmp_path)!r} are no annotations: settings.json.",)


# Label Studio


def packed(values, *, literal=()):
    """The brush's bytes of values: runs, and at some of them blocks that are written out; bit by bit."""
    bits = f"{len(values):032b}" + f"{7:05b}" + "".join(f"{width - 1:04b}" for width in (3, 4, 8, 16))
    at = 0
    while at < len(values):
        end = at + 1
        if at in literal:
            end = min(at + 5, len(values))
            bits += "0" + "00" + f"{end - at - 1:03b}" + "".join(f"{value:08b}" for value in values[at:end])
        else:
            while end < len(values) and values[end] == values[at] and end - at < 2**16:
                end += 1
            code, width = next(
                (code, width) for code, width in enumerate((3, 4, 8, 16)) if end - at <= 2**width
            )
            bits += "1" + f"{code:02b}" + f"{end - at - 1:0{width}b}" + f"{values[at]:08b}"
        at = end
    bits += "0" * (-len(bits) % 8)
    return [int(bits[place : place + 8], 2) for place in range(0, len(bits), 8)]


def brushed(marked, **options):
    """The values that the brush has of a mask: alpha four times, pixel by pixel."""
    return packed(np.repeat(marked.ravel() * 255, 4).tolist(), **options)


def studio(*values, image="/data/upload/1/0a1b2c3d-000.png", annotations=None):
    results = [
        {
            "original_width": 60,
            "original_height": 40,
            "image_rotation": 0,
            "type": "brushlabels",
            "value": {**value, "labels": ["scratch"]} if "labels" not in value else value,
        }
        for value in values
    ]
    return [{"id": 1, "data": {"image": image}, "annotations": annotations or [{"id": 1, "result": results}]}]


def percent(corners):
    return [[x / 60 * 100, y / 40 * 100] for x, y in corners]


@pytest.mark.parametrize("seed", range(3))
def test_the_brush_marks_what_it_painted(tmp_path, seed):
    marked = blobs(seed)
    rle = brushed(marked, literal=range(0, 9600, 37))
    value = {"format": "rle", "rle": rle, "brushlabels": ["scratch"]}
    np.testing.assert_array_equal(drawn(tmp_path, studio(value)), marked)
    minimal = [
        {
            "id": 1,
            "image": "/data/upload/1/0a1b2c3d-000.png",
            "tag": [{**value, "original_width": 60, "original_height": 40}],
            "annotation_id": 1,
        }
    ]
    np.testing.assert_array_equal(drawn(tmp_path, minimal), marked)


def test_runs_longer_than_the_widest_number_are_read():
    marked = np.zeros((300, 200), bool)
    marked[100:250, 10:190] = True
    np.testing.assert_array_equal(from_brush(bytes(brushed(marked)), marked.shape, "it"), marked)


def test_label_studios_shapes_are_in_percent(tmp_path):
    polygon = {"points": percent(STAR), "polygonlabels": ["scratch"]}
    assert np.array_equal(drawn(tmp_path, studio(polygon)), inside(STAR))
    box = {"x": 10, "y": 25, "width": 50, "height": 50, "rotation": 0, "rectanglelabels": ["scratch"]}
    assert np.array_equal(drawn(tmp_path, studio(box)), inside([(6, 10), (36, 10), (36, 30), (6, 30)]))
    turn = np.radians(30)
    across, down = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    corners = [
        np.array([20, 8]) + a * 18 * across + b * 12 * down for a, b in ((0, 0), (1, 0), (1, 1), (0, 1))
    ]
    turned = {"x": 100 / 3, "y": 20, "width": 30, "height": 30, "rotation": 30}
    assert (drawn(tmp_path, studio(turned)) != inside(corners)).sum() <= 1
    ellipse = {"x": 50, "y": 50, "radiusX": 25, "radiusY": 20, "rotation": 0}
    rows, columns = np.mgrid[:40, :60] + 0.5
    expected = ((columns - 30) / 15) ** 2 + ((rows - 20) / 8) ** 2 <= 1
    assert (drawn(tmp_path, studio(ellipse)) != expected).sum() <= 4


def test_of_several_annotations_the_last_counts_that_was_not_cancelled(tmp_path):
    def annotation(corners, **more):
        (task,) = studio({"points": percent(corners), "polygonlabels": ["scratch"]})
        return {**task["annotations"][0], **more}

    first, last = annotation(TRIANGLE, updated_at="2024-01-01"), annotation(STAR, updated_at="2024-02-01")
    skipped = annotation([(0, 0), (60, 0), (60, 40)], updated_at="2024-03-01", was_cancelled=True)
    content = studio(annotations=[last, skipped, first])
    np.testing.assert_array_equal(drawn(tmp_path, content), inside(STAR))
    assert "1 of 1 tasks have several annotations" in read_annotations(tmp_path / "marks.json").notes[0]


# What is refused

BAD = {
    "no JSON": ("{", "is no JSON file"),
    "not text": (b"\xff\xfe\x00", "is no JSON file"),
    "nothing": (b"", "is no JSON file"),
    "deep": ("[" * 100_000, "is no JSON file"),
    "another format": ({"frames": []}, "is no annotation that is known"),
    "a list of numbers": ([1, 2], "is no annotation that is known"),
    "an empty list": ([], "is no annotation that is known"),
    "COCO, two corners": (coco([[1, 2, 3, 4]]), "polygon of 4 numbers"),
    "COCO, odd numbers": (coco([[1, 2, 3, 4, 5, 6, 7]]), "polygon of 7 numbers"),
    "COCO, NaN": (coco([[1, 2, 3, 4, 5, float("nan")]]), "finite"),
    "COCO, infinite": (coco([[1, 2, 3, 4, 5, float("inf")]]), "finite"),
    "COCO, text": (coco([[1, 2, 3, 4, 5, "six"]]), "segmentation"),
    "COCO, a list as category": (coco([flat(STAR)], category_id=[1]), "category_id"),
    "COCO, no picture's name": (coco(picture={"file_name": None}), "file_name"),
    "COCO, no width": (coco(picture={"width": 0}), "width"),
    "COCO, short runs": (coco({"size": [40, 60], "counts": [5, 5]}), "runs of 10 pixels"),
    "COCO, negative runs": (coco({"size": [40, 60], "counts": [-5, 2405]}), "counts"),
    "COCO, odd runs": (coco({"size": [40, 60], "counts": "\x01\x02"}), "character"),
    "COCO, cut runs": (coco({"size": [40, 60], "counts": "PP"}), "cut short"),
    "COCO, huge runs": (coco({"size": [400_000, 600_000], "counts": [5]}), "600000x400000"),
    "COCO, no list": ({"images": {}, "annotations": []}, "images"),
    "COCO, an empty box": (coco([], bbox=[1, 2, 0, 4]), "must have an area"),
    "LabelMe, two corners": (labelme(("polygon", [[1, 2], [3, 4]], {})), "has 2 points"),
    "LabelMe, an unknown shape": (labelme(("spline", STAR, {})), "'spline'"),
    "LabelMe, NaN": (labelme(("polygon", [[1, 2], [3, 4], [5, float("nan")]], {})), "finite"),
    "LabelMe, no mask": (labelme(("mask", [[1, 2], [3, 4]], {"mask": "@@"})), "mask that cannot be read"),
    "LabelMe, no points": (labelme(("circle", [[1, 2]], {})), "has 1 points"),
    "Label Studio, a damaged brush": (studio({"rle": [1, 2, 3]}), "brush of 3 bytes that is damaged"),
    "Label Studio, a cut brush": (studio({"rle": brushed(blobs())[:60]}), "damaged"),
    "Label Studio, another picture's brush": (
        studio({"rle": brushed(blobs(size=(8, 8)))}),
        "brush of 256 values",
    ),
    "Label Studio, two corners": (studio({"points": [[1, 2], [3, 4]]}), "polygon of 4 numbers"),
    "Label Studio, no picture": (studio({"points": percent(STAR)}, image=3), "names no picture"),
}


@pytest.mark.parametrize(("content", "message"), BAD.values(), ids=BAD.keys())
def test_what_is_malformed_is_refused_in_one_line_that_names_the_file(tmp_path, content, message):
    path = tmp_path / "marks.json"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(DatasetError, match=message) as caught:
        [one.layers(SIZE) for one in read_annotations(path).drawn]
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("ids", [("7", 7), (7, "7"), (7, 7.0), ("a", "a")])
def test_coco_ids_may_be_numbers_or_texts_and_what_is_null_is_missing(tmp_path, ids):
    content = coco([flat(STAR)], picture={"id": ids[0]}, image_id=ids[1], category_id="1", bbox=None)
    np.testing.assert_array_equal(drawn(tmp_path, content), drawn(tmp_path, coco([flat(STAR)])))
    assert drawn(tmp_path, content | {"categories": None}).any()


def test_two_pictures_with_one_id_are_refused_and_marked_by_neither(tmp_path):
    content = coco([flat(STAR)])
    content["images"].append({"id": "7", "file_name": "001.png"})
    with pytest.raises(DatasetError, match=r"gives '000\.png' and '001\.png' the same id, 7"):
        drawn(tmp_path, content)


def test_json_of_any_unicode_is_read(tmp_path):
    path = tmp_path / "marks.json"
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):
        path.write_bytes(json.dumps(coco([flat(STAR)])).encode(encoding))
        assert read_annotations(path).drawn[0].marks


def test_what_lies_beyond_the_picture_is_refused(tmp_path):
    for content in (
        coco([[5, 5, 9, 5, 9, 1e300]]),
        labelme(("circle", [[5, 5], [5, 1e300]], {})),
        labelme(("polygon", STAR, {}), imageHeight=10**20),
        studio({"x": 5, "y": 5, "width": 1e300}),
    ):
        with pytest.raises(DatasetError, match=r"beyond|radius|pixels; 1 to"):
            drawn(tmp_path, content)
    with pytest.raises(DatasetError, match="beyond its 60x40 pixels"):
        drawn(tmp_path, coco([[100, 100, 120, 100, 120, 130]]))
    unsized = {"width": None, "height": None}
    with pytest.raises(DatasetError, match="beyond its 60x40 pixels"):
        drawn(tmp_path, coco([[30, 30, 120, 30, 120, 130]], picture=unsized))
    partly = drawn(tmp_path, coco([[50, 30, 120, 30, 120, 130]]))
    assert partly.any()
    assert drawn(tmp_path, coco([flat(STAR)], picture=unsized)).any()
