"""A comparison comes in piece by piece: what is seen first, a few pieces at a time, and nothing twice."""

from dataclasses import replace

import pytest
import torch

from tests.inspection.test_cases import photograph
from xai_ad.detector.familiarity import Cause, Likeness
from xai_ad.errors import InvalidInputError
from xai_ad.explain import KernelShap, Lime, Lrp, Occlusion, Residual
from xai_ad.explain.base import Explainer
from xai_ad.explain.consensus import Consensus
from xai_ad.inspection import cases, streaming, trusting
from xai_ad.inspection import models as models_module
from xai_ad.inspection import opening as opening_module
from xai_ad.inspection.cases import known, perform
from xai_ad.inspection.engines.base import JobState, Lane
from xai_ad.inspection.engines.mock import MockEngine
from xai_ad.inspection.engines.queued import Terms
from xai_ad.inspection.opening import Opening, opened, opening
from xai_ad.inspection.results import BoundedCache
from xai_ad.inspection.streaming import IN_FLIGHT, Line, Stream, is_active
from xai_ad.networks import build_network
from xai_ad.store import load_calibration, save_model

SHAPS = tuple(KernelShap(budget=budget) for budget in (60, 61, 62, 63, 64, 65))
"""Slow ones, as far as lanes can tell."""


@pytest.fixture(autouse=True)
def nothing_at_hand(monkeypatch):
    """Forgets what other tests opened and explained."""
    monkeypatch.setattr(models_module, "_MODELS", BoundedCache(4))
    monkeypatch.setattr(opening_module, "_OPENED", BoundedCache(16))
    monkeypatch.setattr(cases, "RESULTS", BoundedCache(64))
    monkeypatch.setattr(trusting, "TRUSTS", BoundedCache(64))


@pytest.fixture
def models(stored_model, tmp_path):
    """Two untrained models."""
    torch.manual_seed(1)
    card = replace(stored_model.card, id="widget-other")
    other = save_model(
        tmp_path / "models" / card.id,
        card,
        network=build_network("bcae1"),
        references={"mean": torch.full((3, 128, 128), 0.5)},
        calibrations=(load_calibration(stored_model),),
    )
    return stored_model, other


@pytest.fixture
def engine():
    return MockEngine(perform)


def lines_of(models, explainers, seed=0, **given):
    return [
        Line(opening=opening(stored, photograph(seed), **given), explainers=tuple(explainers))
        for stored in models
    ]


def stream():
    return Stream(stopped=set(), wanted=set())


def look(one, lines, engine, *, seen=(), owner="anna"):
    return one.look(lines, seen=set(seen), engine=engine, owner=owner)


def queued(engine, lane=Lane.EXPLANATIONS):
    return [job.question for job in engine._queues[lane]]


def finish(one, lines, engine, *, owner="anna"):
    """Look and work in turn until all is at rest; return the rows."""
    for _ in range(100):
        rows = look(one, lines, engine, owner=owner)
        if not any(is_active(row) for row in rows) and not one.is_checking:
            return rows
        while engine.run_next():
            pass
    raise AssertionError("it never comes to rest")


def states(row):
    return [cell.outcome.state for cell in row.cells]


def test_verdicts_come_first_and_then_every_explanation(models, engine):
    one, lines = stream(), lines_of(models, (Residual(), Lrp()))
    assert [(row.case, row.error, row.cells) for row in look(one, lines, engine)] == [(None, None, ())] * 2
    assert {type(question) for question in queued(engine, Lane.VERDICTS)} == {Opening}
    rows = finish(one, lines, engine)
    assert [states(row) for row in rows] == [[JobState.DONE] * 2] * 2
    assert [row.stored for row in rows] == list(models)


def test_no_more_than_a_few_of_a_session_are_under_way_at_once(models, engine):
    one, lines = stream(), lines_of(models, SHAPS)
    look(one, lines, engine)
    while engine.run_next():
        pass
    for _ in range(3):
        rows = look(one, lines, engine)
        assert len(queued(engine)) == IN_FLIGHT
    assert [states(row).count(JobState.WAITING) for row in rows] == [6, 6]
    engine.run_next()
    look(one, lines, engine)
    assert len(queued(engine)) == IN_FLIGHT


