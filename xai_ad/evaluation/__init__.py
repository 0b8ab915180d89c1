"""Models on datasets: the figures of 4.3, each from images that set no threshold."""

from xai_ad.evaluation.evaluating import COMPONENTS, Evaluation, evaluate
from xai_ad.evaluation.figures import video_metrics

__all__ = ["COMPONENTS", "Evaluation", "evaluate", "video_metrics"]
