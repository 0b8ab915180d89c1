"""Figure 4.12: frames that a sequence-to-sequence network predicts from its own predictions (4.9.2)."""

from typing import Any

import torch
from PIL import Image as Pillow

from xai_ad.data.images import to_float
from xai_ad.data.loading import load_pixels
from xai_ad.detector.losses import squared_error_values
from xai_ad.errors import InvalidInputError
from xai_ad.networks import SEED_FRAMES, ClipPredictor
from xai_ad.presentation.render import to_picture
from xai_ad.store import StoredModel, load_network
from xai_ad.thesis.base import Request, Source
from xai_ad.thesis.figures.base import Drawing, ThesisFigure
from xai_ad.thesis.figures.grid import Grid, Tile
from xai_ad.thesis.figures.sequences import STATED_WINDOWS, ShownWindow, choose_windows
from xai_ad.thesis.figures.shown import first_cells, reported_samples
from xai_ad.thesis.recurrent import recurrent_variant, variant_title
from xai_ad.types import Images

PREDICTED = 8
"""Frames that the figure shows: twice as many as the network answers with at once."""
VARIANT = recurrent_variant("seq2seq_clstm", 2, "recurrent")


@torch.inference_mode()
def predict_window(stored: StoredModel, window: ShownWindow) -> tuple[Images, Images]:
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


def draw_predictions(request: Request, source: Source) -> Drawing:
    """Draw four seeds and the eight frames after them, and below these what is predicted."""
    windows = choose_windows(reported_samples(request, source), SEED_FRAMES + PREDICTED)
    (stored,) = first_cells(request, source, [VARIANT])
    rows: list[str] = []
    tiles: list[tuple[Tile, ...]] = []
    numbers: list[dict[str, Any]] = []
    for window in windows:
        frames, predicted = predict_window(stored, window)
        seeds, following = frames[:SEED_FRAMES], frames[SEED_FRAMES:]
        errors = _errors(following, predicted)
        numbers.append(
            {
                **window.record(),
                "mse": errors,
                "last_seed_mse": _errors(following, seeds[-1:].expand_as(following)),
            }
        )
        rows += [window.name, "predicted"]
        tiles.append(tuple(Tile(picture=to_picture(frame)) for frame in frames))
        blank = Tile(
            picture=Pillow.new("L", (frames.shape[-1], frames.shape[-2]), "white"), caption=("seed",)
        )
        tiles.append(
            (
                *[blank] * SEED_FRAMES,
                *(
                    Tile(picture=to_picture(frame), caption=(f"MSE {error:.4f}",))
                    for frame, error in zip(predicted, errors, strict=True)
                ),
            )
        )
    shown = Grid(
        columns=(
            *(f"t - {SEED_FRAMES - place}" for place in range(SEED_FRAMES)),
            *("t" if step == 0 else f"t + {step}" for step in range(PREDICTED)),
        ),
        rows=tuple(rows),
        tiles=tuple(tiles),
        note=(
            f"{variant_title(VARIANT)} sees the frames up to t - 1 and answers with those up to t + 3; the later ones it "
            "predicts from its own answers."
        ),
        side=104,
    )
    return Drawing(shown=shown, numbers={"windows": numbers}, table=_table(windows, numbers))


def _errors(frames: Images, others: Images) -> list[float]:
    errors: list[float] = squared_error_values(frames, others).mean((1, 2, 3)).tolist()
    return errors


def _table(
    windows: tuple[ShownWindow, ...], numbers: list[dict[str, Any]]
) -> tuple[list[str], list[list[str]]]:
    names = [window.name.replace("\n", ", ") for window in windows]
    header = ["frame"]
    for name in names:
        header += [f"MSE, {name}", "MSE of the last seed"]
    rows = [
        [
            "t" if step == 0 else f"t + {step}",
            *(f"{window[column][step]:.4f}" for window in numbers for column in ("mse", "last_seed_mse")),
        ]
        for step in range(PREDICTED)
    ]
    return header, rows


PREDICTIONS = ThesisFigure(
    id="figure-4.12",
    title=f"Figure 4.12: frames predicted by {variant_title(VARIANT)}",
    section="4.9.2",
    intro=(
        "Eight frames from four, the last four predicted from predictions: the thesis finds them blurred from the sixth on. "
        f"Beside each error stands that of the last seed repeated. {STATED_WINDOWS}"
    ),
    draw=draw_predictions,
    of_videos=True,
)
