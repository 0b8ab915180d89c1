"""Pictures are served under names that nobody can guess, and only for as long as they fit."""

import pytest

from tests.ui.serving import fetch
from xai_ad.ui import layers
from xai_ad.ui.layers import Layer, Layers


def name_of(url):
    return url.rpartition("/")[2]


def test_a_picture_comes_back_with_its_kind():
    store = Layers()
    layer = store.get(name_of(store.put(Layer(content=b"picture", media_type="image/webp"))))
    assert (layer.content, layer.media_type) == (b"picture", "image/webp")


def test_the_same_picture_keeps_its_address_and_another_gets_another():
    store = Layers()
    assert store.put(Layer(content=b"one")) == store.put(Layer(content=b"one"))
    assert (
        len(
            {
                store.put(Layer(content=b"one")),
                store.put(Layer(content=b"two")),
                store.put(Layer(content=b"one", media_type="image/webp")),
            }
        )
        == 3
    )


def test_an_address_cannot_be_worked_out_from_the_picture_in_another_process():
    assert Layers().put(Layer(content=b"one")) != Layers().put(Layer(content=b"one"))
    assert Layers(secret=b"s").put(Layer(content=b"one")) == Layers(secret=b"s").put(Layer(content=b"one"))


def test_the_least_recently_used_pictures_make_room():
    store = Layers(capacity=10)
    first, second = store.put(Layer(content=b"aaaa")), store.put(Layer(content=b"bbbb"))
    assert store.get(name_of(first)) is not None
    third = store.put(Layer(content=b"cccc"))
    kept = [store.get(name_of(url)) is not None for url in (first, second, third)]
    assert kept == [True, False, True]


def test_a_picture_larger_than_the_store_is_still_served_once():
    store = Layers(capacity=2)
    assert store.get(name_of(store.put(Layer(content=b"large")))) is not None


def test_the_route_serves_a_picture_that_the_browser_may_keep(monkeypatch):
    monkeypatch.setattr(layers, "LAYERS", Layers())
    status, headers, body = fetch(layers.ROUTE, layers.LAYERS.put(Layer(content=b"picture")))
    assert (status, body, headers["content-type"]) == (200, b"picture", "image/png")
    assert headers["cache-control"] == "private, max-age=86400, immutable"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["unknown", "%2e%2e", "0" * 64])
def test_an_unknown_or_expired_picture_is_404_and_not_kept(monkeypatch, name):
    monkeypatch.setattr(layers, "LAYERS", Layers())
    status, headers, _ = fetch(layers.ROUTE, f"{layers.PREFIX}/{name}")
    assert (status, headers["cache-control"]) == (404, "no-store")


def test_a_picture_is_encoded_once_and_again_only_where_it_is_gone():
    store = Layers(capacity=10)
    encoded = []

    def encode():
        encoded.append(1)
        return Layer(content=b"picture")

    addresses = {store.put_once("key", encode) for _ in range(3)}
    assert (len(addresses), len(encoded)) == (1, 1)
    store.put(Layer(content=b"another"))
    assert store.put_once("key", encode) in addresses
    assert len(encoded) == 2
    assert store.put_once("other", lambda: Layer(content=b"other")) not in addresses
