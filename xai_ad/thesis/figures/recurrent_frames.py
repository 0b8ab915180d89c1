"""Figures 4.11 to 4.13: what recurrent networks make of frames that follow one another (4.9.2)."""

import functools
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from PIL import Image as Pillow

from xai_ad.data.images import to_float
from xai_ad.data.loading import load_pixels
from xai_ad.detector.losses import squared_error_values
from xai_ad.errors import InvalidInputError
from xai_ad.networks import CLIP_FRAMES, SEED_FRAMES, ClipAutoencoder, ClipPredictor
from xai_ad.presentation.figures.shown import Grid, Tile
from xai_ad.store import StoredModel, load_network, load_references
from xai_ad.thesis.base import Request, Source
from xai_ad.thesis.cells import variants_at_hand
from xai_ad.thesis.figures.base import Drawing, figure
from xai_ad.thesis.figures.samples import first_cells, reported_samples, tiles_of
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


@dataclass(frozen=True, kw_only=True, eq=False)
class ReconstructedWindow:
    """A window's reconstruction, (T, C, H, W), each frame's mean squared error, and how it moves."""

    reconstructions: Images
    mse: list[float]
    motion: Motion


@torch.inference_mode()
def reconstruct_window(stored: StoredModel, window: Window) -> tuple[Images, ReconstructedWindow]:
    """Return a window's frames, (T, C, H, W), and what a model of clips makes of them.

    Raises `InvalidInputError` for one of images or one that predicts.
    """
    network = load_network(stored)
    if not isinstance(network, ClipAutoencoder) or network.seeds:
        raise InvalidInputError(
            f"{stored.card.id!r} does not reconstruct clips. Choose crnn, clstm, cgru, or a bi one."
        )
    pixels = load_pixels(window.samples, stored.card.preprocessing)
    frames = to_float(pixels)
    found = network.answer(frames[None])[0]
    moved = motion(frames, found, load_references(stored)["mean"])
    return frames, ReconstructedWindow(reconstructions=found, mse=_errors(frames, found), motion=moved)


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
    pixels = load_pixels(window.samples, stored.card.preprocessing)
    frames = to_float(pixels)
    return frames, network.predict(frames[None, :SEED_FRAMES], PREDICTED)[0]


def draw_windows(request: Request, source: Source, *, variants: tuple[Variant, ...]) -> Drawing:
    """Draw windows of frames, a column for each frame, and below each what the networks make of it."""
    windows = choose_windows(reported_samples(request, source), CLIP_FRAMES)
    chosen = variants_at_hand(request, source, variants, runs=1)
    cells = dict(zip(chosen, first_cells(request, source, chosen), strict=True))
    rows: list[tuple[str, list[Tile]]] = []
    numbers: list[dict[str, Any]] = []
    table: list[list[str]] = []
    for window in windows:
        found = {variant: reconstruct_window(stored, window) for variant, stored in cells.items()}
        models = {}
        rows.append((window.name, tiles_of(next(iter(found.values()))[0])))
        for variant, (_, each) in found.items():
            rows.append((variant.short.replace(" (", "\n("), _with_errors(each.reconstructions, each.mse)))
            models[variant.name] = {"mse": each.mse, **asdict(each.motion)}
            figures = (each.motion.share, each.motion.agreement, each.motion.departure)
            mean = f"{sum(each.mse) / len(each.mse):.4f}"
            moved = ["-" if figure is None else f"{figure:.3f}" for figure in figures]
            table.append([variant.short, window.line, mean, *moved])
        numbers.append({**window.record(), "models": models})
    note = (
        "Each window's first row is the frames themselves. In brackets the recurrent layers, and Y for a 2D decoder, N for "
        "a recurrent one."
    )
    header = [
        "network",
        "window",
        "MSE",
        "change from frame to frame, of the input's",
        "correlation of the changes",
        "distance from the mean training image, of the input's",
    ]
    return Drawing(
        shown=_frames([_step(step) for step in range(CLIP_FRAMES)], rows, note=note, side=112),
        numbers={"windows": numbers},
        table=Rows(header, table),
    )


def draw_predictions(request: Request, source: Source) -> Drawing:
    """Draw four seeds and the eight frames after them, and below these what is predicted."""
    windows = choose_windows(reported_samples(request, source), SEED_FRAMES + PREDICTED)
    (stored,) = first_cells(request, source, [PREDICTOR])
    rows: list[tuple[str, list[Tile]]] = []
    numbers: list[dict[str, Any]] = []
    header = ["frame"]
    for window in windows:
        frames, predicted = predict_window(stored, window)
        seeds, following = frames[:SEED_FRAMES], frames[SEED_FRAMES:]
        errors = _errors(following, predicted)
        repeated = _errors(following, seeds[-1:].expand_as(following))
        numbers.append({**window.record(), "mse": errors, "last_seed_mse": repeated})
        blank = Tile(image=Pillow.new("L", (frames.shape[-1], frames.shape[-2]), "white"), caption=("seed",))
        rows.append((window.name, tiles_of(frames)))
        rows.append(("predicted", [*[blank] * SEED_FRAMES, *_with_errors(predicted, errors)]))
        header += [f"MSE, {window.line}", "MSE of the last seed"]
    note = (
        f"{PREDICTOR.short} sees the frames up to t - 1 and answers with those up to t + 3; the later ones it predicts from "
        "its own answers."
    )
    table = [
        [
            _step(step),
            *(f"{window[column][step]:.4f}" for window in numbers for column in ("mse", "last_seed_mse")),
        ]
        for step in range(PREDICTED)
    ]
    columns = [_step(step) for step in range(-SEED_FRAMES, PREDICTED)]
    return Drawing(
        shown=_frames(columns, rows, note=note, side=104),
        numbers={"windows": numbers},
        table=Rows(header, table),
    )


def _step(step: int) -> str:
    """A frame's place from the first that is reconstructed or predicted."""
    return f"t {'-' if step < 0 else '+'} {abs(step)}" if step else "t"


def _frames(columns: Sequence[str], rows: Sequence[tuple[str, list[Tile]]], *, note: str, side: int) -> Grid:
    names, tiles = zip(*rows, strict=True)
    return Grid(columns=tuple(columns), rows=names, tiles=tuple(map(tuple, tiles)), note=note, side=side)


def _with_errors(frames: Images, errors: Sequence[float]) -> list[Tile]:
    return tiles_of(frames, [f"MSE {error:.4f}" for error in errors])


def _errors(frames: Images, others: Images) -> list[float]:
    errors: list[float] = squared_error_values(frames, others).mean((1, 2, 3)).tolist()
    return errors


RECURRENT_FRAMES = (
    *(
        figure(name, functools.partial(draw_windows, variants=variants), of_videos=True, variants=variants)
        for name, variants in (("figure-4.11", BY_LAYERS), ("figure-4.13", BOTH_WAYS))
    ),
    figure("figure-4.12", draw_predictions, of_videos=True),
)
