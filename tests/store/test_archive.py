"""A model through a ZIP and back; and archives made by hand to do harm, of which nothing is left."""

import io
import json
import pickle
import random
import stat
import struct
import zipfile
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save

from xai_ad.data.decoding import sha256_of
from xai_ad.errors import InvalidInputError, StoreError, WritingError, XaiAdError
from xai_ad.machine.places import home
from xai_ad.store import (
    CARD,
    add_calibration,
    archive,
    delete_model,
    entries,
    export_zip,
    find_model,
    import_zip,
    list_models,
    load,
    load_calibration,
    load_calibrations,
)


@pytest.fixture
def exported(stored_model, tmp_path):
    """The stored model's archive."""
    return export_zip(stored_model, tmp_path / "out" / "widget.zip")


@pytest.fixture
def files(stored_model):
    return contents(stored_model.path)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def packed(entries_of, kind=zipfile.ZIP_DEFLATED):
    """An archive of names, or of entries, and their bytes, in this order and as they are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as written:
        for name, data in entries_of:
            written.writestr(name, data)
    buffer.seek(0)
    return buffer


def changed(files, name=CARD, **fields):
    """A model's files with fields of its card changed, as an archive."""
    card = json.loads(files[CARD]) | fields
    return packed({**files, name: json.dumps(card).encode()}.items())


def with_file(files, name, data):
    """A model's files with one of them another, and its right hash in the card."""
    card = json.loads(files[CARD])
    card["sha256"][name] = sha256_of(data)
    return packed({**files, name: data, CARD: json.dumps(card).encode()}.items())


def require_refused(file, told, **options):
    with pytest.raises(XaiAdError, match=told) as caught:
        import_zip(file, **options)
    assert "\n" not in str(caught.value)
    assert list(home().iterdir()) == []


def test_a_model_is_the_same_after_an_archive(stored_model, exported, files):
    imported = import_zip(exported)
    assert imported == find_model("widget-bcae1")
    assert imported.path == home() / "models" / "widget-bcae1"
    assert imported.card == stored_model.card
    assert contents(imported.path) == files
    assert [path.name for path in imported.path.parent.iterdir()] == ["widget-bcae1"]
    image = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(0))
    assert torch.equal(load(imported)[0](image), load(stored_model)[0](image))


def test_a_model_is_the_same_archive_whenever_it_is_exported(stored_model, exported, tmp_path):
    assert export_zip(stored_model, tmp_path / "again.zip").read_bytes() == exported.read_bytes()
    with zipfile.ZipFile(exported) as opened:
        assert opened.testzip() is None
        assert all(name.startswith("widget-bcae1/") for name in opened.namelist())


def test_an_upload_is_read_too_and_files_at_the_top(files):
    assert import_zip(packed(files.items())).card.id == "widget-bcae1"
    placed = [("some folder/", b""), *((f"some folder/{name}", data) for name, data in files.items())]
    assert import_zip(packed(placed), name="second").card.id == "second"
    assert load("second")[1].id == "second"


def test_ones_own_limits_of_a_shipped_model_travel_along(own_home, tmp_path):
    shipped = find_model("washer-bcae1")
    before, first = contents(shipped.path), load_calibration(shipped)
    mine = replace(
        first, id="mine", calibration=replace(first.calibration, threshold=1.0), reason="why", by="me"
    )
    add_calibration(shipped, mine)
    imported = import_zip(export_zip(shipped, tmp_path / "washer.zip"), name="my-washer")
    assert load_calibration(imported) == mine
    assert [record.id for record in load_calibrations(imported)] == [
        *[record.id for record in load_calibrations(shipped) if record.id != "mine"],
        "mine",
    ]
    assert imported.card.metrics == {}
    assert contents(shipped.path) == before


def test_a_shipped_model_without_limits_of_ones_own_keeps_its_figures(tmp_path):
    shipped = find_model("washer-bcae1")
    imported = import_zip(export_zip(shipped, tmp_path / "washer.zip"), name="my-washer")
    assert imported.card == replace(shipped.card, id="my-washer")


