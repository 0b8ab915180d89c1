"""What some minutes of training buy on this computer, from a few timed steps."""

from dataclasses import dataclass, replace

from xai_ad.machine.speeds import training_precision
from xai_ad.progress import Progress
from xai_ad.training.pace import images_per_second
from xai_ad.training.recipe import Loss
from xai_ad.training.recommended import recommended


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """How fast a network trains, in images or frames a second."""

    images_per_second: float

    def times_seen(self, count: int, minutes: float) -> float:
        """Return how often a training of some minutes sees each of a number of pictures."""
        return self.images_per_second * minutes * 60 / max(count, 1)


@dataclass(frozen=True, kw_only=True)
class EstimateQuestion:
    """The question how fast this computer trains a network on pictures of so many channels, in batches of its recipe."""

    network: str
    loss: Loss
    channels: int
    of_videos: bool
    few: bool
    """Whether there are so few pictures that batches are small."""

    def answer(self, progress: Progress) -> Estimate:
        """Time some steps."""
        recipe = recommended(1 if self.few else 1000, of_videos=self.of_videos, network=self.network).recipe
        recipe = replace(recipe, loss=self.loss, precision=training_precision(gpu=False))
        speed = images_per_second(self.network, recipe, channels=self.channels, on_progress=progress)
        return Estimate(images_per_second=speed)
