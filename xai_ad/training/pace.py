"""How fast this computer trains a network: a few steps of a training, timed."""

import time
from collections.abc import Mapping
from typing import Any

import torch

from xai_ad.machine.execution import Precision
from xai_ad.networks import IMAGE_SIZE, build_autoencoder
from xai_ad.progress import Progress, silent
from xai_ad.training.material import reconstruct_batch
from xai_ad.training.recipe import Recipe

STEPS, WARM_UP = 20, 2
"""Steps that are timed, and those before them: the first allocate, and choose kernels."""
LONGEST = 8.0
"""Seconds after which fewer steps have to do."""


def images_per_second(
    network: str,
    recipe: Recipe,
    *,
    channels: int,
    options: Mapping[str, Any] | None = None,
    on_progress: Progress = silent,
) -> float:
    """Return how many images, or frames of clips, a second a network trains on, as it would by the recipe.

    Twenty steps on random images, or as many as eight seconds have room for, are timed.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        built = build_autoencoder(network, channels=channels, options=options or {})
        built.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks it
        frames = (built.frames,) if built.frames > 1 else ()
        side = built.size or IMAGE_SIZE
        batch = torch.randint(0, 256, (recipe.batch_size, *frames, channels, side, side), dtype=torch.uint8)
    optimizer = torch.optim.Adam(built.parameters(), lr=recipe.learning_rate)
    built.train()
    began, done = time.perf_counter(), 0
    for step in range(STEPS + WARM_UP):
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.precision is Precision.BFLOAT16):
            wanted, answered, penalty = reconstruct_batch(built, batch)
        error = recipe.scoring.reduce(recipe.scoring.map(wanted, answered.float())).mean() + penalty
        optimizer.zero_grad()
        error.backward()  # type: ignore[no-untyped-call]  # torch's stub lacks it
        optimizer.step()
        on_progress((step + 1) / (STEPS + WARM_UP))
        if step == WARM_UP - 1:
            began = time.perf_counter()
        elif step >= WARM_UP:
            done += 1
            if time.perf_counter() - began > LONGEST:
                break
    return done * batch[..., 0, 0, 0].numel() / (time.perf_counter() - began)
