"""A model's sheet warns of what its card says it must not be used for."""

from dataclasses import replace

import pytest

from xai_ad.data.specs import Subject
from xai_ad.presentation.about import about
from xai_ad.presentation.sheets import sheet
from xai_ad.presentation.words import TIMES
from xai_ad.store import find_model, load_calibration


def sheet_of(stored, **changes):
    card, record = replace(stored.card, **changes), load_calibration(stored)
    known = about(card, record.calibration.threshold, ())
    return sheet(card, record, known, folder="/models/x", size=3 * 2**20)


def test_little_training_and_a_licence_are_warned_of(stored_model):
    told = sheet_of(stored_model, licence="CC BY-NC 4.0, non-commercial").not_for
    assert any("more than 1 good parts taught it" in text for text in told)
    assert any(text.startswith("Commercial use") for text in told)
    assert not any(text.startswith("Commercial use") for text in sheet_of(stored_model).not_for)


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        (Subject.PART, "The only check where a missed defect can hurt someone."),
        (Subject.LESION, "Diagnosis, triage or advice to patients"),
        (Subject.SCENE, "Identifying people"),
    ],
)
def test_each_subject_has_its_own_warnings(stored_model, subject, words):
    assert any(text.startswith(words) for text in sheet_of(stored_model, subject=subject).not_for)


def test_a_model_of_drawn_pictures_is_not_for_real_ones():
    stored = find_model("washer-bcae1")
    assert sheet_of(stored).not_for[0].startswith("Real parts: it learned from drawn pictures")


def test_what_was_never_evaluated_is_not_said_to_be_good(stored_model):
    rows = {row.label: row.text for row in sheet_of(stored_model).rows}
    assert rows["How good"].startswith("No evaluation is stored under this limit")


def test_an_ending_and_a_selection_are_said_in_words(stored_model):
    training = replace(
        stored_model.card.training,
        ended_by="early stopping",
        seconds=286.0,
        epochs=40,
        images_seen=1200,
        recipe={"selection": "validation_loss"},
    )
    how = {row.label: row.text for row in sheet_of(stored_model, training=training).rows}["How"]
    assert "40 epochs, 1,200 images seen, 5 minutes. It ended once it no longer improved." in how
    assert how.endswith("Kept are the weights that rebuilt unseen normal images best.")


def test_every_ending_of_a_training_has_words():
    from xai_ad.presentation import sheets
    from xai_ad.training.task import Ending

    assert set(vars(sheets)["_ENDED"]) >= set(Ending)


def test_details_have_folder_and_size(stored_model):
    details = {row.label: row.text for row in sheet_of(stored_model).details}
    assert details["Folder"] == "/models/x, 3.0 MB"
    assert details["Sees"] == f"128 {TIMES} 128 pixels, colour"
