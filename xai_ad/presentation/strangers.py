"""What is said of a picture that is not like those a model learned from: how unlike, why it may be so, and what to do."""

from xai_ad.data.specs import DatasetSpec
from xai_ad.detector.familiarity import Cause, Likeness
from xai_ad.types import Image

LIGHTER = 0.02
"""From which difference of mean brightness on, of the full range, it is said which way the light is off."""

_CAUSES = {
    Cause.OBJECT: "Probably another object: no training picture has such shapes or colours.",
    Cause.FRAMING: "Probably the framing: moved, turned, nearer or farther than in every training picture.",
    Cause.LIGHT: "Probably the light: {light} than every training picture.",
    Cause.SHARPNESS: "Probably the sharpness: more blurred, or noisier, than every training picture.",
    Cause.SHAPE: "Probably the picture's shape: it is squeezed, as no training picture was.",
}
_REMEDIES = {
    Cause.OBJECT: "Is {title} the right dataset? Its models expect {photograph}.",
    Cause.FRAMING: "Take it again as the training pictures were: {photograph}.",
    Cause.LIGHT: "Take it again in the light of the training pictures, with the same exposure.",
    Cause.SHARPNESS: "Take it again in focus, with the camera held still, and not from a small or edited copy.",
    Cause.SHAPE: "Crop it to the shape of the training pictures.",
}


def rank(likeness: Likeness, count: int) -> str:
    """Say how unlike the `count` training pictures it is compared with a picture is."""
    at_least = round(likeness.p_value * (count + 1)) - 1
    if at_least <= 0:
        return f"Less like the training pictures than every one of the {count} that it was compared with."
    return (
        f"Less like the training pictures than {count - at_least} of the {count} that it was compared with."
    )


def advice(likeness: Likeness, spec: DatasetSpec, image: Image, usual: Image | None) -> list[str]:
    """Say what makes a stranger one, and what to do; `usual` is the mean training picture, where that is known."""
    cause = likeness.cause or Cause.OBJECT
    return [
        _CAUSES[cause].format(light=_light(image, usual)),
        _REMEDIES[cause].format(title=spec.title, photograph=spec.photograph),
    ]


def _light(image: Image, usual: Image | None) -> str:
    difference = 0.0 if usual is None else float(image.mean() - usual.mean())
    if abs(difference) < LIGHTER:
        return "another colour or contrast"
    return "brighter" if difference > 0 else "darker"
