"""Page Inspect takes HEIC, DICOM and deep pictures; what it does not take is named."""

import numpy as np
import pytest

from tests.app.conftest import checked, component
from tests.app.test_inspect import OWN, errors
from tests.data.decoding.heif import heic
from tests.data.decoding.writing import PATIENT, dicom, png16, tiff

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")  # as the package has it

GREY = np.random.default_rng(0).integers(0, 256, (32, 32)).astype(np.uint8)


@pytest.fixture
def own(store, monkeypatch):
    """An untrained model of the generated washers, which explains nothing by jobs."""
    monkeypatch.setattr("xai_ad.inspection.methods.known_for", lambda *_: None)
    monkeypatch.setattr("xai_ad.ui.inspect.workbench.explainers", dict)
    monkeypatch.setattr("xai_ad.ui.inspect.workbench.show_explanations", lambda _: None)
    return store("own-bcae1", dataset="washer")


def upload(app, *files):
    given = [(name, content, "application/octet-stream") for name, content in files]
    return checked(
        app.file_uploader(
            "uploader"
            if "uploader_round" not in app.session_state
            else f"uploader_{app.session_state['uploader_round']}"
        )
        .set_value(given)
        .run()
    )


def told(app):
    return [error.replace("\\", "") for error in errors(app)]


def test_a_heic_and_a_dicom_picture_are_judged(open_app, own):
    app = upload(open_app(**OWN), ("IMG_1.HEIC", heic(GREY)))
    assert component(app, "verdict")["file"]["name"] == "IMG_1.HEIC"
    upload(app, ("scan.dcm", dicom(np.stack([GREY] * 3), frames=3)))
    file = component(app, "verdict")["file"]
    assert file["name"] == "scan.dcm"
    assert "It has 3 frames; the first is judged." in file["detail"]
    assert PATIENT.partition("^")[0] not in str(component(app, "verdict"))
    assert told(app) == []


def test_a_deep_picture_asks_how_many_levels_it_has(open_app, own):
    deep = np.round(GREY / 255 * 4095).astype(np.uint16)
    app = upload(open_app(**OWN), ("deep.png", png16(deep)))
    assert told(app)[0].startswith("deep.png has more than 8 bits a pixel, its largest value is 4095")
    assert "Choose below" in told(app)[0]
    box = app.selectbox("levels_choice")
    assert box.label.replace("\\", "") == "Grey levels of deep.png"
    assert box.options == ["4096: white is 4095", "16384: white is 16383", "65536: white is 65535"]
    checked(box.set_value(4095).run())
    assert told(app) == []
    card = component(app, "verdict")
    assert card["file"]["name"] == "deep.png"
    assert "White is 4095." in card["file"]["detail"]
    assert "levels_choice" not in [box.key for box in app.selectbox]
    plain = upload(app, ("plain.tif", tiff(GREY)))
    assert component(plain, "verdict")["score"] == pytest.approx(card["score"])


def test_what_a_model_remembers_needs_no_question(open_app, own, stored_model, store):
    from dataclasses import replace

    look = replace(stored_model.card.preprocessing, levels=4095)
    store("own-bcae1", dataset="washer", preprocessing=look)
    app = upload(open_app(**OWN), ("deep.png", png16(GREY.astype(np.uint16) * 16)))
    assert told(app) == []
    assert component(app, "verdict")["file"]["name"] == "deep.png"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.png", b""),
        ("notes.png", b"no picture"),
        ("tiny.png", png16(GREY[:4, :4].astype(np.uint16))),
        ("cut.dcm", dicom(GREY)[:-200]),
        ("cut.heic", heic(GREY)[:200]),
        ("negative.tif", tiff(GREY.astype(np.int16) - 9)),
        ("nan.tif", tiff(np.full((9, 9), np.nan, np.float32))),
        ("../../sneaky.png", b"no"),
    ],
)
def test_every_refusal_names_the_file(open_app, own, name, content):
    app = upload(open_app(**OWN), (name, content))
    assert told(app)[0].startswith(f"{name.rpartition('/')[2]} ")
    assert "/tmp" not in told(app)[0]  # noqa: S108
    assert PATIENT.partition("^")[0] not in told(app)[0]
