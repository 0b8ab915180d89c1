"""A session's uploads are listed for each dataset, once each, and stay within bounds."""

from xai_ad.ui.uploads import Uploads, token_of, uploaded


def files(count, size=10):
    return [uploaded(f"{place}.png", bytes([place]) * size) for place in range(count)]


def names(uploads, dataset="washer"):
    return [file.name for file in uploads.of(dataset).values()]


def test_uploads_keep_their_order_and_their_dataset():
    uploads, (first, second, third) = Uploads(), files(3)
    for file in (first, second):
        uploads.add("washer", file)
    uploads.add("bottle", third)
    assert (names(uploads), names(uploads, "bottle")) == (["0.png", "1.png"], ["2.png"])


def test_the_same_bytes_under_the_same_name_are_listed_once():
    uploads, (file,) = Uploads(), files(1)
    assert uploads.add("washer", file) == uploads.add("washer", file) == token_of(file)
    assert names(uploads) == ["0.png"]
    uploads.remove("washer", token_of(file))
    assert names(uploads) == []


def test_the_oldest_go_when_there_are_too_many():
    uploads = Uploads(most=2)
    for file in files(4):
        uploads.add("washer", file)
    assert uploads.trim() == ["0.png", "1.png"]
    assert names(uploads) == ["2.png", "3.png"]


def test_the_oldest_go_when_they_are_too_large_but_not_what_was_just_brought():
    uploads = Uploads(largest_total=25)
    tokens = [uploads.add("washer", file) for file in files(3)]
    assert uploads.trim(keep=tokens) == []
    assert uploads.trim(keep=tokens[2:]) == ["0.png"]
    assert names(uploads) == ["1.png", "2.png"]


def test_one_on_two_lists_is_kept_until_it_is_on_none():
    uploads, (file,) = Uploads(most=1), files(1)
    token = uploads.add("washer", file)
    uploads.add("bottle", file)
    uploads.remove("washer", token)
    assert (names(uploads), names(uploads, "bottle")) == ([], ["0.png"])
    uploads.remove("bottle", token)
    assert uploads.trim() == [] == names(uploads, "bottle")