def test_what_is_seen_comes_first_and_takes_the_place_of_what_only_waits(models, engine):
    one, lines = stream(), lines_of(models, SHAPS)
    look(one, lines, engine)
    while engine.run_next():
        pass
    look(one, lines, engine)
    assert [question.explainer.budget for question in queued(engine)] == [60, 61, 62, 63]
    seen = [f"{models[1].card.id}/kernel_shap"]
    look(one, lines, engine, seen=seen)
    assert {question.model.id for question in queued(engine)} == {models[1].card.id}


def test_what_runs_goes_on_when_something_else_comes_in_sight(models, engine):
    one, lines = stream(), lines_of(models, SHAPS)
    look(one, lines, engine)
    while engine.run_next():
        pass
    look(one, lines, engine)
    with engine._changed:
        job = engine._take(Lane.EXPLANATIONS)
    for _ in range(3):
        rows = look(one, lines, engine, seen=[f"{models[1].card.id}/kernel_shap"])
        assert states(rows[0])[0] is JobState.RUNNING
        assert not job.stop.is_set()
        assert len(queued(engine)) == IN_FLIGHT - 1


def test_nothing_is_computed_twice_not_even_for_a_consensus_or_a_second_session(models, engine, monkeypatch):
    ran = []
    original = Explainer.explain

    def counted(self, *arguments, **options):
        ran.append(self)
        return original(self, *arguments, **options)

    monkeypatch.setattr(Explainer, "explain", counted)
    monkeypatch.setattr(streaming, "known_trust", lambda *_: True)  # to check is to explain again
    members = (Residual(), KernelShap(budget=60))
    methods = (Consensus(members=members), *members, Lrp())
    lines = lines_of(models, methods)
    anna, ben = stream(), stream()
    for _ in range(50):
        rows = look(anna, lines, engine), look(ben, lines, engine, owner="ben")
        engine.run_next()
    assert [states(row) for both in rows for row in both] == [[JobState.DONE] * 4] * 4
    assert [type(one) for one in ran].count(KernelShap) == 2
    assert [type(one) for one in ran].count(Lrp) == 2
    assert len(ran) == 4  # the residual is the verdict's own map, the consensus its members'


def test_a_consensus_waits_for_its_members(models, engine):
    members = (Residual(), KernelShap(budget=60))
    one, lines = stream(), lines_of(models[:1], (Consensus(members=members), *members))
    look(one, lines, engine)
    engine.run_next()
    look(one, lines, engine)
    assert [type(question.explainer) for question in queued(engine)] == [KernelShap]


def test_a_stopped_cell_stops_alone_and_for_its_session_alone(models, engine):
    lines = lines_of(models[:1], (Occlusion(window=64, stride=64), Lime(budget=60)))
    anna, ben = stream(), stream()
    look(anna, lines, engine)
    engine.run_next()
    look(anna, lines, engine)
    look(ben, lines, engine, owner="ben")
    anna.stop([(lines[0], lines[0].explainers[0])])
    assert states(look(anna, lines, engine)[0]) == [JobState.STOPPED, JobState.WAITING]
    assert states(look(ben, lines, engine, owner="ben")[0]) == [JobState.WAITING] * 2
    while engine.run_next():
        pass
    assert states(look(ben, lines, engine, owner="ben")[0]) == [JobState.DONE] * 2
    assert states(look(anna, lines, engine)[0]) == [JobState.DONE] * 2  # it is at hand by now


def test_what_was_stopped_before_its_verdict_is_not_computed_until_it_is_asked_for_again(models, engine):
    one, lines = stream(), lines_of(models, (Residual(), Lime(budget=60)))
    look(one, lines, engine)
    cells = [(line, explainer) for line in lines for explainer in line.explainers]
    one.stop(cells)
    rows = finish(one, lines, engine)
    assert [states(row) for row in rows] == [[JobState.STOPPED] * 2] * 2
    assert [row.case is None for row in rows] == [False] * 2  # headings come all the same
    one.again(cells[:1], engine=engine)
    assert [states(row) for row in finish(one, lines, engine)] == [
        [JobState.DONE, JobState.STOPPED],
        [JobState.STOPPED] * 2,
    ]


def test_a_failing_cell_says_why_and_the_others_stay(models, engine, monkeypatch):
    def refuse(*_, **__):
        raise InvalidInputError("Not with this network.")

    original = Lrp._explain
    monkeypatch.setattr(Lrp, "_explain", refuse)
    one, lines = stream(), lines_of(models[:1], (Lrp(), Residual()))
    row = finish(one, lines, engine)[0]
    assert states(row) == [JobState.FAILED, JobState.DONE]
    assert row.cells[0].outcome.error == "Not with this network."
    monkeypatch.setattr(Lrp, "_explain", original)
    assert states(finish(one, lines, engine)[0])[0] is JobState.FAILED
    one.again([(lines[0], Lrp())], engine=engine)
    assert states(finish(one, lines, engine)[0]) == [JobState.DONE] * 2


