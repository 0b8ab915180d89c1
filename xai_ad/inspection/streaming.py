"""A comparison that comes in piece by piece: of all that is asked, a little is under way at a time, what is seen first."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from xai_ad.errors import BusyError
from xai_ad.explain.base import Explainer
from xai_ad.explain.consensus import Consensus
from xai_ad.inspection.cases import Case, Outcome, known, lane_of, submit
from xai_ad.inspection.comparing import Cell, Row
from xai_ad.inspection.engines.base import AnyEngine, JobState, JobStatus, Lane
from xai_ad.inspection.explainers import machine_known
from xai_ad.inspection.opening import Opening, ask_opening, opened
from xai_ad.inspection.request import Request
from xai_ad.inspection.trusting import TrustOf, known_trust

IN_FLIGHT = 4
"""How many questions of a lane one session has under way: others get their turn, and no queue is ever full."""

Question: TypeAlias = Opening | Request | TrustOf


def cell_name(model: str, method: str) -> str:
    """Return the name of a model's cell by a method, both by their ids, which the browser says back."""
    return f"{model}/{method}"


def parts_of(cell: str) -> tuple[str, str]:
    """Return the model and the method of a cell's name.

    >>> parts_of(cell_name("washer-bcae1", "lrp"))
    ('washer-bcae1', 'lrp')
    """
    model, _, method = cell.rpartition("/")
    return model, method


@dataclass(frozen=True, kw_only=True)
class Line:
    """What is asked of one model: what it makes of the picture, and an explanation by each method."""

    opening: Opening
    explainers: tuple[Explainer, ...]

    def cell(self, explainer: Explainer) -> str:
        """Return the name that a cell has on the page."""
        return cell_name(self.opening.model.id, explainer.id)


@dataclass(frozen=True, kw_only=True)
class _Wish:
    """A question that is open, and how it is asked. One that `waits` is not asked yet."""

    question: Question
    lane: Lane
    is_seen: bool
    ask: Callable[[AnyEngine, str], JobStatus[Any]]
    waits: bool = False


