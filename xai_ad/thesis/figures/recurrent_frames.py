"""Figures 4.11 to 4.13: what recurrent networks make of frames that follow one another (4.9.2)."""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import torch
from PIL import Image as Pillow

from xai_ad.data.images import to_float
from xai_ad.data.loading import load_pixels
from xai_ad.errors import InvalidInputError
from xai_ad.networks import CLIP_FRAMES, SEED_FRAMES, ClipAutoencoder, ClipPredictor
from xai_ad.presentation.figures.shown import Grid, Tile
from xai_ad.store import StoredModel, load_network, load_references
from xai_ad.thesis.base import Request, Source
from xai_ad.thesis.cells import require_reported, variants_at_hand
from xai_ad.thesis.figures.base import Drawing, figure
from xai_ad.thesis.figures.samples import first_cells, mean_squared_error, tiles_of
from xai_ad.thesis.figures.windows import Motion, Window, choose_windows, motion
from xai_ad.thesis.report import Rows
from xai_ad.thesis.variants import Variant, variant_named, variants_named
from xai_ad.types import Images

_LAYERS = ("", "-recurrent_layers_2", "-recurrent_layers_3")
BY_LAYERS = variants_named(
    *(f"crnn{decoder}{layers}" for decoder in ("-decoder_recurrent", "") for layers in _LAYERS)
)
"""What Figure 4.11 compares."""
BOTH_WAYS = variants_named(*(f"{way}{cell}" for cell in ("crnn", "clstm", "cgru") for way in ("", "bi")))
"""What Figure 4.13 compares."""
PREDICTED = 8
"""Frames that Figure 4.12 shows: twice as many as the network answers with at once."""
PREDICTOR = variant_named("seq2seq_clstm-decoder_recurrent-recurrent_layers_2")


@torch.inference_mode()
def reconstruct_window(stored: StoredModel, window: Window) -> tuple[Images, Images, Motion]:
    """Return a window's frames and their reconstructions by a model of clips, (T, C, H, W) each, and how they compare.

    Raises `InvalidInputError` for one of images or one that predicts.
    """
    network = load_network(stored)
    if not isinstance(network, ClipAutoencoder) or network.seeds:
        raise InvalidInputError(
            f"{stored.card.id!r} does not reconstruct clips. Choose crnn, clstm, cgru, or a bi one."
        )
    frames = to_float(load_pixels(window.samples, stored.card.preprocessing))
    found = network.answer(frames[None])[0]
    return frames, found, motion(frames, found, load_references(stored)["mean"])


@torch.inference_mode()
def predict_window(stored: StoredModel, window: Window) -> tuple[Images, Images]:
    """Return a window's frames, (4 + 8, C, H, W), and the last eight of them as predicted from the first four.

    Raises `InvalidInputError` for a model that does not predict.
    """
    network = load_network(stored)
    if not isinstance(network, ClipPredictor):
        raise InvalidInputError(
            f"{stored.card.id!r} does not predict frames. Choose a sequence-to-sequence network."
        )
    frames = to_float(load_pixels(window.samples, stored.card.preprocessing))
    return frames, network.predict(frames[None, :SEED_FRAMES], PREDICTED)[0]


def draw_windows(request: Request, source: Source, *, variants: tuple[Variant, ...]) -> Drawing:
    """Draw windows of frames, a column for each frame, and below each what the networks make of it."""
    windows = choose_windows(require_reported(request, source).test, CLIP_FRAMES)
    chosen = variants_at_hand(request, source, variants, runs=1)
    cells = first_cells(request, source, chosen)
    rows: list[tuple[str, list[Tile]]] = []
    numbers: list[dict[str, Any]] = []
    table: list[list[str]] = []
    for window in windows:
        models: dict[str, Any] = {}
        for variant, stored in zip(chosen, cells, strict=True):
            frames, found, moved = reconstruct_window(stored, window)
            if not models:
                rows.append((window.name, tiles_of(frames)))
            rows.append((variant.short.replace(" (", "\n("), _with_errors(found, moved.mse)))
            models[variant.name] = asdict(moved)
            figures = (moved.share, moved.agreement, moved.departure)
            mean = f"{sum(moved.mse) / len(moved.mse):.4f}"
            compared = ["-" if figure is None else f"{figure:.3f}" for figure in figures]
            table.append([variant.short, _in_line(window), mean, *compared])
        numbers.append({**window.record(), "models": models})
    header = [
        "network", "window", "MSE", "change from frame to frame, of the input's", "correlation of the changes",
        "distance from the mean training image, of the input's",
    ]  # fmt: skip
    return Drawing(
        shown=_frames(range(CLIP_FRAMES), rows, side=112),
        numbers={"windows": numbers},
        table=Rows(header, table),
    )


def draw_predictions(request: Request, source: Source) -> Drawing:
    """Draw four seeds and the eight frames after them, and below these what is predicted."""
    windows = choose_windows(require_reported(request, source).test, SEED_FRAMES + PREDICTED)
    (stored,) = first_cells(request, source, [PREDICTOR])
    rows: list[tuple[str, list[Tile]]] = []
    numbers: list[dict[str, Any]] = []
    header = ["frame"]
    table = [[_step(step)] for step in range(PREDICTED)]
    for window in windows:
        frames, predicted = predict_window(stored, window)
        seeds, following = frames[:SEED_FRAMES], frames[SEED_FRAMES:]
        errors, repeated = (
            mean_squared_error(following, others).tolist()
            for others in (predicted, seeds[-1:].expand_as(following))
        )
        numbers.append({**window.record(), "mse": errors, "last_seed_mse": repeated})
        blank = Tile(image=Pillow.new("L", (frames.shape[-1], frames.shape[-2]), "white"), caption=("seed",))
        rows.append((window.name, tiles_of(frames)))
        rows.append(("predicted", [*[blank] * SEED_FRAMES, *_with_errors(predicted, errors)]))
        header += [f"MSE, {_in_line(window)}", "MSE of the last seed"]
        for row, *figures in zip(table, errors, repeated, strict=True):
            row += [f"{figure:.4f}" for figure in figures]
    return Drawing(
        shown=_frames(range(-SEED_FRAMES, PREDICTED), rows, side=104),
        numbers={"windows": numbers},
        table=Rows(header, table),
    )


def _in_line(window: Window) -> str:
    return window.name.replace("\n", ", ")


def _step(step: int) -> str:
    """A frame's place from the first that is reconstructed or predicted."""
    return f"t {'-' if step < 0 else '+'} {abs(step)}" if step else "t"


def _frames(steps: Iterable[int], rows: Sequence[tuple[str, list[Tile]]], *, side: int) -> Grid:
    names, tiles = zip(*rows, strict=True)
    return Grid(columns=tuple(map(_step, steps)), rows=names, tiles=tuple(map(tuple, tiles)), side=side)


def _with_errors(frames: Images, errors: Sequence[float]) -> list[Tile]:
    return tiles_of(frames, [f"MSE {error:.4f}" for error in errors])


RECURRENT_FRAMES = (
    *(
        figure(name, functools.partial(draw_windows, variants=variants), of_videos=True, variants=variants)
        for name, variants in (("figure-4.11", BY_LAYERS), ("figure-4.13", BOTH_WAYS))
    ),
    figure("figure-4.12", draw_predictions, of_videos=True),
)
