"""Other libraries' explanations of the same pictures, a file each, measured as this package's own are."""

from xai_ad.benchmarks.rivals.base import Rival
from xai_ad.benchmarks.rivals.captum_maps import CaptumGradients, CaptumOcclusion
from xai_ad.benchmarks.rivals.lime_image import LimeImage
from xai_ad.benchmarks.rivals.shap_partition import ShapPartition
from xai_ad.benchmarks.rivals.shapiq_values import ShapiqValues

BY_SHAPIQ = ("OddSHAP", "ProxySHAP")
"""Its newest estimators that a pipe can serve."""

RIVALS: tuple[Rival, ...] = (
    ShapPartition(id="shap_partition", title="shap partition explainer, blurred"),
    ShapPartition(id="shap_partition_normal", title="shap partition explainer, our fill", normal=True),
    LimeImage(id="lime_image", title="lime, its defaults"),
    CaptumOcclusion(id="captum_occlusion", title="captum occlusion, black"),
    CaptumOcclusion(id="captum_occlusion_normal", title="captum occlusion, our fill", normal=True),
    CaptumGradients(id="captum_gradients", title="captum integrated gradients, from black"),
    CaptumGradients(
        id="captum_gradients_normal", title="captum integrated gradients, from our fill", normal=True
    ),
)


def rivals_by_shapiq(interpreter: str) -> tuple[Rival, ...]:
    """Return shapiq's estimators, in the process of an interpreter that has them."""
    return tuple(
        ShapiqValues(id=name.lower(), title=f"shapiq {name}", estimator=name, interpreter=interpreter)
        for name in BY_SHAPIQ
    )
