"""ZIPs from outside: what leads elsewhere, or is not what it says, is refused before a byte of it is written."""

import io
import stat
import struct
import warnings
import zipfile

import pytest

from xai_ad.data import archives
from xai_ad.data.archives import unpack
from xai_ad.errors import DatasetError

WANTED = frozenset({".png", ".csv"})


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "target"
    folder.mkdir()
    return folder


@pytest.fixture
def packed(tmp_path):
    """Pack entries, (name or ZipInfo, bytes) each, and return the archive's path."""

    def pack(*entries, compression=zipfile.ZIP_DEFLATED):
        path = tmp_path / "parts.zip"
        with warnings.catch_warnings(), zipfile.ZipFile(path, "w", compression) as archive:
            warnings.simplefilter("ignore")  # of names that are there twice
            for name, content in entries:
                archive.writestr(name, content)
        return path

    return pack


def refused(archive, target, **given):
    with pytest.raises(DatasetError) as caught:
        unpack(archive, target, name="parts.zip", suffixes=WANTED, **given)
    assert list(target.rglob("*")) == []
    message = str(caught.value)
    assert "parts.zip" in message
    assert "\n" not in message
    return message


def test_files_of_the_wanted_kinds_are_unpacked_where_they_were(packed, target):
    done = []
    archive = packed(("a/b/one.PNG", b"1" * 3000), ("two.csv", b"2"), ("a/notes.docx", b"3"), ("a/", b""))
    found = unpack(archive, target, name="parts.zip", suffixes=WANTED, on_progress=done.append)
    assert (found.files, found.others) == (2, 1)
    assert (target / "a/b/one.PNG").read_bytes() == b"1" * 3000
    assert (target / "two.csv").read_bytes() == b"2"
    assert done == sorted(done)
    assert done[-1] == 1.0


@pytest.mark.parametrize("hidden", ["__MACOSX/._one.png", ".git/one.png", "a/.hidden.png"])
def test_what_systems_hide_is_passed_over(packed, target, hidden):
    found = unpack(packed(("one.png", b"1"), (hidden, b"2")), target, name="z", suffixes=WANTED)
    assert (found.files, found.others) == (1, 1)


@pytest.mark.parametrize(
    "name",
    [
        "../one.png",
        "a/../../one.png",
        "/etc/one.png",
        "C:\\one.png",
        "c:one.png",
        "..\\one.png",
        "\\\\host\\one.png",
    ],
)
def test_a_name_that_leads_out_of_the_archive_is_refused(packed, target, name):
    assert "leads out" in refused(packed(("fine.png", b"1"), (name, b"2")), target)


def test_a_link_is_refused(packed, target):
    link = zipfile.ZipInfo("link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert "link" in refused(packed((link, b"/etc/passwd")), target)


def test_an_encrypted_archive_is_refused(packed, target):
    path = packed(("one.png", b"1"))
    content = bytearray(path.read_bytes())
    at = content.find(b"PK\x01\x02")
    content[at + 8] |= 1  # the flag in the directory
    path.write_bytes(content)
    assert "is encrypted ('one.png')" in refused(path, target)


def test_a_ratio_that_no_picture_has_is_refused_before_unpacking(packed, target):
    archive = packed(("one.png", bytes(40 * 2**20)))  # zeros pack to a thousandth
    assert "times its size" in refused(archive, target)


def test_more_entries_than_anybody_has_are_refused_by_the_last_bytes_alone(packed, target, monkeypatch):
    monkeypatch.setattr(zipfile, "ZipFile", None)  # the directory itself must not be read
    path = target.parent / "parts.zip"
    path.write_bytes(archives._END + struct.pack("<4H2LH", 0, 0, 0xFFFE, 0xFFFE, 46, 0, 0))
    monkeypatch.setattr(archives, "MOST_ENTRIES", 60_000)
    assert "65,534 entries" in refused(path, target)


def test_a_million_entries_of_a_long_archive_are_refused_by_the_last_bytes_alone(target, monkeypatch):
    monkeypatch.setattr(zipfile, "ZipFile", None)
    path = target.parent / "parts.zip"
    long = b"PK\x06\x06" + struct.pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, 10**6, 10**6, 46 * 10**6, 0)
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, 0, 1)
    end = archives._END + struct.pack("<4H2LH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(long + locator + end)
    assert "1,000,000 entries" in refused(path, target)


@pytest.mark.parametrize("comment", [0, 65_535])
@pytest.mark.parametrize(("entries", "directory"), [(10**6, 46), (1, 46 * 10**6)])
def test_a_short_record_with_small_numbers_hides_no_long_one(
    target, monkeypatch, entries, directory, comment
):
    monkeypatch.setattr(zipfile, "ZipFile", None)
    path = target.parent / "parts.zip"
    long = b"PK\x06\x06" + struct.pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, 1, entries, directory, 0)
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, 0, 1)
    end = archives._END + struct.pack("<4H2LH", 0, 0, 1, 1, 46, 0, comment)
    path.write_bytes(bytes(99) + long + locator + end + b"c" * comment)
    assert "1,000,000 entries" in refused(path, target)


