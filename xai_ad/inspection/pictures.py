"""Every picture of a case, as the screen has it, drawn on the original photograph at its own resolution."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np
from PIL import Image as Pillow

from xai_ad.data.specs import Subject
from xai_ad.detector.placement import Placement
from xai_ad.explain import Direction
from xai_ad.explain.base import Explainer
from xai_ad.explain.results import (
    Attribution,
    Counterfactual,
    Rectangle,
    changed_frame,
    in_frame,
    rectangles_in,
)
from xai_ad.inspection.cases import Case
from xai_ad.inspection.image_files import LARGEST_SIDE, decoded, shown_image
from xai_ad.inspection.normals import nearest_to
from xai_ad.inspection.options import differences_of
from xai_ad.inspection.results import TimedExplanation
from xai_ad.presentation import render
from xai_ad.presentation.canvas import Canvas
from xai_ad.presentation.captions import Caption, DrawnScale, captioned
from xai_ad.presentation.evidence import regions_of_map
from xai_ad.presentation.legends import (
    ATTENTION,
    EXPLANATIONS,
    NEAREST,
    RECONSTRUCTION,
    SEEN,
    SIMILARITY,
    STRUCTURE,
    TITLES,
    TYPICAL,
    VISIBILITY,
    Legend,
)
from xai_ad.presentation.notes import findings, title_of
from xai_ad.presentation.regions import DefectRegion, Polygon, regions_in_words
from xai_ad.presentation.scales import MapScale, ShownMap, Unit, share_scale, shown_map
from xai_ad.presentation.words import (
    HEADLINES,
    MEASURES,
    NO_DIAGNOSIS,
    WORDING,
    figure,
    percent,
    verdict_word,
)
from xai_ad.types import Image, Mask

NO_REASON = "Not like the training pictures: what is drawn explains no verdict."
HASH_DIGITS = 12


@dataclass(frozen=True, kw_only=True)
class View:
    """How the screen shows pictures, and when they are taken from it.

    Maps are laid over with `opacity`, other pictures with `picture_opacity`, 0 to 1. `starts` are the strengths, 0 to
    1, from which on maps are drawn, by their scale's id, where a person moved them. `outlined` is whether evidence is
    outlined; None leaves it to the verdict, as a page begins.
    """

    opacity: float = render.OPACITY
    picture_opacity: float = 1.0
    starts: Mapping[str, float] = field(default_factory=dict)
    outlined: bool | None = None
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def scale(self, scale: MapScale, legend: Legend) -> MapScale:
        """Return a map's scale as the screen has cut it."""
        start = self.starts.get(legend.id)
        return scale if start is None else replace(scale, start=float(scale.value(np.array(start))))


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """One panel's content: a `layer`, the network's size, or a map, `shown` in the words of its scale.

    `result` says in a sentence what it came to. `legend` is the map's.
    """

    id: str
    title: str
    result: str = ""
    layer: Image | None = None
    shown: ShownMap | None = None
    legend: Legend = EXPLANATIONS[Unit.DENSITY]
    unsure: Mask | None = None
    rectangles: tuple[Rectangle, ...] = ()
    regions: tuple[DefectRegion, ...] = ()


def pictures_of(case: Case, explanations: Mapping[Explainer, TimedExplanation]) -> dict[str, Picture]:
    """Return a case's pictures by their panels' ids: what it always has, then its explanations."""
    found = [
        Picture(id=SEEN, title=TITLES[SEEN], layer=case.still),
        Picture(id=RECONSTRUCTION, title=TITLES[RECONSTRUCTION], layer=case.prediction.reconstructions[0]),
        _similarity(case),
    ]
    if case.attention is not None:
        found.append(
            Picture(
                id=ATTENTION,
                title=TITLES[ATTENTION],
                shown=ShownMap(values=case.attention, scale=share_scale(), signed=False),
                legend=VISIBILITY,
            )
        )
    if (usual := case.model.classifier.references.mean) is not None:
        found.append(Picture(id=TYPICAL, title=TITLES[TYPICAL], layer=usual))
    if (nearest := nearest_to(case)) is not None:
        found.append(Picture(id=NEAREST, title=TITLES[NEAREST], layer=nearest.image, result=nearest.words))
    found += [explained(case, explainer, timed) for explainer, timed in explanations.items()]
    return {picture.id: picture for picture in found}


def _similarity(case: Case) -> Picture:
    shown = ShownMap(values=case.dissimilarity, scale=share_scale(), signed=False)
    regions = regions_of_map(shown, case.placement)
    return Picture(
        id=SIMILARITY,
        title=TITLES[SIMILARITY],
        result=regions_in_words(regions, case.placement.grid),
        shown=shown,
        legend=STRUCTURE,
        regions=regions,
    )


def explained(case: Case, explainer: Explainer, timed: TimedExplanation) -> Picture:
    """Return the picture of an explanation."""
    explanation, calibration = timed.explanation, case.model.record.calibration
    title = title_of(explainer)
    if isinstance(explanation, Counterfactual):
        transplanted = explanation.direction is Direction.TRANSPLANT
        words = findings(explanation, calibration)
        return Picture(
            id=explainer.id,
            title=title,
            layer=changed_frame(explanation, case.place) if transplanted else None,
            rectangles=rectangles_in(explanation, case.place),
            result=words[0] if words else "",
        )
    shown = shown_map(explanation, calibration, frame=case.place)
    regions = regions_of_map(shown, case.placement)
    return Picture(
        id=explainer.id,
        title=title,
        shown=shown,
        legend=EXPLANATIONS[shown.scale.unit],
        unsure=_unsure(explanation, case.place),
        regions=regions,
        result=" ".join(
            filter(None, [regions_in_words(regions, case.placement.grid), differences_of(explainer)])
        ),
    )