@dataclass(eq=False)
class Stream:
    """What becomes of a session's questions: what it stopped, what failed, and what is under way for it.

    `stopped` and `wanted` are the session's own, and hold on every page: explanations that it stopped, and those of
    strangers that it asked for all the same.
    """

    stopped: set[Request]
    wanted: set[Request]
    _halted: set[tuple[Opening, Explainer]] = field(default_factory=set)  # before anyone could ask for them
    _failed: dict[Question, str] = field(default_factory=dict)
    _under_way: dict[Question, JobStatus[Any]] = field(default_factory=dict)
    _is_checking: bool = False

    @property
    def is_checking(self) -> bool:
        """Whether it was still open at the last look how far something can be trusted that is at hand."""
        return self._is_checking

    def look(
        self, lines: Sequence[Line], *, seen: Collection[str], engine: AnyEngine, owner: str
    ) -> tuple[Row, ...]:
        """Return how far everything is, ask for as much as may be under way, and let go of what is asked no more.

        `seen` are the cells that a person sees: they come first. Safe to repeat at every poll.
        """
        wishes = [wish for line in lines for wish in self._wishes(line, seen)]
        self._is_checking = any(wish.lane is Lane.CHECKS for wish in wishes)
        chosen = self._chosen(wishes, engine)
        engine.release(owner, keep={wish.question for wish in chosen})
        self._under_way = {}
        for wish in chosen:
            try:
                status = wish.ask(engine, owner)
            except BusyError:
                continue  # at the next look
            if status.state is JobState.FAILED:
                self._failed[wish.question] = status.error or ""
            elif status.active:
                self._under_way[wish.question] = status
            else:  # it is at hand by now; or was too long ago, and is asked anew
                engine.forget(wish.question)
        return tuple(self._row(line) for line in lines)

    def stop(self, cells: Iterable[tuple[Line, Explainer]]) -> None:
        """Compute some cells no more, from the next look on; what is at hand stays, and is not checked any further."""
        for line, explainer in cells:
            case = _case_for(line, explainer)
            if case is None:
                self._halted.add((line.opening, explainer))
            elif known(case, explainer) is None:
                self.stopped.add(case.request(explainer))
            else:
                self._failed[TrustOf(request=case.request(explainer))] = "Stopped."

    def again(self, cells: Iterable[tuple[Line, Explainer]], *, engine: AnyEngine) -> None:
        """Compute some cells after all, and open their models, whatever became of them before."""
        for line, explainer in cells:
            self._halted.discard((line.opening, explainer))
            self._forget(line.opening, engine)
            case = _case_for(line, explainer)
            if case is not None:
                request = case.request(explainer)
                self.stopped.discard(request)
                self.wanted.add(request)
                self._forget(request, engine)
                self._forget(TrustOf(request=request), engine)

    def _forget(self, question: Question, engine: AnyEngine) -> None:
        if self._failed.pop(question, None) is not None:
            engine.forget(question)

    def _wishes(self, line: Line, seen: Collection[str]) -> Iterator[_Wish]:
        """Yield what is open of a line, its verdict or explanations; consensus last, since it takes others' results."""
        question = line.opening
        if opened(question) is None:
            if question not in self._failed:
                is_seen = any(line.cell(explainer) in seen for explainer in line.explainers)
                yield _Wish(question=question, lane=Lane.VERDICTS, is_seen=is_seen, ask=_opener(question))
            return
        pending: set[Request] = set()
        for explainer in sorted(line.explainers, key=lambda one: isinstance(one, Consensus)):
            case = _case_for(line, explainer)
            if case is None:
                continue
            request, outcome = case.request(explainer), self._outcome(case, line, explainer)
            if outcome.result is not None:
                yield from self._checks(case, line, explainer, seen)
            if not outcome.active:
                continue
            members = request.explainer.members if isinstance(request.explainer, Consensus) else ()
            yield _Wish(
                question=request,
                lane=lane_of(explainer),
                is_seen=line.cell(explainer) in seen,
                ask=_explainer(case, explainer),
                waits=any(replace(request, explainer=member) in pending for member in members),
            )
            pending.add(request)

    def _checks(self, case: Case, line: Line, explainer: Explainer, seen: Collection[str]) -> Iterator[_Wish]:
        """Yield the question how far what is at hand can be trusted, where that is open."""
        question = TrustOf(request=case.request(explainer))
        if question not in self._failed and known_trust(case, explainer) is None:
            yield _Wish(
                question=question,
                lane=Lane.CHECKS,
                is_seen=line.cell(explainer) in seen,
                ask=lambda engine, owner: engine.submit(question, owner=owner, lane=Lane.CHECKS),
            )

    def _chosen(self, wishes: Sequence[_Wish], engine: AnyEngine) -> list[_Wish]:
        """Return what is to be under way: what runs for this session already, then what is seen, in the wishes' order."""

        def place(wish: _Wish) -> tuple[bool, bool]:
            return not self._runs(wish.question, engine), not wish.is_seen

        ready = sorted((wish for wish in wishes if not wish.waits), key=place)
        if any(
            wish.lane is not Lane.CHECKS for wish in wishes
        ):  # first what was asked, then how far to trust it
            ready = [wish for wish in ready if wish.lane is not Lane.CHECKS]
        return [wish for lane in Lane for wish in [one for one in ready if one.lane is lane][:IN_FLIGHT]]

    def _runs(self, question: Question, engine: AnyEngine) -> bool:
        if question not in self._under_way:
            return False
        status = engine.status(question)
        return status is not None and status.state is JobState.RUNNING

    def _row(self, line: Line) -> Row:
        stored, case = line.opening.stored, opened(line.opening)
        if case is None:
            return Row(stored=stored, error=self._failed.get(line.opening))
        return Row(
            stored=stored, case=case, cells=tuple(self._cell(case, line, one) for one in line.explainers)
        )

    def _cell(self, case: Case, line: Line, explainer: Explainer) -> Cell:
        outcome = self._outcome(case, line, explainer)
        trust = None if outcome.result is None else known_trust(case, explainer)
        return Cell(explainer=explainer, outcome=outcome, trust=trust)

    def _outcome(self, case: Case, line: Line, explainer: Explainer) -> Outcome:
        """Return how far a cell is; what is neither at hand nor to be left alone is waiting, or under way."""
        if _case_for(line, explainer) is None:
            return Outcome(state=JobState.WAITING)
        found = known(case, explainer)
        if found is not None:
            return Outcome(state=JobState.DONE, fraction=1.0, result=found)
        request = case.request(explainer)
        if (line.opening, explainer) in self._halted:
            self._halted.discard((line.opening, explainer))
            self.stopped.add(request)
        if request in self.stopped:
            return Outcome(state=JobState.STOPPED)
        if request in self._failed:
            return Outcome(state=JobState.FAILED, error=self._failed[request])
        if not case.judgement.may_be_explained and request not in self.wanted:
            return Outcome(state=JobState.IDLE)
        return self._under_way.get(request, Outcome(state=JobState.WAITING))


def is_active(row: Row) -> bool:
    """Return whether anything of a row may still come."""
    if row.case is None:
        return row.error is None
    return any(cell.outcome.active for cell in row.cells)


def _case_for(line: Line, explainer: Explainer) -> Case | None:
    """Return the case once an explanation of it can be named: its model is open, and the machine is known."""
    if explainer.is_open and not machine_known():
        return None
    return opened(line.opening)


def _opener(question: Opening) -> Callable[[AnyEngine, str], JobStatus[Any]]:
    return lambda engine, owner: ask_opening(question, engine=engine, owner=owner)


def _explainer(case: Case, explainer: Explainer) -> Callable[[AnyEngine, str], JobStatus[Any]]:
    return lambda engine, owner: submit(case, explainer, engine=engine, owner=owner)
