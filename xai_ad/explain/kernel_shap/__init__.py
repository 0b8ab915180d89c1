"""KernelSHAP (Eq. 3.20): Shapley values of the masking game, exact where the budget allows and estimated otherwise."""

from xai_ad.explain.choices import Estimator
from xai_ad.explain.kernel_shap.estimators import ScoreCoalitions, ShapleyValues, estimate_values
from xai_ad.explain.kernel_shap.explainer import KernelShap

__all__ = ["Estimator", "KernelShap", "ScoreCoalitions", "ShapleyValues", "estimate_values"]
