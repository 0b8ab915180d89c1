"""The viewer's data: the panels of what the network itself shows, and one for each explainer."""

from xai_ad.explain import EXPLAINERS, Residual
from xai_ad.explain.base import Explainer
from xai_ad.explain.results import Counterfactual
from xai_ad.inspection.cases import Case, Outcome
from xai_ad.inspection.methods import USUAL_METHOD
from xai_ad.presentation.legends import (
    ATTENTION,
    EXPLANATIONS,
    NEAREST,
    RECONSTRUCTION,
    SIMILARITY,
    TITLES,
)
from xai_ad.presentation.notes import QUESTIONS, findings, question_of
from xai_ad.presentation.scales import Unit, density_scale, shown_map
from xai_ad.ui.components.drawing import ChangeData
from xai_ad.ui.components.viewer import NoteData, PanelData, TrustData, ViewerData
from xai_ad.ui.inspect.pictures import (
    attention_panel,
    nearest_panel,
    reconstruction_panel,
    similarity_panel,
    typical_panel,
)
from xai_ad.ui.showing.maps import (
    KINDS,
    NOTHING,
    STATES,
    change_url,
    map_url,
    rectangle_data,
    scale_data,
    segment_data,
)
from xai_ad.ui.showing.marks import mark_evidence, truth_data
from xai_ad.ui.showing.measured import say_worth, standing_of
from xai_ad.ui.showing.photographs import original_url
from xai_ad.ui.showing.trust import trust_words

WITHHELD = "Not like the training pictures: what follows explains no verdict."


def method_titles() -> dict[str, str]:
    """Return what can be shown large, by id."""
    pictures = (RECONSTRUCTION, SIMILARITY, ATTENTION, NEAREST)
    return {
        **{name: TITLES[name] for name in pictures},
        **{name: explainer.title for name, explainer in EXPLAINERS.items()},
    }


def viewer_data(case: Case, outcomes: dict[Explainer, Outcome], selected: str) -> ViewerData:
    """Describe a case to the viewer, with each explanation as far as it is.

    The case may lack the `selected` panel, an attention map for one; then it opens on the default.
    """
    height, width = case.image.shape[-2:]
    panels = _panels(case, outcomes)
    data = ViewerData(
        height=height,
        width=width,
        photo=original_url(case.image_file, case.placement.seen),
        name=case.image_file.name.removeprefix(f"{case.model.card.dataset}/"),
        aspect=case.placement.width / case.placement.height,
        panels=panels,
        selected=_selected(case, panels, selected),
        stand_in=Residual.id,
        compared=RECONSTRUCTION,
        outlined=case.judgement.is_suspect,
        scale=scale_data(density_scale(case.model.record.calibration), EXPLANATIONS[Unit.DENSITY]),
    )
    if truth := truth_data(case):
        data["truth"] = truth
    if not case.judgement.may_be_explained:
        data["withheld"] = WITHHELD
    return data


def _selected(case: Case, panels: list[PanelData], selected: str) -> str:
    ids = [panel["id"] for panel in panels]
    if selected in ids:
        return selected
    return USUAL_METHOD if case.judgement.may_be_explained else ids[0]


def _panels(case: Case, outcomes: dict[Explainer, Outcome]) -> list[PanelData]:
    """Return the panels in the strip's order: the methods by what was measured of them, each beside its like."""
    standing = standing_of(case)
    explained = [_panel(case, explainer, outcome) for explainer, outcome in outcomes.items()]
    explained.sort(key=lambda panel: standing.place(panel["id"]))
    for panel in explained:
        say_worth(panel, standing)
    attention, nearest = attention_panel(case), nearest_panel(case)
    typical = None if case.judgement.may_be_explained else typical_panel(case)
    residual = next((index for index, panel in enumerate(explained) if panel["id"] == Residual.id), -1)
    explained.insert(residual + 1, similarity_panel(case))
    return [
        *([typical] if typical else []),
        reconstruction_panel(case),
        *explained,
        *([attention] if attention else []),
        *([nearest] if nearest else []),
    ]


def _panel(case: Case, explainer: Explainer, outcome: Outcome) -> PanelData:
    question = question_of(explainer)
    panel = PanelData(
        id=explainer.id,
        label=question.label if question else explainer.title,
        title=question.label if question else explainer.title,
        sentence=question.sentence if question else explainer.sentence,
        kind=KINDS[explainer.picture],
        state=STATES[outcome.state],
        progress=outcome.fraction,
        message=outcome.error or "",
        layer=None,
        signed=explainer.signed,
    )
    if outcome.result is None:
        return panel
    calibration = case.model.record.calibration
    explanation = outcome.result.explanation
    if told := trust_words(case, explainer):
        panel["trust"] = TrustData(
            line=told.line, warns=told.warns, figures=[list(pair) for pair in told.figures]
        )
    request = case.request(explainer)
    panel["notes"] = [
        NoteData(text=note, warns=note == explanation.warning) for note in findings(explanation, calibration)
    ]
    if isinstance(explanation, Counterfactual):
        panel["layer"] = change_url(request, explanation, frame=case.place)
        panel["rectangles"] = rectangle_data(explanation, frame=case.place)
        words = QUESTIONS[explanation.direction]
        panel["change"] = ChangeData(id=str(explanation.direction), label=words.switch, shown=words.shown)
        panel["empty"] = NOTHING[explanation.direction]
    else:
        shown = shown_map(explanation, calibration, frame=case.place)
        panel["signed"] = shown.signed
        panel["scale"] = scale_data(shown.scale, EXPLANATIONS[shown.scale.unit])
        panel["layer"] = map_url(request, shown)
        mark_evidence(panel, case, shown, key=request)
        if segments := segment_data(explanation, calibration, key=request, frame=case.place):
            panel["segments"] = segments
    return panel