def test_a_damaged_model_is_not_exported(stored_model, tmp_path):
    (stored_model.path / "weights.safetensors").write_bytes(b"other")
    with pytest.raises(StoreError, match="does not match the hash"):
        export_zip(stored_model, tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()


def test_where_nothing_can_be_written_it_is_said(stored_model, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WritingError, match="is a file"):
        export_zip(stored_model, tmp_path / "file" / "out.zip")


def test_a_name_that_is_taken_is_answered_with_the_way_out(exported):
    import_zip(exported)
    with pytest.raises(InvalidInputError, match=r"There is a model 'widget-bcae1' already.*--name"):
        import_zip(exported)
    with pytest.raises(InvalidInputError, match=r"'washer-bcae1' already.*--name"):
        import_zip(exported, name="washer-bcae1")
    assert [stored.card.id for stored in list_models() if not stored.is_shipped] == ["widget-bcae1"]


def test_a_name_that_is_taken_while_an_archive_is_checked_stays_whose_it_is(exported, monkeypatch):
    place = home() / "models" / "widget-bcae1"
    monkeypatch.setattr(archive, "_require_usable", lambda _: place.mkdir(parents=True))
    with pytest.raises(InvalidInputError, match="'widget-bcae1' already"):
        import_zip(exported)
    assert list(place.iterdir()) == []


def test_a_name_that_does_not_do_is_refused(exported, files):
    require_refused(exported, "A model's name has up to", name="../out")
    require_refused(changed(files, id="../../out"), r"Got '\.\./\.\./out'.*--name")


def test_what_is_no_archive_is_refused(tmp_path):
    require_refused(tmp_path / "none.zip", r"none.zip' cannot be read \(No such file")
    require_refused(tmp_path, "cannot be read")
    require_refused(io.BytesIO(b""), "is no ZIP archive")
    require_refused(io.BytesIO(b"PK\3\4 but no more"), "is no ZIP archive")
    require_refused(packed([]), "card.json' is not a readable card")


def test_an_archive_that_is_cut_off_is_refused(exported):
    data = exported.read_bytes()
    for length in (len(data) - 1, len(data) // 2, 100):
        require_refused(io.BytesIO(data[:length]), "is no ZIP archive of a model, or is cut off")


@pytest.mark.parametrize(
    "name",
    [
        "../card.json",
        "/card.json",
        "//card.json",
        "widget/../card.json",
        "../../etc/card.json",
        "./card.json",
        "C:/card.json",
        "C:card.json",
        "..\\card.json",
        "widget\\card.json",
        "a/b/card.json",
        "a/b/",
        "widget/card.json\x00.txt",
        "wid\nget/card.json",
    ],
)
def test_a_file_that_would_lie_elsewhere_is_refused(files, name):
    """As its bytes stand there: zipfile itself would write none of these names."""
    plain = "x" * len(name)
    data = packed([(plain, b"{}"), *files.items()]).getvalue().replace(plain.encode(), name.encode())
    require_refused(io.BytesIO(data), "no place in a model's own folder")


def test_files_in_several_places_are_refused(files):
    mixed = [(f"widget/{name}" if name == CARD else name, data) for name, data in files.items()]
    require_refused(packed(mixed), "files in several places")
    require_refused(packed([("other/", b""), *files.items()]), "files in several places")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR])
def test_links_and_devices_are_refused(files, kind):
    entry = zipfile.ZipInfo("weights.safetensors")
    entry.external_attr = (kind | 0o777) << 16
    rest = {name: data for name, data in files.items() if name != entry.filename}
    require_refused(packed([(entry, b"/etc/passwd"), *rest.items()]), "is a link or no plain file")


@pytest.mark.parametrize(
    "name", ["weights.pt", "model.pkl", "a.PICKLE", "pytorch_model.bin", "last.ckpt", "x.joblib", "x.npy"]
)
def test_pickles_are_refused_by_name(files, name):
    require_refused(
        packed([*files.items(), (name, pickle.dumps([1]))]), rf"holds '{name}', which may run code"
    )


@pytest.mark.parametrize("name", ["README.md", "run.py", ".DS_Store", "card.json.exe", "Card.json"])
def test_what_belongs_to_no_model_is_refused(files, name):
    require_refused(packed([*files.items(), (name, b"")]), rf"holds '{name}', which belongs to no model")


def test_a_pickle_by_a_harmless_name_is_never_loaded(files):
    class Harm:
        def __reduce__(self):
            return (home().joinpath("harmed").write_text, ("",))

    data = pickle.dumps(Harm())
    require_refused(with_file(files, "weights.safetensors", data), "is no safetensors file")
    require_refused(with_file(files, "familiarity.safetensors", data), "is no safetensors file")


def test_a_file_twice_is_refused(files):
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = packed([*files.items(), (CARD, b"{}")])
    require_refused(twice, "holds 'card.json' twice")


