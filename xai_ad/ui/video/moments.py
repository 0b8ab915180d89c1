"""Which of the frames that a network sees together mattered, by the explanation that is shown large."""

from xai_ad.explain import Attribution
from xai_ad.explain.moments import moments
from xai_ad.inspection.cases import Case, known
from xai_ad.inspection.explainers import explainers, machine_known
from xai_ad.presentation.notes import title_of
from xai_ad.ui import state
from xai_ad.ui.components.curve import MomentsData
from xai_ad.ui.picking.normal import insists
from xai_ad.ui.picking.settings import as_chosen


def moments_of(case: Case) -> MomentsData | None:
    """Return each frame's share of the score, in multiples of the limit; None for a frame that is judged by itself.

    None too while the explanation is not at hand, and of a method that tells nothing of time.
    """
    explainer = explainers().get(state.chosen_method())
    if explainer is None or not case.is_window or (explainer.is_open and not machine_known()):
        return None
    timed = known(case, as_chosen(explainer, insists=insists(case.model.card)))
    if timed is None or not isinstance(timed.explanation, Attribution):
        return None
    shares = moments(timed.explanation) / case.model.record.calibration.threshold
    if (shares != 0).sum() <= 1:
        return None
    order = sorted(range(len(shares)), key=lambda place: case.placement.frames[place])
    return MomentsData(
        title=f"Which moment mattered: each frame's share of the score of frame {case.source.frame}, by {title_of(explainer)}",
        frames=[case.placement.frames[place] for place in order],
        values=[float(f"{shares[place]:.4g}") for place in order],
    )
