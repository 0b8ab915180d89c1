"""What is known about the datasets the package meets by name: their subject, their licence, how to speak of them."""

from dataclasses import dataclass
from enum import StrEnum

from xai_ad.data.fitting import Proportions


class Subject(StrEnum):
    """What the images show; it picks the verdict's words."""

    PART = "part"
    LESION = "lesion"
    SCENE = "scene"


@dataclass(frozen=True, kw_only=True)
class DatasetSpec:
    """A dataset by name. `licence` is that of weights trained on it."""

    title: str
    subject: Subject
    licence: str
    photograph: str
    """What a person should upload, for a set that ships no images."""
    generated: bool = False
    """Made by this package, so that its images may be stored beside the weights."""
    proportions: Proportions | None = None
    """The shape of the images as published, where copies are in use that were squeezed into squares: what a person
    takes has that shape, whatever the files that a model was trained on have."""


_UCSD = "unstated, research use (trained on UCSD {}; Mahadevan et al., CVPR 2010)"
_SUBWAY = "unstated, research use (trained on Subway {}; Adam et al., TPAMI 2008)"
_KOLEKTOR = "CC BY-NC-SA 4.0, non-commercial (trained on {})"
_MVTEC = "CC BY-NC-SA 4.0, non-commercial (trained on MVTec AD; Bergmann et al., CVPR 2019)"

