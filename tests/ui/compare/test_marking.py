"""A person's mask: brought or painted, kept for its picture, and what every explanation is compared with."""

import io
from unittest.mock import Mock

import numpy as np
import pytest
from PIL import Image
from streamlit.runtime.scriptrunner import StopException

from tests.app.conftest import component
from tests.ui.compare.conftest import METHODS, cell, run, spot
from xai_ad.data.specs import Subject
from xai_ad.inspection.image_files import list_samples, make_image_file, size_of
from xai_ad.metrics.agreement import placed
from xai_ad.ui.compare import marking

BOX = [[100.0, 100.0], [200.0, 100.0], [200.0, 200.0], [100.0, 200.0]]


def panel(case, cell_, subject, outlines):
    import streamlit as st

    from xai_ad.inspection.image_files import size_of
    from xai_ad.inspection.marking import Marking
    from xai_ad.ui.compare.marking import _keep, marked_on, offer_mask, placed_at, truth_of

    if outlines is not None and "painted" not in st.session_state:
        st.session_state["painted"] = True
        _keep(case.image_file, Marking.by_hand(outlines, size_of(case.image_file)))
    offer_mask(case.image_file, subject)
    mask = marked_on(case)
    st.text(0 if mask is None else int(mask.sum()))
    st.text(placed_at(case, cell_))
    st.text(truth_of(case))


def shown(case, values=None, subject=Subject.PART, outlines=None):
    given = spot("lower right") if values is None else values
    return run(panel, case, cell(METHODS[0], given), subject, outlines)


def told(app):
    return [text.value for text in app.text]


def mask_file(case, *, size=None):
    height, width = size or size_of(case.image_file)
    marked = np.zeros((height, width), np.uint8)
    marked[height // 2 :, width // 2 :] = 255
    buffer = io.BytesIO()
    Image.fromarray(marked).save(buffer, "PNG")
    return buffer.getvalue()


def test_without_a_mask_nothing_is_compared(case):
    assert told(shown(case)) == ["0", "None", "None"]


def test_what_is_painted_is_compared_outlined_and_shown_to_the_marker(case):
    height, width = size_of(case.image_file)
    outline = [[width / 2, height / 2], [width, height / 2], [width, height], [width / 2, height]]
    app = shown(case, outlines=[outline])
    quarter = np.zeros((128, 128), bool)
    quarter[64:, 64:] = True
    marked, figures, truth = told(app)
    assert marked == str(64 * 64)
    assert figures == str(placed(spot("lower right"), quarter))
    assert "'label': 'Marked defect', 'shown': True" in truth
    data = component(app, "marker")
    assert (data["width"], data["height"], data["outlines"]) == (width, height, [outline])


def test_a_mask_that_is_uploaded_counts_until_it_is_forgotten(case):
    app = shown(case)
    app.file_uploader[0].set_value(("mask.png", mask_file(case), "image/png")).run()
    assert not app.error
    assert told(app)[0] == str(64 * 64)
    assert any("mask\\.png is used" in text.value for text in app.markdown)
    app.button(key="forget_mask").click().run()
    assert told(app)[0] == "0"


def test_a_mask_whose_callback_a_quicker_run_cuts_short_counts_all_the_same(case, monkeypatch):
    app, read = shown(case), marking.read_marking
    monkeypatch.setattr(marking, "read_marking", Mock(side_effect=StopException))
    app.file_uploader[0].set_value(("mask.png", mask_file(case), "image/png")).run()
    monkeypatch.setattr(marking, "read_marking", read)
    app.run()
    assert told(app)[0] == str(64 * 64)


def test_a_mask_of_another_shape_is_one_line_with_both_sizes_and_changes_nothing(case):
    app = shown(case)
    app.file_uploader[0].set_value(("mask.png", mask_file(case, size=(50, 90)), "image/png")).run()
    height, width = size_of(case.image_file)
    (error,) = app.error
    line = error.value.replace("\\", "")
    assert line.startswith(
        f"mask.png has 90x50 pixels and does not fit part.png, which has {width}x{height}."
    )
    assert told(app)[0] == "0"


def test_painting_takes_the_place_of_a_file(case):
    app = shown(case, outlines=[BOX])
    app.file_uploader[0].set_value(("mask.png", mask_file(case), "image/png")).run()
    assert component(app, "marker")["outlines"] == []
    assert told(app)[0] == str(64 * 64)


def test_a_samples_own_mask_is_named_and_nothing_is_asked(case):
    content = list_samples("washer")["scratch/000"].read_bytes()
    sample = make_image_file("washer/scratch/000", content)

    def named(image_file, subject):
        from xai_ad.ui.compare.marking import offer_mask

        offer_mask(image_file, subject)

    app = run(named, sample, Subject.PART)
    assert [caption.value for caption in app.caption] == [
        "The maps are compared with the sample's own mask of the defect."
    ]
    assert component(app, "marker") is None


@pytest.mark.parametrize(
    ("subject", "word"), [(Subject.LESION, "atypical part"), (Subject.SCENE, "abnormal object")]
)
def test_the_words_are_the_subjects(case, subject, word):
    app = shown(case, subject=subject)
    assert component(app, "marker")["place"] == word
    assert any(f"Where is the {word}?" in text.value for text in app.markdown)


def test_an_explanation_that_is_not_there_yet_has_no_figures(case):
    app = run(panel, case, cell(METHODS[0], None), Subject.PART, [BOX])
    assert told(app)[1] == "None"