@pytest.mark.parametrize("bit", [0x1, 0x40, 0x2000])
def test_encrypted_files_are_refused(files, bit):
    data = bytearray(packed(files.items()).getvalue())
    central = data.index(b"PK\1\2")
    struct.pack_into("<H", data, central + 8, struct.unpack_from("<H", data, central + 8)[0] | bit)
    require_refused(io.BytesIO(bytes(data)), "is encrypted")


@pytest.mark.parametrize("kind", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(files, kind):
    require_refused(packed(files.items(), kind), "Pack it anew, by Deflate")


def test_many_entries_are_refused_by_the_last_bytes_alone(monkeypatch):
    """Before zipfile looks at it, which would read a directory of a million."""
    many = packed((f"{number}/", b"") for number in range(1000))
    monkeypatch.setattr(entries.zipfile, "ZipFile", None)
    require_refused(many, r"has 1000 entries, and a model has at most 16")


def test_entries_that_the_last_bytes_deny_are_counted_too(files, monkeypatch):
    data = bytearray(packed([*files.items(), *((f"{number}/", b"") for number in range(14))]).getvalue())
    struct.pack_into("<2H", data, len(data) - 14, 4, 4)
    require_refused(io.BytesIO(bytes(data)), "has 18 entries, and a model has at most 16")
    many = bytearray(packed((f"{number}/", b"") for number in range(1000)).getvalue())
    struct.pack_into("<2H", many, len(many) - 14, 4, 4)
    monkeypatch.setattr(entries.zipfile, "ZipFile", None)
    require_refused(io.BytesIO(bytes(many)), "entries, and a model has at most 16")


def test_an_archive_for_many_files_is_refused_even_where_it_hides_that(files):
    """A ZIP64 record before the end overrules what the end says: zipfile looks for it always."""
    data = packed(files.items()).getvalue()
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1)
    require_refused(io.BytesIO(data[:-22] + locator + data[-22:]), "ZIP64")
    require_refused(io.BytesIO(data[:-14] + b"\xff\xff\xff\xff" + data[-10:]), "ZIP64")


def test_what_unpacks_to_a_thousand_times_its_size_is_refused_before_it_is_unpacked(files, monkeypatch):
    bomb = packed([*files.items(), ("evaluation.json", b"0" * 3 * 2**20)])
    monkeypatch.setattr(entries.zipfile.ZipFile, "open", None)
    require_refused(bomb, r"packs 3145728 bytes of 'evaluation.json' into \d{4}")


def test_what_unpacks_to_more_than_a_model_needs_is_refused_before_it_is_unpacked(files, monkeypatch):
    noise = [
        (name, random.Random(name).randbytes(2 * 2**20).hex())
        for name in ("evaluation.json", "explanations.json")
    ]
    both, one = packed([*files.items(), *noise]), packed([*files.items(), *noise[:1]])
    monkeypatch.setattr(entries.zipfile.ZipFile, "open", None)
    with monkeypatch.context() as while_small:
        while_small.setattr(entries, "LARGEST", 9 * 2**20)
        require_refused(both, "unpacks to 10 MB, and a model has at most 9")
    monkeypatch.setattr(entries, "LARGEST_JSON", 2**20)
    require_refused(one, "packs 4194304 bytes of 'evaluation.json'")


def test_a_large_archive_is_not_even_opened(exported, monkeypatch):
    monkeypatch.setattr(entries, "LARGEST", 1000)
    monkeypatch.setattr(entries.zipfile, "ZipFile", None)
    require_refused(exported, "a model has at most 0")


@pytest.mark.parametrize("said", [10, 10**6])
def test_a_file_of_another_size_than_the_directory_says_is_refused(files, said):
    """A bomb that calls itself small gives no more than it said."""
    data = bytearray(packed([("calibrations.json", b"[" * 5000)], zipfile.ZIP_DEFLATED).getvalue())
    struct.pack_into("<L", data, data.index(b"PK\1\2") + 24, said)
    require_refused(io.BytesIO(bytes(data)), r"is no whole ZIP archive|has 1000000 bytes, and it has not")