DATASETS: dict[str, DatasetSpec] = {
    "washer": DatasetSpec(
        title="Washers (generated)",
        subject=Subject.PART,
        licence="MIT",
        photograph="a turned metal washer from above, filling most of a square picture",
        generated=True,
    ),
    "lesion": DatasetSpec(
        title="Skin lesions (generated)",
        subject=Subject.LESION,
        licence="MIT",
        photograph="a dermatoscopic photograph of one naevus, centred and filling about half of the picture",
        generated=True,
    ),
    "walkway": DatasetSpec(
        title="Walkway (generated)",
        subject=Subject.SCENE,
        licence="MIT",
        photograph="a whole frame of the set's camera: a walkway that people cross from side to side",
        generated=True,
    ),
    "bottle": DatasetSpec(
        title="MVTec bottle",
        subject=Subject.PART,
        licence=_MVTEC,
        photograph="a bottle's mouth from above, centred on a white ground, as in MVTec AD",
    ),
    "ham10000": DatasetSpec(
        title="HAM10000 skin lesions",
        subject=Subject.LESION,
        licence="CC BY-NC 4.0, non-commercial (trained on HAM10000; Tschandl et al., Scientific Data 2018)",
        photograph="a dermatoscopic photograph of one pigmented lesion, filling most of the picture",
        proportions=Proportions(width=4, height=3),  # 600x450 pixels
    ),
    "ddds": DatasetSpec(
        title="Daytime Driver Distraction",
        subject=Subject.SCENE,
        licence="unstated (trained on the Daytime Driver Distraction Dataset; Ou et al., ICIAR 2019)",
        photograph="a driver's upper body from the camera that took the training pictures",
    ),
    "ped1": DatasetSpec(
        title="UCSD Ped 1",
        subject=Subject.SCENE,
        licence=_UCSD.format("Ped 1"),
        photograph="a whole frame of the set's camera: a walkway that people follow towards it and away",
    ),
    "ped2": DatasetSpec(
        title="UCSD Ped 2",
        subject=Subject.SCENE,
        licence=_UCSD.format("Ped 2"),
        photograph="a whole frame of the set's camera: a walkway that people cross from side to side",
    ),
    "avenue": DatasetSpec(
        title="CUHK Avenue",
        subject=Subject.SCENE,
        licence="unstated, research use (trained on CUHK Avenue; Lu et al., ICCV 2013)",
        photograph="a whole frame of the set's camera: an avenue between a building's columns",
    ),
    "subway_entrance": DatasetSpec(
        title="Subway Entrance",
        subject=Subject.SCENE,
        licence=_SUBWAY.format("Entrance"),
        photograph="a whole frame of the set's camera: the turnstiles of a subway's entrance",
    ),
    "subway_exit": DatasetSpec(
        title="Subway Exit",
        subject=Subject.SCENE,
        licence=_SUBWAY.format("Exit"),
        photograph="a whole frame of the set's camera: the exit gates of a subway platform",
    ),
    "kolektor_sdd": DatasetSpec(
        title="KolektorSDD",
        subject=Subject.PART,
        licence=_KOLEKTOR.format("KolektorSDD; Tabernik et al., Journal of Intelligent Manufacturing 2020"),
        photograph="a commutator's plastic surface from the set's camera, as in KolektorSDD",
    ),
    "kolektor_sdd2": DatasetSpec(
        title="KolektorSDD2",
        subject=Subject.PART,
        licence=_KOLEKTOR.format("KolektorSDD2; Božič et al., Computers in Industry 2021"),
        photograph="a surface from the set's camera, as in KolektorSDD2",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Family:
    """A publication of several datasets, its categories, which share a licence."""

    title: str
    licence: str
    categories: tuple[str, ...]


FAMILIES: dict[str, Family] = {
    "visa": Family(
        title="VisA",
        licence="CC BY 4.0 (trained on VisA; Zou et al., ECCV 2022)",
        categories=(
            *("candle", "capsules", "cashew", "chewinggum", "fryum", "macaroni1", "macaroni2"),
            *("pcb1", "pcb2", "pcb3", "pcb4", "pipe_fryum"),
        ),
    ),
    "btad": Family(
        title="BTAD",
        licence="CC BY-NC-SA 4.0, non-commercial (trained on BeanTech AD; Mishra et al., ISIE 2021)",
        categories=("01", "02", "03"),
    ),
    "loco": Family(
        title="MVTec LOCO",
        licence="CC BY-NC-SA 4.0, non-commercial (trained on MVTec LOCO AD; Bergmann et al., IJCV 2022)",
        categories=("breakfast_box", "juice_bottle", "pushpins", "screw_bag", "splicing_connectors"),
    ),
    "mvtec_ad2": Family(
        title="MVTec AD 2",
        licence="CC BY-NC-SA 4.0, non-commercial (trained on MVTec AD 2; Heckler-Kram et al., 2025)",
        categories=(
            *("can", "fabric", "fruit_jelly", "rice", "sheet_metal", "vial", "wallplugs", "walnuts"),
        ),
    ),
}
"""By layout. A category's dataset is called after both, `loco_pushpins`: a bare `can` may be anybody's."""


def name_in_family(layout: str, category: str) -> str:
    """Return the name of a category's dataset; that of a folder of somebody's own is what the folder is called.

    >>> name_in_family("btad", "01"), name_in_family("btad", "mine")
    ('btad_01', 'mine')
    """
    family = FAMILIES.get(layout)
    known = family is not None and category.lower() in family.categories
    return f"{layout}_{category.lower()}" if known else category


def _in_family(name: str) -> DatasetSpec | None:
    """Return what is known about a category's dataset."""
    for layout, family in FAMILIES.items():
        category = name.removeprefix(f"{layout}_")
        if category != name and category in family.categories:
            return DatasetSpec(
                title=f"{family.title} {category.replace('_', ' ')}",
                subject=Subject.PART,
                licence=family.licence,
                photograph=f"a picture like those of {family.title}, of the same object and from the same camera",
            )
    return None


def dataset_spec(name: str, *, generated: bool = True, subject: Subject = Subject.PART) -> DatasetSpec:
    """Return what is known about a dataset; one that is not in the table is somebody's own, and shows `subject`.

    So is a folder that only bears a generated set's name: then `generated` is false.
    """
    spec = DATASETS.get(name) or _in_family(name)
    if spec is not None and (generated or not spec.generated):
        return spec
    return DatasetSpec(
        title=name,
        subject=subject,
        licence="unstated: that of the images it was trained on",
        photograph="a picture like those it was trained on",
    )
