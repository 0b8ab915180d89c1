"""Normal images to fill from: whether a given one may be believed, and which stored one is nearest."""

from dataclasses import dataclass

import torch

from xai_ad.data.specs import Subject
from xai_ad.detector.calibration import State
from xai_ad.errors import ImageError
from xai_ad.explain.fills import nearest_normal
from xai_ad.inspection.cases import Case, CaseKey, open_case
from xai_ad.inspection.image_files import ImageFile
from xai_ad.inspection.models import OpenModel, with_normal
from xai_ad.inspection.results import BoundedCache
from xai_ad.presentation.words import NARROW, WORDING, figure
from xai_ad.types import Image

CONSEQUENCE = "Explanations that fill from it would explain the wrong thing."


def objection(case: Case) -> str | None:
    """Say in one line why an image is no normal one for the model that judged it, or return None.

    The case is that of the image itself, opened as any image under inspection is.
    """
    name, state = case.image_file.name, case.judgement.state
    if state is State.STRANGER:
        return f"{name} is not like the training pictures: nobody can say that it is normal. {CONSEQUENCE}"
    if state is State.ANOMALOUS:
        subject = case.model.card.subject
        found = "itself fails"
        if subject is not Subject.PART:
            found = f"is itself judged {WORDING[subject].abnormal.lower()}"
        times = figure(case.score / case.model.record.calibration.threshold)
        return f"{name} {found}: {times} times the limit. {CONSEQUENCE}"
    return None


def objection_to(model: OpenModel, normal: ImageFile) -> str | None:
    """Say in one line why a photograph is no normal one for a model that was given none, or return None."""
    try:
        return objection(open_case(model, normal))
    except ImageError as error:
        return f"{normal.name}: {error}"


def given_normal(model: OpenModel, normal: ImageFile | None, *, insists: bool) -> OpenModel:
    """Return a model with a photograph of a normal part that it is given, where that is normal to it.

    One that is not is left out, unless somebody `insists`. `model` has been given none.
    """
    if normal is None or (not insists and objection_to(model, normal)):
        return model
    return with_normal(model, normal)


@dataclass(frozen=True, kw_only=True, eq=False)
class NearestNormal:
    """The normal image nearest to one under inspection, and how far off it is.

    `distance` is the root mean square difference of their values in [0, 1]; `usual` the median distance of the
    model's normal images from the nearest other one, or None where there are no two.
    """

    image: Image
    distance: float
    usual: float | None

    @property
    def words(self) -> str:
        """The distance in words."""
        share = f"{figure(100 * self.distance)}{NARROW}% of full brightness"
        if not self.usual:
            return f"It differs by {share} (root mean square)."
        times = self.distance / self.usual
        how = "as far as" if 0.95 <= times < 1.05 else f"{figure(times)} times as far as"
        return f"It differs by {share} (root mean square), {how} normal pictures differ from their nearest."


_NEAREST: BoundedCache[CaseKey, NearestNormal] = BoundedCache(16)


def nearest_to(case: Case) -> NearestNormal | None:
    """Return the normal image, stored or given, that is nearest to a case's pixel by pixel; None where there is none.

    It is the one that `normal` fills from.
    """
    if not case.model.has_normals or case.is_window:
        return None
    return _NEAREST.get_or(case.key, lambda: _nearest(case))


def _nearest(case: Case) -> NearestNormal:
    normals = case.model.classifier.references.normals  # (R, C, H, W)
    nearest = nearest_normal(case.model.classifier, case.image)
    usual = None
    if len(normals) > 1:
        flat = normals.flatten(1).double()
        apart = torch.cdist(flat, flat).fill_diagonal_(float("inf")).amin(dim=1)  # (R,)
        usual = float(apart.median()) / flat.shape[1] ** 0.5
    distance = float((nearest - case.image).square().mean().sqrt())
    return NearestNormal(image=nearest, distance=distance, usual=usual)
