"""The image under inspection, and panels of what the network shows of it: reconstruction, SSIM map and attention map."""

from xai_ad.detector.scores import Score
from xai_ad.inspection.cases import Case
from xai_ad.inspection.normals import nearest_to
from xai_ad.presentation import render
from xai_ad.presentation.legends import (
    ATTENTION,
    NEAREST,
    RECONSTRUCTION,
    SIMILARITY,
    STRUCTURE,
    TITLES,
    TYPICAL,
    VISIBILITY,
)
from xai_ad.presentation.scales import ShownMap, share_scale
from xai_ad.presentation.words import MEASURES
from xai_ad.ui.components.viewer import NoteData, PanelData
from xai_ad.ui.layers import LAYERS, Layer
from xai_ad.ui.showing.maps import scale_data
from xai_ad.ui.showing.marks import mark_evidence

_NOTES = {
    Score.SQUARED_ERROR: "This model's score does not count it.",
    Score.ABSOLUTE_ERROR: "This model's score does not count it.",
    Score.COMPOUND: "This model's score counts it together with the squared error.",
    Score.SSIM: "This model's score is the mean of its highest 1 %.",
    Score.WORST_PATCH: "This model's score does not count it.",
}


def reconstruction_panel(case: Case) -> PanelData:
    """Show the reconstructed image."""
    measure = MEASURES[case.model.record.calibration.scoring.score]
    return PanelData(
        id=RECONSTRUCTION,
        label=TITLES[RECONSTRUCTION],
        title=TITLES[RECONSTRUCTION],
        sentence=(
            "What does normal look like to the network? "
            "It has only seen normal pictures and rebuilds this one from memory."
        ),
        kind="picture",
        state="ready",
        layer=LAYERS.put_once(
            (RECONSTRUCTION, case.key),
            lambda: Layer(content=render.image_png(case.prediction.reconstructions[0])),
        ),
        notes=_plain(f"What it cannot rebuild counts as error. The score is {measure}."),
    )


def similarity_panel(case: Case) -> PanelData:
    """Show the loss of structure, whatever the score is, on a scale of its own."""
    shown = ShownMap(values=case.dissimilarity, scale=share_scale(), signed=False)
    panel = PanelData(
        id=SIMILARITY,
        label="SSIM map",
        title=TITLES[SIMILARITY],
        sentence=(
            "Where do edges and texture of the rebuilt picture differ from the photograph's, "
            "even if the colours agree? Bright places look different, dark ones alike."
        ),
        kind="map",
        state="ready",
        layer=LAYERS.put_once(
            (SIMILARITY, case.key),
            lambda: Layer(content=render.map_layer(shown)),
        ),
        notes=_plain(_NOTES[case.model.record.calibration.scoring.score]),
        scale=scale_data(shown.scale, STRUCTURE),
    )
    mark_evidence(panel, case, shown, key=(SIMILARITY, case.key))
    return panel


def attention_panel(case: Case) -> PanelData | None:
    """Show how much of each pixel the network sees, where it has such a map."""
    attention = case.attention
    if attention is None:
        return None
    shown = ShownMap(values=attention, scale=share_scale(), signed=False)
    return PanelData(
        id=ATTENTION,
        label="Attention",
        title=TITLES[ATTENTION],
        sentence=(
            "Where does the network look? It dims each pixel before it rebuilds the picture: "
            "bright places reach it whole, dark ones faintly."
        ),
        kind="map",
        state="ready",
        layer=LAYERS.put_once((ATTENTION, case.key), lambda: Layer(content=render.map_layer(shown))),
        notes=_plain("It says where the network looks, not what is abnormal."),
        scale=scale_data(shown.scale, VISIBILITY),
    )


def nearest_panel(case: Case) -> PanelData | None:
    """Show the most similar normal image, stored or given, where the model has any."""
    nearest = nearest_to(case)
    if nearest is None:
        return None
    return PanelData(
        id=NEAREST,
        label="Nearest normal",
        title=TITLES[NEAREST],
        sentence="What does a normal one look like? The most similar of the normal pictures at hand.",
        kind="picture",
        state="ready",
        layer=LAYERS.put_once((NEAREST, case.key), lambda: Layer(content=render.image_png(nearest.image))),
        notes=_plain(nearest.words),
    )


def typical_panel(case: Case) -> PanelData | None:
    """Show the average of the training images, where the model keeps it: what a stranger is unlike."""
    mean = case.model.classifier.references.mean
    if mean is None:
        return None
    return PanelData(
        id=TYPICAL,
        label=TITLES[TYPICAL],
        title=TITLES[TYPICAL],
        sentence="What do the pictures look like that this model knows? All of its training pictures, averaged.",
        kind="picture",
        state="ready",
        layer=LAYERS.put_once(
            (TYPICAL, case.model.fingerprint), lambda: Layer(content=render.image_png(mean))
        ),
    )


def _plain(note: str) -> list[NoteData]:
    return [NoteData(text=note, warns=False)]
