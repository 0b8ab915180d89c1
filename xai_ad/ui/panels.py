"""What the viewer is told: a panel for the reconstruction and one for each explainer."""

from xai_ad import render
from xai_ad.explain.base import Attribution, Counterfactual, Explainer, Picture
from xai_ad.ui.cases import Case, Outcome
from xai_ad.ui.components import PanelData, PanelKind, PanelState, RectangleData, ScaleData, ViewerData
from xai_ad.ui.jobs import JobState
from xai_ad.ui.layers import LAYERS
from xai_ad.ui.notes import findings
from xai_ad.ui.photos import photo_url

RECONSTRUCTION = "reconstruction"
_SENTENCE = "What does normal look like to the network? It has only seen normal pictures and rebuilds this one from memory."
_KINDS: dict[Picture, PanelKind] = {Picture.MAP: "map", Picture.RECTANGLES: "rectangles"}
_STATES: dict[JobState, PanelState] = {
    JobState.WAITING: "waiting",
    JobState.RUNNING: "running",
    JobState.DONE: "ready",
    JobState.STOPPED: "stopped",
    JobState.FAILED: "failed",
}


def viewer_data(case: Case, outcomes: dict[Explainer, Outcome], selected: str) -> ViewerData:
    """Describe a case to the viewer, with each explanation as far as it is."""
    height, width = case.image.shape[-2:]
    calibration = case.model.record.calibration
    return ViewerData(
        height=height,
        width=width,
        photo=photo_url(case.photo, case.model.card.preprocessing),
        panels=[
            _reconstruction(case),
            *(_panel(case, explainer, outcome) for explainer, outcome in outcomes.items()),
        ],
        selected=selected,
        scale=ScaleData(
            limit=calibration.map_scale,
            low="to normal",
            high="to abnormal",
            zero="no error",
            unit="1 = at the limit, were it everywhere",
        ),
    )


def _reconstruction(case: Case) -> PanelData:
    return PanelData(
        id=RECONSTRUCTION,
        label="Reconstruction",
        title="Reconstruction",
        sentence=_SENTENCE,
        kind="picture",
        state="ready",
        layer=LAYERS.put(render.picture_png(case.prediction.reconstructions[0])),
        notes=["What it cannot rebuild counts as error, and the mean error is the score."],
    )


def _panel(case: Case, explainer: Explainer, outcome: Outcome) -> PanelData:
    panel = PanelData(
        id=explainer.id,
        label=explainer.title,
        title=explainer.title,
        sentence=explainer.sentence,
        kind=_KINDS[explainer.picture],
        state=_STATES[outcome.state],
        progress=outcome.fraction,
        message=outcome.message,
        layer=None,
        signed=explainer.signed,
    )
    if outcome.result is None:
        return panel
    calibration = case.model.record.calibration
    explanation = outcome.result.explanation
    panel["notes"] = findings(explanation, calibration)
    if isinstance(explanation, Counterfactual):
        panel["layer"] = LAYERS.put(render.picture_png(explanation.image))
        panel["rectangles"] = [
            RectangleData(top=box.top, left=box.left, height=box.height, width=box.width)
            for box in explanation.rectangles
        ]
    else:
        panel["signed"] = render.is_signed(explanation)
        panel["layer"] = _map_layer(explanation, case)
    return panel


def _map_layer(explanation: Attribution, case: Case) -> str:
    calibration = case.model.record.calibration
    values = render.relevance_density(explanation.relevance, calibration)
    signed = render.is_signed(explanation)
    return LAYERS.put(render.grey_layer(values, calibration.map_scale, signed=signed))