def test_a_long_record_elsewhere_is_refused(target, monkeypatch):
    monkeypatch.setattr(zipfile, "ZipFile", None)
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, 0, 1)
    end = archives._END + struct.pack("<4H2LH", 0, 0, 1, 1, 46, 0, 0)
    path = target.parent / "parts.zip"
    path.write_bytes(bytes(99) + locator + end)
    assert "not where it has to be" in refused(path, target)


def test_what_the_disk_has_no_room_for_is_refused(packed, target):
    message = refused(packed(("one.png", b"1" * 1000)), target, free=lambda _: archives.KEPT_FREE)
    assert "Free some space" in message


@pytest.mark.parametrize("damage", ["no archive", "cut off", "flipped"])
def test_what_is_damaged_is_said_to_be(packed, target, damage):
    path = packed(("one.png", bytes(range(256)) * 40), compression=zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    if damage == "flipped":
        content[200] ^= 0xFF
    path.write_bytes({"no archive": b"GIF89a" * 9, "cut off": content[:-30], "flipped": content}[damage])
    with pytest.raises(DatasetError, match=r"parts.zip"):
        unpack(path, target, name="parts.zip", suffixes=WANTED)


def test_one_name_twice_is_refused(packed, target):
    with pytest.raises(DatasetError, match="twice"):
        unpack(packed(("one.png", b"1"), ("one.png", b"2")), target, name="parts.zip", suffixes=WANTED)


def test_an_archive_without_pictures_is_refused(packed, target):
    assert "no pictures" in refused(packed(("readme.txt", b"1")), target)


def test_an_entry_that_is_longer_than_it_says_writes_no_more(packed, target):
    path = packed(("one.png", b"1" * 5000), compression=zipfile.ZIP_STORED)
    content = path.read_bytes()
    directory = content.find(b"PK\x01\x02")
    path.write_bytes(content[: directory + 24] + struct.pack("<L", 10) + content[directory + 28 :])
    with pytest.raises(DatasetError):
        unpack(path, target, name="parts.zip", suffixes=WANTED)
    assert sum(file.stat().st_size for file in target.rglob("*.png")) <= 10


def test_a_comment_behind_the_end_is_no_obstacle(packed, target):
    path = packed(("one.png", b"1"))
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"photographs of the morning shift"
    assert unpack(path, target, name="z", suffixes=WANTED).files == 1


def test_bytes_in_front_of_an_archive_are_no_obstacle(packed, target):
    path = packed(("one.png", b"1"))
    path.write_bytes(io.BytesIO(b"#!/bin/sh\n" * 3 + path.read_bytes()).getvalue())
    assert unpack(path, target, name="z", suffixes=WANTED).files == 1


def test_one_damaged_picture_spoils_no_others(packed, target):
    pictures = [(f"{index}.png", bytes([index]) * 500) for index in range(3)]
    path = packed(*pictures, compression=zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[content.index(bytes([1]) * 500) + 9] ^= 0xFF
    path.write_bytes(content)
    found = unpack(path, target, name="parts.zip", suffixes=WANTED)
    assert (found.files, found.damaged) == (3, ("1.png",))
    sizes = {file.name: file.stat().st_size for file in target.iterdir()}
    assert sizes == {"0.png": 500, "1.png": 0, "2.png": 500}


def test_an_archive_that_tells_of_fewer_entries_than_it_has_is_refused(target, monkeypatch):
    monkeypatch.setattr(zipfile, "ZipFile", None)
    path = target.parent / "parts.zip"
    path.write_bytes(archives._END + struct.pack("<4H2LH", 0, 0, 10, 10, 46 * 10**6, 0, 0))
    assert "1,000,000 entries" in refused(path, target)
