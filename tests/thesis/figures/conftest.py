"""Cells that are untrained stored models, so that a figure of them is drawn in a moment."""

from dataclasses import replace

import pytest
import torch

from xai_ad.data.layouts import read_dataset, split_dataset
from xai_ad.networks import CLIP_FRAMES, NetworkKind, build_autoencoder, network_spec
from xai_ad.store import load_calibration, load_references, save_model
from xai_ad.thesis.figures import samples


@pytest.fixture
def stored_as(stored_model, mvtec_folder, tmp_path):
    """Return the untrained cell of a variant, as if trained on the small dataset."""
    counts = split_dataset(read_dataset(mvtec_folder, "mvtec")).counts

    def build(variant):
        network = build_autoencoder(variant.network, options=variant.options)
        with torch.no_grad():
            generator = torch.Generator().manual_seed(len(variant.name))
            for parameter in network.parameters():
                if (
                    parameter.ndim > 1 and parameter.numel() > 1
                ):  # scaled up, so that an image makes a difference that reaches the output
                    parameter.copy_(parameter.std() * 2.5 * torch.randn(parameter.shape, generator=generator))
        frames = CLIP_FRAMES if network_spec(variant.network).kind is NetworkKind.CLIP else None
        card = replace(
            stored_model.card,
            options=dict(variant.options),
            preprocessing=replace(stored_model.card.preprocessing, frames=frames),
            id=f"{variant.name}-seed0",
            network=variant.network,
            split=replace(stored_model.card.split, counts=counts),
            metrics={"held-out": {"auc_roc": 0.75}},
        )
        return save_model(
            tmp_path / "cells" / card.id,
            card,
            network=network,
            references=load_references(stored_model),
            calibrations=(load_calibration(stored_model),),
        )

    return build


@pytest.fixture
def cells(stored_as, monkeypatch):
    """Put untrained cells in the place of trained ones; return them by variant's name, as they are asked for."""
    built = {}

    def cell(request, source, variant, seed, *, clock=None):
        assert seed == 0
        if variant.name not in built:
            built[variant.name] = stored_as(variant)
        return built[variant.name]

    monkeypatch.setattr(samples, "cell", cell)
    return built