def _unsure(explanation: Attribution, frame: int) -> Mask | None:
    pixels = explanation.by_segment.unsure_pixels if explanation.by_segment else None
    return None if pixels is None else in_frame(pixels, frame)


def drawn(case: Case, picture: Picture, view: View, *, largest: int | None = None) -> Pillow.Image:
    """Return a picture on the whole original, with its caption; one longer than `largest` pixels is reduced to that."""
    return captioned(painted(case, picture, view, largest=largest), caption_of(case, picture, view))


def painted(
    case: Case,
    picture: Picture,
    view: View,
    *,
    largest: int | None = None,
    truth: Iterable[Polygon] = (),
) -> Pillow.Image:
    """Return a picture on the whole original, without a caption; `truth` outlines the true defect, in grid pixels."""
    photo, placement = _ground(case, largest)
    canvas = Canvas.of(photo, placement)
    if picture.layer is not None:
        canvas.lay(render.to_image(picture.layer), opacity=view.picture_opacity)
    if picture.shown is not None:
        shown = replace(picture.shown, scale=view.scale(picture.shown.scale, picture.legend))
        canvas.lay(render.coloured(shown, opacity=view.opacity))
        if picture.unsure is not None and picture.unsure.any():
            canvas.lay(render.hatched(picture.unsure, canvas.size, view.opacity))
        if case.judgement.is_suspect if view.outlined is None else view.outlined:
            canvas.outline(polygon for region in picture.regions for polygon in region.contours)
    canvas.mark_rectangles(picture.rectangles)
    canvas.mark_truth(truth)
    canvas.mark_seen()
    return canvas.picture


def _ground(case: Case, largest: int | None) -> tuple[Pillow.Image, Placement]:
    """Return the photograph, at most so many pixels a side, and where the network's grid lies on it."""
    whole = decoded(case.image_file).pixels
    side = max(whole.size)
    if largest is None or side <= largest:
        return whole, case.placement
    # Reducing twice costs nothing that is seen, and a large photograph is reduced once for all cells of a sheet.
    photo = shown_image(case.image_file) if largest <= LARGEST_SIDE else whole
    share = largest / side
    size = max(1, round(whole.width * share)), max(1, round(whole.height * share))
    return photo.resize(size, Pillow.Resampling.LANCZOS), _reduced(case.placement, share)


def caption_of(case: Case, picture: Picture, view: View) -> Caption:
    """Return what stands below a picture: verdict, score, limit, scale, and what it was made from."""
    record, card = case.model.record, case.model.card
    judgement, limit = case.judgement, record.calibration.threshold
    wording = WORDING[card.subject]
    verdict = verdict_word(judgement.state, wording)
    if headline := HEADLINES.get(judgement.state):
        verdict = f"{verdict}: {headline}"
    times = figure(judgement.score / limit)
    lines = [
        f"{picture.title}. {picture.result}".strip(),
        *_drawing(picture, view),
        *([_seen_words(case)] if is_part(case) else []),
        f"Model {card.id}. {_file_words(case, view)}",
        *([] if judgement.may_be_explained else [NO_REASON]),
        *([NO_DIAGNOSIS] if card.subject is Subject.LESION else []),
    ]
    return Caption(
        verdict=verdict,
        figures=(
            f"Score {times} times the limit (limit = 1); raw {figure(judgement.score)}, limit {figure(limit)}: "
            f"{MEASURES[record.calibration.scoring.score]}."
        ),
        lines=tuple(lines),
        scale=_drawn_scale(picture, view),
    )


def _drawing(picture: Picture, view: View) -> list[str]:
    """Say how a map is drawn."""
    if picture.shown is None:
        return []
    start = figure(view.scale(picture.shown.scale, picture.legend).start)
    hatch = (
        " Hatched: not even the sign is sure." if picture.unsure is not None and picture.unsure.any() else ""
    )
    return [f"Drawn at {percent(view.opacity)} opacity; below {start} nothing is drawn.{hatch}"]


def _drawn_scale(picture: Picture, view: View) -> DrawnScale | None:
    if picture.shown is None:
        return None
    return DrawnScale(
        scale=view.scale(picture.shown.scale, picture.legend),
        signed=picture.shown.signed,
        opacity=view.opacity,
        legend=picture.legend,
    )


def _file_words(case: Case, view: View) -> str:
    file = case.image_file
    return f"File {file.name}, SHA-256 {file.sha256[:HASH_DIGITS]}. Made {view.at:%Y-%m-%d %H:%M} UTC."


def is_part(case: Case) -> bool:
    """Return whether the network saw another rectangle than the whole photograph."""
    photo, seen = decoded(case.image_file).pixels, case.placement
    return (seen.top, seen.left, seen.height, seen.width) != (0, 0, photo.height, photo.width)


def _seen_words(case: Case) -> str:
    seen = case.placement
    return (
        f"The yellow frame is what the network saw: {seen.width} x {seen.height} pixels from row {seen.top}, "
        f"column {seen.left}."
    )


def _reduced(placement: Placement, share: float) -> Placement:
    """Return where the grid lies on a photograph that was reduced to a share of its sides."""
    top, left = round(placement.top * share), round(placement.left * share)
    bottom, right = (
        round((start + length) * share)
        for start, length in ((placement.top, placement.height), (placement.left, placement.width))
    )
    return replace(placement, top=top, left=left, height=max(1, bottom - top), width=max(1, right - left))
