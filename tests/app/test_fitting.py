"""A photo of another shape than the model's: what is judged of it is said, chosen, and kept for it."""

from urllib.parse import parse_qsl

import pytest

from tests.app.conftest import checked, component, picture
from xai_ad.data.fitting import Proportions
from xai_ad.inspection import explainers
from xai_ad.ui.state import FIT

OWN = {"model": "bottle-own"}
MIDDLE = {"top": 0, "left": 5, "height": 30, "width": 30}


@pytest.fixture
def own(store, monkeypatch):
    """An untrained model of square pictures, none of which are shipped; nothing slow is computed."""
    kept = {
        method: explainer for method, explainer in explainers.explainers().items() if method == "residual"
    }
    monkeypatch.setattr("xai_ad.ui.inspect.workbench.explainers", lambda: kept)
    return store("bottle-own", dataset="bottle", photograph=Proportions(width=1, height=1))


def upload(app, content, name="part.png"):
    return checked(app.file_uploader[0].set_value([(name, content, "image/png")]).run())


def asked(app):
    """Return what the page keeps in the address."""
    return dict(parse_qsl(component(app, "address")["query"])).get(FIT)


def rectangle(app):
    return component(app, "cropper")["rectangle"]


def test_a_wide_photo_is_judged_by_its_middle_and_the_choice_is_kept_for_it(open_app, own):
    app = upload(open_app(**OWN), picture(1))
    told = [markdown.value for markdown in app.markdown if "This photo is" in markdown.value]
    assert told == ["This photo is **4:3**; the model's pictures are **square**."]
    assert rectangle(app) == MIDDLE
    assert asked(app) == "crop"
    middle = component(app, "verdict")["score"]

    (choice,) = app.segmented_control
    checked(choice.set_value("pad").run())
    assert rectangle(app) == {"top": -5, "left": 0, "height": 40, "width": 40}
    assert asked(app) == "pad"
    assert component(app, "verdict")["score"] != middle
    checked(app.segmented_control[0].set_value("draw").run())
    assert (rectangle(app), component(app, "cropper")["drawing"]) == (MIDDLE, True)
    assert asked(app) == "0,5,30,30"
    assert component(app, "verdict")["score"] == middle

    upload(app, picture(3))
    assert (asked(app), component(app, "cropper")["drawing"]) == ("crop", False)
    upload(app, picture(2, size=(30, 30)))
    assert component(app, "cropper") is None
    assert asked(app) is None
    upload(app, picture(1))
    assert (rectangle(app), component(app, "cropper")["drawing"]) == (MIDDLE, True)
    assert asked(app) == "0,5,30,30"


@pytest.mark.parametrize(
    ("text", "seen", "told"),
    [
        ("stretch", {"top": 0, "left": 0, "height": 30, "width": 40}, None),
        ("2,-3,20,20", {"top": 2, "left": -3, "height": 20, "width": 20}, None),
        ("round", MIDDLE, "Got 'round'"),
        ("0,40,20,20", MIDDLE, "lies beside the photo"),
        ("0,0,2,2", MIDDLE, "at least 8x8 pixels"),
    ],
)
def test_the_address_says_what_is_judged_and_is_told_what_it_cannot_mean(open_app, own, text, seen, told):
    app = upload(open_app(**OWN, fit=text), picture(1))
    assert rectangle(app) == seen
    assert [error.value for error in app.error if told and told in error.value] == (
        [] if told is None else [app.error[0].value]
    )
    assert asked(app) == (text if told is None else "crop")


def test_a_model_that_does_not_know_its_pictures_shape_says_so(open_app, own, store):
    store("bottle-old", dataset="bottle")
    app = upload(open_app(model="bottle-old"), picture(1))
    assert [m.value for m in app.markdown if "does not know what shape its pictures had" in m.value]
    assert rectangle(app) == {"top": 0, "left": 0, "height": 30, "width": 40}
    assert app.segmented_control[0].options == ["Stretch", "Draw a crop"]
