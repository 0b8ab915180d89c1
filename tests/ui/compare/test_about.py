"""What is known of a model stands one click away, in the words of its subject."""

import pytest

from tests.ui.compare.conftest import run
from xai_ad.store import find_model


def panel(models):
    from xai_ad.ui.compare.about import offer_about

    offer_about(models)


def written(*models):
    app = run(panel, [find_model(model) for model in models])
    return " ".join(element.value for element in [*app.markdown, *app.caption]).replace("\\", "")


def test_of_lesions_naevi_alone_are_typical_and_nothing_is_a_diagnosis():
    text = written("ham10000-bcae1")
    assert (
        'It learned from 4,500 pictures of naevi in the set "HAM10000 skin lesions"; 500 more told when to stop.'
        in text
    )
    assert "Naevi alone count as typical" in text
    assert "A reconstruction error, not a diagnosis." in text
    assert "| melanomas | 0.819 |" in text
    assert "At this limit it misses" in text
    assert "Licence: CC BY-NC 4.0" in text
    assert not any(
        word in text.lower() for word in ("diagnosed", "malignant", "benign lesion", "defect", "pass", "fail")
    )


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("washer-bcae1", "Only good parts count as normal"),
        ("ped2-bcae1", "Only what the normal scenes showed counts as normal"),
    ],
)
def test_parts_and_scenes_have_words_of_their_own(model, words):
    assert words in written(model)


def test_several_models_are_told_of_one_after_the_other():
    text = written("washer-bcae1", "washer-ks_cae")
    assert text.index("Baseline autoencoder") < text.index("Kernel")
    assert text.count("Licence: MIT") == 2


def test_without_an_evaluation_its_errors_are_not_known(stored_model):
    app = run(panel, [stored_model])
    text = " ".join(element.value for element in [*app.markdown, *app.caption]).replace("\\", "")
    assert "No evaluation is stored under this limit" in text
    assert "| AUC-ROC |" not in text