def test_a_model_that_fails_says_why_and_can_be_tried_again(models, engine):
    broken = models[1].path / "weights.safetensors"
    whole = broken.read_bytes()
    broken.write_bytes(whole[:100])
    one, lines = stream(), lines_of(models, (Residual(),), seed=7)
    rows = finish(one, lines, engine)
    assert states(rows[0]) == [JobState.DONE]
    assert (rows[1].case, rows[1].cells) == (None, ())
    assert "weights" in rows[1].error
    broken.write_bytes(whole)
    one.again([(lines[1], Residual())], engine=engine)
    assert states(finish(one, lines, engine)[1]) == [JobState.DONE]


def test_a_strangers_explanations_wait_until_somebody_asks(models, engine, monkeypatch):
    stranger = Likeness(p_value=0.001, is_stranger=True, cause=Cause.OBJECT, distance=9.0)
    judge = cases._judged
    monkeypatch.setattr(cases, "_judged", lambda *given: replace(judge(*given), likeness=stranger))
    one, lines = stream(), lines_of(models[:1], (Residual(), Lrp()), seed=8)
    assert states(finish(one, lines, engine)[0]) == [JobState.IDLE] * 2
    one.again([(lines[0], Lrp())], engine=engine)
    assert states(finish(one, lines, engine)[0]) == [JobState.IDLE, JobState.DONE]


def test_a_full_queue_only_means_later(models):
    engine = MockEngine(perform, Terms(waiting=1))
    one, lines = stream(), lines_of(models, (Residual(), *SHAPS[:2]))
    rows = finish(one, lines, engine)
    assert [states(row) for row in rows] == [[JobState.DONE] * 3] * 2


def test_what_was_forgotten_meanwhile_is_computed_again(models, engine):
    one, lines = stream(), lines_of(models[:1], (Residual(), KernelShap(budget=60)))
    finish(one, lines, engine)
    case = opened(lines[0].opening)
    opening_module._OPENED._values.clear()
    cases.RESULTS._values.clear()
    assert known(case, Residual()) is None
    assert states(finish(one, lines, engine)[0]) == [JobState.DONE] * 2


def test_another_picture_lets_go_of_the_one_before(models, engine):
    one = stream()
    before, after = lines_of(models, SHAPS), lines_of(models, SHAPS, seed=1)
    look(one, before, engine)
    while engine.run_next():
        pass
    look(one, before, engine)
    look(one, after, engine)
    assert queued(engine) == []
    assert [question.source for question in queued(engine, Lane.VERDICTS)] == [photograph(1).source] * 2


def test_how_far_to_trust_it_is_found_out_once_an_explanation_is_at_hand(models, engine):
    one, lines = stream(), lines_of(models[:1], (Residual(), Lrp()))
    rows = finish(one, lines, engine)
    assert all(trusting.known_trust(rows[0].case, cell.explainer) is not None for cell in rows[0].cells)


def test_stopping_ends_the_checks_as_well(models, engine):
    one, lines = stream(), lines_of(models[:1], (Residual(),))
    for _ in range(3):
        look(one, lines, engine)
        if queued(engine, Lane.CHECKS):
            break
        engine.run_next()
    assert one.is_checking
    one.stop([(lines[0], Residual())])
    rows = look(one, lines, engine)
    assert states(rows[0]) == [JobState.DONE]
    assert not one.is_checking
    assert queued(engine, Lane.CHECKS) == []
    assert not any(is_active(row) for row in rows)


def test_checks_begin_when_every_explanation_is_there(models, engine):
    one, lines = stream(), lines_of(models[:1], (Residual(), Occlusion(window=64, stride=64)))
    for _ in range(2):  # the verdict, then what is as quick
        look(one, lines, engine)
        engine.run_next(Lane.VERDICTS)
    rows = look(one, lines, engine)
    assert states(rows[0]) == [JobState.DONE, JobState.WAITING]
    assert queued(engine, Lane.CHECKS) == []
    engine.run_next(Lane.EXPLANATIONS)
    look(one, lines, engine)
    assert len(queued(engine, Lane.CHECKS)) == 2
    assert one.is_checking
