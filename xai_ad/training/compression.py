"""Smaller stored models: kernels in half precision, rounded first and calibrated after."""

from dataclasses import replace
from pathlib import Path

import torch

from xai_ad.data.loading import load_pixels
from xai_ad.errors import InvalidInputError
from xai_ad.machine.locks import ANOTHER_OUTPUT, claim
from xai_ad.networks import Autoencoder
from xai_ad.progress import Progress, part_of, silent
from xai_ad.store import StoredModel, load_calibration, load_network, load_references, save_model
from xai_ad.training.calibration import calibrate
from xai_ad.training.familiarity import kept_or_fitted
from xai_ad.training.pipeline import as_stored, require_free
from xai_ad.training.provenance import split_as_trained


def compress_model(
    stored: StoredModel,
    data: Path,
    layout: str,
    output: Path,
    *,
    levels: int | None = None,
    on_progress: Progress = silent,
) -> StoredModel:
    """Store a model anew in the folder `output`, its kernels in float16 and its threshold placed by the rounded ones.

    Rounding moves scores by a few thousandths. Asymmetric blocks are fused. The card stays as it was, without the
    figures that the unrounded weights gave; `levels` is what `split_as_trained` says. Raises `InvalidInputError` for a
    model that is already in float16 or was fine-tuned, for another dataset, and where the output is the model itself,
    and `InUseError` where another process writes it.
    """
    with claim(output, instead=ANOTHER_OUTPUT):
        return _compressed(stored, data, layout, output.resolve(), levels=levels, on_progress=on_progress)


def _compressed(
    stored: StoredModel, data: Path, layout: str, output: Path, *, levels: int | None, on_progress: Progress
) -> StoredModel:
    card = stored.card
    if card.weights_dtype == "float16":
        raise InvalidInputError(
            f"The model {card.id!r} is already stored in float16. There is nothing to gain."
        )
    if card.parent is not None:
        raise InvalidInputError(
            f"The model {card.id!r} was fine-tuned, by less than float16 rounds away. Compress its parent instead."
        )
    require_free(output)
    if output == stored.path.resolve():
        raise InvalidInputError(f"{str(output)!r} is the model itself. Choose another folder for --output.")
    split = split_as_trained(card, data, layout, levels=levels)
    pixels = load_pixels(split.calibration, card.preprocessing, on_progress=part_of(on_progress, 0.0, 0.5))
    active = load_calibration(stored)
    network, options = as_stored(load_network(stored), card.options)
    network = _rounded(network)
    record = calibrate(
        network,
        split.calibration,
        pixels,
        protocol=card.split.protocol,
        scoring=active.calibration.scoring,
        quantile=active.quantile,
        by_clip=bool(active.clips),
        on_progress=part_of(on_progress, 0.5, 1.0),
    )
    return save_model(
        output,
        replace(
            card,
            id=output.name,
            options=dict(options),
            weights_dtype="float16",
            calibration=record.id,
            metrics={},
        ),
        network=network,
        references=load_references(stored),
        calibrations=(record,),
        familiarity=kept_or_fitted(stored, split),
    )


@torch.no_grad()
def _rounded(network: Autoencoder) -> Autoencoder:
    """Round a network's kernels to what float16 can hold, as `save_model` will store them."""
    for tensor in network.state_dict().values():
        if tensor.ndim > 1:
            tensor.copy_(tensor.half().float())
    return network
