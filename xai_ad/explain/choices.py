"""What a person can choose of a method."""

from enum import StrEnum


class Fill(StrEnum):
    """What stands in for an absent segment."""

    AUTO = "auto"
    """The first of `normal`, `dataset_mean` and `reconstruction` that is itself normal."""
    NORMAL = "normal"
    """The nearest of the model's normal images."""
    DATASET_MEAN = "dataset_mean"
    """The mean training image."""
    RECONSTRUCTION = "reconstruction"
    """What the network makes of the image."""
    MEAN = "mean"
    """The image's mean colour."""
    SEGMENT_MEAN = "segment_mean"
    """Each segment's own mean colour, as the library lime fills."""
    BLUR = "blur"
    """The image, blurred."""
    BLACK = "black"
    """Nothing at all."""


class Estimator(StrEnum):
    """How Shapley values are estimated where the budget does not hold all coalitions."""

    ODD_GP = "odd_gp"
    """Pairs chosen to tell the most, and a Gaussian process of the odd interactions; knows its uncertainty."""
    REGRESSION = "regression"
    """Pairs sampled by kernel weight, and constrained weighted least squares."""
    SHAP = "shap"
    """The shap library as it comes, which keeps at most ten segments."""
    SHAP_NO_L1 = "shap_no_l1"
    """The shap library with `l1_reg=0`, which keeps all segments."""


class Direction(StrEnum):
    """Which verdict a counterfactual is to flip, and how."""

    REPAIR = "repair"
    """Put normal content into an anomalous image until it passes."""
    TRANSPLANT = "transplant"
    """Put parts of the image into a normal one until that fails."""


class Extent(StrEnum):
    """Of what a counterfactual exchanges as little as it can."""

    SPACE = "space"
    """Rectangles of the picture, in a clip through all frames of the window."""
    TIME = "time"
    """Whole frames of a clip's window, one after another."""


class Search(StrEnum):
    """How a counterfactual's rectangles are looked for."""

    EXACT = "exact"
    """All of them in order of area, until one flips: none smaller exists on the grid."""
    FAST = "fast"
    """The most promising, at most a tenth of them: a smaller one may exist."""
