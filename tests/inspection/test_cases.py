"""A case is judged once, and belongs to the model and the photograph it was asked for."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from skimage.metrics import structural_similarity

from xai_ad.data.decoding import opening
from xai_ad.data.fitting import Cut, Fit
from xai_ad.data.reading import read_image, seen_part
from xai_ad.explain import KernelShap, Lrp, Occlusion, Residual
from xai_ad.explain.base import Explainer
from xai_ad.explain.consensus import Consensus, agreed
from xai_ad.inspection.cases import ask, explain, known, open_case, perform
from xai_ad.inspection.engines.base import JobState, Lane
from xai_ad.inspection.engines.mock import MockEngine
from xai_ad.inspection.engines.queued import Terms
from xai_ad.inspection.explainers import explainers
from xai_ad.inspection.files import picture_png
from xai_ad.inspection.image_files import make_image_file, shown_image
from xai_ad.inspection.models import open_model, with_normal
from xai_ad.inspection.pictures import View, pictures_of
from xai_ad.inspection.results import BoundedCache
from xai_ad.machine.execution import Precision
from xai_ad.networks import IMAGE_NETWORKS, build_network
from xai_ad.presentation.render import encode_png, to_image
from xai_ad.store import load_calibration, save_model


def photograph(seed, name="part"):
    image = torch.rand(3, 128, 128, generator=torch.Generator().manual_seed(seed))
    return make_image_file(name, encode_png(to_image(image)))


@pytest.fixture
def model(stored_model):
    return open_model(stored_model)


def test_the_same_bytes_under_another_name_are_another_case_with_the_same_verdict(model):
    one, two = open_case(model, photograph(0, "one")), open_case(model, photograph(0, "two"))
    assert (one.image_file.name, two.image_file.name) == ("one", "two")
    assert one.prediction is two.prediction


def test_the_same_weights_under_another_card_keep_their_own_words(stored_model, model):
    retold = open_model(replace(stored_model, card=replace(stored_model.card, licence="none")))
    assert retold.fingerprint == model.fingerprint
    assert retold.classifier is model.classifier
    open_case(model, photograph(1))
    assert open_case(retold, photograph(1)).model.card is retold.card
    assert open_case(model, photograph(1)).model.card is model.card


def test_a_model_is_loaded_once(stored_model, model):
    assert open_model(stored_model).classifier is model.classifier


def test_a_normal_photograph_makes_another_model_of_the_same_verdict(model):
    changed = with_normal(model, photograph(2))
    assert changed.fingerprint == model.fingerprint
    assert (changed.normal, model.normal) == (photograph(2).source, None)
    assert changed.has_normals
    assert not model.has_normals
    assert open_case(changed, photograph(3)).score == open_case(model, photograph(3)).score
    assert with_normal(model, photograph(2)).classifier is changed.classifier


def test_the_map_of_lost_structure_is_that_of_the_very_reconstruction(model):
    case = open_case(model, photograph(7))
    rebuilt = case.prediction.reconstructions[0].numpy().astype(np.float64)
    given = case.image.numpy().astype(np.float64)
    _, similarity = structural_similarity(
        given,
        rebuilt,
        channel_axis=0,
        data_range=1.0,
        gaussian_weights=True,
        use_sample_covariance=False,
        full=True,
    )
    expected = 1 - similarity.mean(axis=0)
    assert np.abs(case.dissimilarity - expected).max() < 1e-4


@pytest.mark.parametrize("network", IMAGE_NETWORKS)
def test_only_a_network_that_attends_to_its_input_has_an_attention_map(stored_model, tmp_path, network):
    built = build_network(network)
    card = replace(stored_model.card, id=network, network=network)
    record = load_calibration(stored_model)
    stored = save_model(tmp_path / network, card, network=built, references={}, calibrations=(record,))
    case = open_case(open_model(stored), photograph(8))
    if network not in {"sa_cae", "ssa_cae"}:
        assert case.attention is None
        return
    # What the encoder goes on with is the picture times the map.
    with torch.inference_mode():
        seen = built.eval().encoder[0](case.image[None])[0] / case.image
    expected = seen.double().mean(dim=0).numpy()
    clear = (case.image > 0.05).all(dim=0).numpy()
    assert clear.sum() > 1000
    assert np.abs(case.attention - expected)[clear].max() < 1e-5
    assert 0 <= case.attention.min() <= case.attention.max() <= 1


def test_an_explanation_is_computed_once_and_then_remembered(model):
    case = open_case(model, photograph(4))
    timed = explain(case, Residual())
    assert ask(case, Residual(), engine=MockEngine(perform), owner="anna").result is timed


def test_the_residual_is_the_verdicts_own_error_map_and_costs_no_forward(model, monkeypatch):
    case = open_case(model, photograph(11))
    expected = Residual().explain(model.classifier, case.image)
    monkeypatch.setattr(type(model.classifier), "reconstruct", None)
    found = explain(case, Residual()).explanation
    assert np.array_equal(found.relevance, expected.relevance)
    assert (found.score, found.residual, found.note) == (expected.score, expected.residual, expected.note)


def test_what_was_computed_in_is_part_of_the_key(model, monkeypatch):
    case = open_case(model, photograph(9))
    left_open = KernelShap(precision=Precision.AUTO)
    keys = {case.request(left_open)}
    monkeypatch.setenv("XAI_AD_PRECISION", "bfloat16")
    keys.add(case.request(left_open))
    monkeypatch.setenv("XAI_AD_BATCH_SIZE", "8")
    keys.add(case.request(left_open))
    assert len(keys) == 3
    assert case.request(left_open) == case.request(KernelShap(precision=Precision.BFLOAT16, batch_size=8))
    assert case.request(Residual()).explainer == Residual()


def test_a_consensus_takes_its_members_as_the_page_computes_them():
    found = explainers()
    assert set(found["consensus"].members) <= set(found.values())


COARSE = Occlusion(window=64, stride=64)


def small_consensus(monkeypatch):
    """A consensus of quick methods; returns it and the list of the methods that are run."""
    ran = []
    original = Explainer.explain

    def counted(self, *arguments, **options):
        ran.append(self.id)
        return original(self, *arguments, **options)

    monkeypatch.setattr(Explainer, "explain", counted)
    return Consensus(members=(COARSE, Lrp())), ran


def test_a_consensus_computes_only_what_is_not_at_hand(model, monkeypatch):
    consensus, ran = small_consensus(monkeypatch)
    case = open_case(model, photograph(10))
    first = explain(case, COARSE)
    progress = []
    timed = explain(case, consensus, progress.append)
    assert ran == ["occlusion", "lrp"]
    second = explain(case, Lrp())
    expected = agreed([first.explanation, second.explanation])
    np.testing.assert_array_equal(timed.explanation.relevance, expected.relevance)
    assert timed.seconds > first.seconds
    assert (progress == sorted(progress), progress[-1]) == (True, 1.0)


def test_what_a_consensus_computed_is_at_hand_for_its_own_panel(model, monkeypatch):
    consensus, ran = small_consensus(monkeypatch)
    case = open_case(model, photograph(11))
    explain(case, consensus)
    assert known(case, Lrp()) is not None
    assert ran == ["occlusion", "lrp"]


def test_a_member_that_waited_behind_the_consensus_is_not_made_again(model, monkeypatch):
    ran = small_consensus(monkeypatch)[1]
    case, engine = open_case(model, photograph(12)), MockEngine(perform)
    for explainer in (
        Consensus(members=(COARSE, Lrp())),
        COARSE,
    ):  # as a link to the consensus asks for them
        ask(case, explainer, engine=engine, owner="anna")
    while engine.run_next():
        pass
    assert sorted(ran) == ["lrp", "occlusion"]


def test_quick_explainers_need_no_job_and_the_others_get_one(model):
    case = open_case(model, photograph(5))
    engine = MockEngine(perform)
    states = {e.id: ask(case, e, engine=engine, owner="anna").state for e in explainers().values()}
    assert {method for method, state in states.items() if state is JobState.DONE} == {"residual", "lrp"}
    assert set(states.values()) == {JobState.DONE, JobState.WAITING}


def test_a_full_queue_is_told_in_the_panel(model):
    case = open_case(model, photograph(6))
    engine = MockEngine(perform, Terms(waiting=0))
    outcome = ask(case, explainers()["lime"], engine=engine, owner="anna")
    assert outcome.state is JobState.FAILED
    assert "already waiting" in outcome.error


def test_a_question_about_a_case_that_is_gone_says_so(model, monkeypatch):
    case, engine = open_case(model, photograph(13)), MockEngine(perform)
    lime = explainers()["lime"]
    ask(case, lime, engine=engine, owner="anna")
    monkeypatch.setattr("xai_ad.inspection.cases._CASES", BoundedCache(1))
    failed = engine.run_next()
    assert (failed.state, failed.error) == (
        JobState.FAILED,
        "The picture is no longer at hand: too many others were opened since. Run it again.",
    )
    engine.forget(case.request(lime))
    ask(case, lime, engine=engine, owner="anna")  # which brings it back
    assert open_case(model, photograph(13)).prediction is case.prediction


def test_an_image_is_decoded_once_from_upload_to_overlay(model, monkeypatch):
    decoded = []
    original = opening._decode
    monkeypatch.setattr(opening, "_decode", lambda *given: decoded.append(1) or original(*given))
    image_file = photograph(14)
    case = open_case(model, image_file)
    shown_image(image_file, case.placement.seen)
    found = pictures_of(case, {Residual(): explain(case, Residual())})
    picture_png(case, found["residual"], View())
    assert len(decoded) == 1


def test_a_photograph_fitted_otherwise_is_another_case_and_its_job_finds_it(square_model):
    wide = Pillow.fromarray(np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8))
    model, image_file = open_model(square_model), make_image_file("wide", encode_png(wide))
    cases = {
        fit: open_case(model, image_file, fit) for fit in [*Fit, Cut(top=0, left=0, height=20, width=20)]
    }
    assert len({case.score for case in cases.values()}) == len(cases)
    assert open_case(model, image_file).prediction is cases[Fit.CROP].prediction
    for fit, case in cases.items():
        assert case.placement.seen == seen_part((60, 80), model.card, fit)
        assert torch.equal(case.image, read_image(image_file.content, model.card, fit=fit))
        answer = perform(case.request(Residual()), lambda _: None).explanation
        assert answer.score == pytest.approx(case.score, rel=1e-6)


@dataclass(frozen=True)
class Doubling:
    """A question that knows its own answer."""

    number: int

    def answer(self, progress):
        """Return twice the number."""
        progress(0.5)
        return 2 * self.number


def test_an_engine_answers_other_questions_beside_explanations(model):
    engine = MockEngine(perform)
    case = open_case(model, photograph(11))
    request = case.request(KernelShap(budget=10, precision=Precision.FLOAT32))
    for question in (request, Doubling(4)):
        engine.submit(question, owner="anna", lane=Lane.EXPLANATIONS)
    assert engine.run_next().result is known(case, request.explainer)
    assert engine.run_next().result == 8
