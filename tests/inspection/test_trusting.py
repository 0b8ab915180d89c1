"""How far an explanation can be trusted, asked as a page asks: after the explanation, once, and kept with it."""

import pytest

from xai_ad.errors import ImageError
from xai_ad.explain import Occlusion, Residual
from xai_ad.explain.trust import measure_trust, reference_of
from xai_ad.inspection import trusting
from xai_ad.inspection.cases import explain, open_case, perform
from xai_ad.inspection.engines.base import JobState
from xai_ad.inspection.engines.mock import MockEngine
from xai_ad.inspection.image_files import list_samples, make_image_file
from xai_ad.inspection.models import open_model
from xai_ad.inspection.trusting import ask_trust, known_trust, trust_of
from xai_ad.store import find_model


@pytest.fixture
def case():
    path = list_samples("washer")["dent/003"]
    return open_case(open_model(find_model("washer-bcae1")), make_image_file("part.jpg", path.read_bytes()))


EXPLAINER = Occlusion(window=32, stride=32)


def test_it_is_what_measuring_by_hand_gives_and_measured_once(case, monkeypatch):
    timed = explain(case, EXPLAINER)
    found = trust_of(case, EXPLAINER)
    classifier = case.model.classifier
    again = measure_trust(
        EXPLAINER, timed.explanation, classifier, case.image, reference_of(classifier, case.image)
    )
    assert found.fall == pytest.approx(again.fall)
    assert found.stability == pytest.approx(again.stability)
    monkeypatch.setattr(trusting, "measure_trust", None)
    assert trust_of(case, EXPLAINER) is found is known_trust(case, EXPLAINER)


def test_it_is_asked_for_once_the_explanation_is_at_hand(case):
    engine = MockEngine(perform)
    explainer = Occlusion(window=64, stride=64)
    assert ask_trust(case, explainer, engine=engine, owner="a").state is JobState.IDLE
    explain(case, explainer)
    assert ask_trust(case, explainer, engine=engine, owner="a").state is JobState.WAITING
    engine.run_next()
    done = ask_trust(case, explainer, engine=engine, owner="a")
    assert (done.state, done.result) == (JobState.DONE, known_trust(case, explainer))


def test_what_was_never_explained_cannot_be_trusted(case):
    with pytest.raises(ImageError, match="no longer at hand"):
        trust_of(case, Occlusion(window=16, stride=16))


def test_a_residual_is_trusted_too(case):
    explain(case, Residual())
    assert trust_of(case, Residual()).faithfulness == pytest.approx(1.0, abs=0.2)