def test_damage_in_the_middle_is_refused(files):
    data = bytearray(packed(files.items(), zipfile.ZIP_STORED).getvalue())
    data[len(data) // 2] ^= 1
    require_refused(io.BytesIO(bytes(data)), r"Bad CRC-32|is no whole ZIP")


def test_a_file_whose_hash_is_another_is_refused(files):
    other = {**files, "references.safetensors": save({"mean": torch.zeros(3, 128, 128)})}
    require_refused(packed(other.items()), "'references.safetensors' in the archive does not match the hash")


@pytest.mark.parametrize("name", ["weights.safetensors", "references.safetensors", "calibrations.json", CARD])
def test_a_file_that_is_missing_is_refused(files, name):
    rest = {each: data for each, data in files.items() if each != name}
    require_refused(packed(rest.items()), "lacks|not a readable card")
    card = json.loads(files[CARD])
    if name != CARD:  # nor where the card does not miss it
        del card["sha256"][name]
        require_refused(packed({**rest, CARD: json.dumps(card).encode()}.items()), "lacks")


def test_a_file_without_a_hash_is_refused(files):
    require_refused(packed({**files, "evaluation.json": b"[]"}.items()), "no hash of 'evaluation.json'")
    card = json.loads(files[CARD])
    sha256 = card["sha256"] | {"../../../etc/passwd": "0" * 64}
    require_refused(changed(files, sha256=sha256), r"lacks '\.\./\.\./\.\./etc/passwd'")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"more": 1}, "^'card.json' does not follow its schema: 'more'"),
        ({"schema": 99}, "has the schema 99"),
        ({"network": "magic"}, "no network 'magic'"),
        ({"options": {"width": 3}}, "width"),
        ({"calibration": "other"}, "active calibration 'other'"),
        ({"network": "bcae2"}, "do not fit the network 'bcae2'"),
        ({"dataset": "../../etc"}, "no plain name"),
        ({"dataset": "/etc"}, "no plain name"),
        ({"dataset": "a\\b"}, "no plain name"),
        ({"dataset": "C:"}, "no plain name"),
        ({"dataset": ".."}, "no plain name"),
        ({"dataset": ""}, "no plain name"),
        ({"dataset": "a\nb"}, "no plain name"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(files, fields, told):
    require_refused(changed(files, **fields), told)


def test_pictures_larger_than_the_archive_accounts_for_are_refused(files):
    preprocessing = json.loads(files[CARD])["preprocessing"]
    require_refused(changed(files, preprocessing=preprocessing | {"size": 2048}), "8 to 1024 px")
    require_refused(changed(files, preprocessing=preprocessing | {"size": 1024}), "has the shape|do not fit")


def test_references_of_another_shape_are_refused(files):
    for name, tensor in (("mean", torch.zeros(3, 64, 64)), ("normals", torch.zeros(2, 1, 128, 128))):
        file = with_file(files, "references.safetensors", save({name: tensor}))
        require_refused(file, f"The '{name}' of 'widget-bcae1' has the shape")


def test_weights_that_are_no_numbers_are_refused(stored_model, files):
    weights = {
        name: tensor.clone()
        for name, tensor in archive.parse_tensors(files["weights.safetensors"], "").items()
    }
    weights["encoder.0.0.weight"][0] = float("nan")
    require_refused(with_file(files, "weights.safetensors", save(weights)), "are not all numbers")


def test_an_evaluation_whose_columns_do_not_fit_is_refused(files):
    record = {
        "label": [0, 1],
        "kind": ["a"],
        "sha256": ["0", "1"],
        "scores": [{"score": "ssim", "values": [1.0]}],
    }
    require_refused(with_file(files, "evaluation.json", json.dumps(record).encode()), "do not fit together")
    require_refused(with_file(files, "evaluation.json", b"[" * 10**5), "schema|fit together")


def test_an_archive_with_a_comment_is_refused(exported):
    with zipfile.ZipFile(exported, "a") as opened:
        opened.comment = b"PK\5\6 is the end"
    require_refused(exported, "is no ZIP archive of a model")


def test_whatever_bytes_are_changed_the_archive_is_refused_in_a_line_or_the_model_is_whole(exported, files):
    rng, data = random.Random(0), exported.read_bytes()
    directory = data.index(b"PK\1\2")
    told = []
    for _ in range(300):
        broken = bytearray(data)
        for _ in range(rng.randint(1, 3)):
            broken[rng.randrange(directory, len(data))] = rng.randrange(256)
        told.append(refusal(io.BytesIO(bytes(broken)), files))
    assert 100 < sum(line is not None for line in told) < 300
    assert not any("\n" in line for line in told if line)


def refusal(file, files):
    """Why an archive is refused; None where it is taken, whole."""
    try:
        imported = import_zip(file)
    except XaiAdError as error:
        return str(error)
    assert contents(imported.path) == files
    delete_model(imported)
    return None
