"""Figures 4.11 and 4.13: what recurrent networks make of frames that follow one another (4.9.2)."""

import functools
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch

from xai_ad.data.images import to_float
from xai_ad.data.loading import load_pixels
from xai_ad.detector.losses import squared_error_values
from xai_ad.errors import InvalidInputError
from xai_ad.networks import CLIP_FRAMES, ClipAutoencoder
from xai_ad.presentation.render import to_picture
from xai_ad.store import StoredModel, load_network, load_references
from xai_ad.thesis.base import Request, Source
from xai_ad.thesis.cells import Variant
from xai_ad.thesis.figures.base import Drawing, ThesisFigure
from xai_ad.thesis.figures.grid import Grid, Tile
from xai_ad.thesis.figures.sequences import (
    STATED_WINDOWS,
    Motion,
    ShownWindow,
    choose_windows,
    motion,
)
from xai_ad.thesis.figures.shown import first_cells_at_hand, reported_samples
from xai_ad.thesis.recurrent import recurrent_variant, variant_title
from xai_ad.types import Images

BY_LAYERS = tuple(
    recurrent_variant("crnn", layers, decoder) for decoder in ("recurrent", "2d") for layers in (1, 2, 3)
)
"""What Figure 4.11 compares."""
BOTH_WAYS = tuple(
    recurrent_variant(f"{way}{cell}", 1, "2d") for cell in ("crnn", "clstm", "cgru") for way in ("", "bi")
)
"""What Figure 4.13 compares."""


@dataclass(frozen=True, kw_only=True)
class RebuiltWindow:
    """A window's reconstruction, (T, C, H, W), each frame's mean squared error, and how it moves."""

    reconstructions: Images
    mse: list[float]
    motion: Motion

    def tiles(self) -> tuple[Tile, ...]:
        """Return the frames with their errors below them."""
        return tuple(
            Tile(picture=to_picture(frame), caption=(f"MSE {error:.4f}",))
            for frame, error in zip(self.reconstructions, self.mse, strict=True)
        )

    def record(self) -> dict[str, Any]:
        """Return the figures for the JSON."""
        return {"mse": self.mse, **asdict(self.motion)}


@torch.inference_mode()
def rebuild_window(stored: StoredModel, window: ShownWindow) -> tuple[Images, RebuiltWindow]:
    """Return a window's frames, (T, C, H, W), and what a model of clips makes of them.

    Raises `InvalidInputError` for one of pictures or one that predicts.
    """
    network = load_network(stored)
    if not isinstance(network, ClipAutoencoder) or network.seeds:
        raise InvalidInputError(
            f"{stored.card.id!r} does not rebuild clips. Choose crnn, clstm, cgru, or a bi one."
        )
    pixels = load_pixels(window.samples, stored.card.preprocessing)
    frames, rebuilt = to_float(pixels), network.answer(to_float(pixels)[None])[0]
    return frames, RebuiltWindow(
        reconstructions=rebuilt,
        mse=squared_error_values(frames, rebuilt).mean((1, 2, 3)).tolist(),
        motion=motion(frames, rebuilt, load_references(stored)["mean"]),
    )


def draw_windows(request: Request, source: Source, *, variants: tuple[Variant, ...]) -> Drawing:
    """Draw windows of frames, a column for each frame, and below each what the networks make of it."""
    windows = choose_windows(reported_samples(request, source), CLIP_FRAMES)
    cells = first_cells_at_hand(request, source, variants)
    rows: list[str] = []
    tiles: list[tuple[Tile, ...]] = []
    numbers: list[dict[str, Any]] = []
    for window in windows:
        found = {name: rebuild_window(stored, window) for name, stored in cells.items()}
        frames = next(iter(found.values()))[0]
        titles = [_title(variants, name) for name in found]
        rows += [window.name, *(title.replace(" (", "\n(") for title in titles)]
        tiles.append(tuple(Tile(picture=to_picture(frame)) for frame in frames))
        tiles += [rebuilt.tiles() for _, rebuilt in found.values()]
        models = {name: rebuilt.record() for name, (_, rebuilt) in found.items()}
        numbers.append({**window.record(), "models": models})
    shown = Grid(
        columns=tuple("t" if step == 0 else f"t + {step}" for step in range(CLIP_FRAMES)),
        rows=tuple(rows),
        tiles=tuple(tiles),
        note=(
            "Each window's first row is the frames themselves. In brackets the recurrent layers, and Y for a 2D decoder, N "
            "for a recurrent one."
        ),
        side=112,
    )
    return Drawing(shown=shown, numbers={"windows": numbers}, table=_table(variants, windows, numbers))


def _title(variants: Sequence[Variant], name: str) -> str:
    return next(variant_title(variant) for variant in variants if variant.name == name)


def _table(
    variants: Sequence[Variant], windows: Sequence[ShownWindow], numbers: Sequence[dict[str, Any]]
) -> tuple[list[str], list[list[str]]]:
    header = [
        "network",
        "window",
        "MSE",
        "change from frame to frame, of the input's",
        "correlation of the changes",
        "distance from the mean training image, of the input's",
    ]
    rows = [
        [
            _title(variants, name),
            window.name.replace("\n", ", "),
            f"{sum(figures['mse']) / len(figures['mse']):.4f}",
            *(
                "-" if figures[column] is None else f"{figures[column]:.3f}"
                for column in ("share", "agreement", "departure")
            ),
        ]
        for window, record in zip(windows, numbers, strict=True)
        for name, figures in record["models"].items()
    ]
    return header, rows


def _figure(number: str, what: str, intro: str, variants: tuple[Variant, ...]) -> ThesisFigure:
    return ThesisFigure(
        id=f"figure-{number}",
        title=f"Figure {number}: {what}",
        section="4.9.2",
        intro=f"{intro} {STATED_WINDOWS}",
        draw=functools.partial(draw_windows, variants=variants),
        of_videos=True,
        variants=variants,
    )


RECURRENT_FRAMES = (
    _figure(
        "4.11",
        "ConvRNN reconstructions by recurrent layers",
        "The thesis finds that ConvRNN networks with more than one recurrent layer memorise the background. Here what they "
        "show of the frames, how much it moves, and how far it is from the mean training image.",
        BY_LAYERS,
    ),
    _figure(
        "4.13",
        "reconstructions of one-way and bidirectional networks",
        "The thesis finds that bidirectional networks rebuild motion better, of anomalies too. Here what either shows of "
        "the frames, and how its changes from frame to frame agree with the input's.",
        BOTH_WAYS,
    ),
)
