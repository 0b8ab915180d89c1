"""The grid with drawn maps over a sample: `?scene=` names what is shown, and what a person does is written under it."""

import io
import json
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from xai_ad.inspection.image_files import list_samples
from xai_ad.machine import places
from xai_ad.presentation import render
from xai_ad.presentation.legends import EXPLANATIONS
from xai_ad.presentation.scales import LEAST_REGION, REGION_KNEE, MapScale, ShownMap, Unit
from xai_ad.ui.components.drawing import ChangeData, SegmentData, TruthData
from xai_ad.ui.components.grid import CellData, ColumnData, GridData, RowData, grid
from xai_ad.ui.layers import LAYERS, Layer
from xai_ad.ui.showing.maps import scale_data

SIDE = 128
BLOCKS = 8
METHODS = (
    "Residual",
    "LRP",
    "LIME",
    "KernelSHAP",
    "Counterfactual",
    "RISE",
    "Integrated gradients",
    "Occlusion",
)
MODELS = (
    ("conv-AE v3", "FAIL", "fail", "2.31\N{MULTIPLICATION SIGN} the limit"),
    ("SSA-CAE, compound score", "LOOK AT IT", "borderline", "1.04\N{MULTIPLICATION SIGN} the limit"),
    ("VAE 32", "PASS", "pass", "0.44\N{MULTIPLICATION SIGN} the limit"),
)
OTHERS = (
    ("Lesions", "ATYPICAL", "atypical", "1.71\N{MULTIPLICATION SIGN} the limit"),
    ("Naevi only", "TYPICAL", "typical", "0.70\N{MULTIPLICATION SIGN} the limit"),
    ("Another camera", "CANNOT JUDGE", "stranger", ""),
)
LONG = "a-model-whose-name-is-very-long_with_underscores_and-no-space-anywhere_v12 trained on Tuesday"
MAP_SCALES = (60.0, 20.0, 44.0)  # of three models: their maps reach to different values

rows, columns = np.mgrid[0:SIDE, 0:SIDE] / SIDE


def photo():
    path = list_samples("washer")["scratch/006"]
    picture = Image.open(path).convert("RGB")
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return LAYERS.put(Layer(content=buffer.getvalue()))


def blob(at=(0.68, 0.66), width=0.11):
    """A smooth spot with its peak of 1 at (left, top)."""
    return np.exp(-((columns - at[0]) ** 2 + (rows - at[1]) ** 2) / (2 * width**2))


def blocks(values):
    """The means of squares, spread over them, and the squares' labels."""
    length = SIDE // BLOCKS
    means = values.reshape(BLOCKS, length, BLOCKS, length).mean(axis=(1, 3))
    labels = np.arange(BLOCKS**2).reshape(BLOCKS, BLOCKS).repeat(length, 0).repeat(length, 1)
    return means.ravel(), labels


def fill(cell, values, scale, *, signed):
    """Make a cell show a map."""
    shown = ShownMap(values=values.astype(np.float32), scale=scale, signed=signed)
    cell["layer"] = LAYERS.put(Layer(content=render.map_layer(shown)))
    cell["signed"] = signed
    cell["scale"] = scale_data(scale, EXPLANATIONS[scale.unit])


def density(limit):
    return MapScale(unit=Unit.DENSITY, limit=limit, start=0.05 * limit, knee=0.05 * limit)


def regions():
    return MapScale(unit=Unit.REGION, limit=1.4, start=LEAST_REGION, knee=REGION_KNEE)


def draw(cell, method, strength, limit):
    """Fill a cell by its method: maps on either scale, one or both signs, squares with intervals, rectangles."""
    noise = np.random.default_rng(len(method)).random((SIDE, SIDE))
    if method == "Counterfactual":
        cell["kind"] = "rectangles"
        cell["rectangles"] = [{"top": 60.0, "left": 66.0, "height": 46.0, "width": 40.0}]
        pale = Image.fromarray(np.full((SIDE, SIDE, 3), 140, np.uint8))
        buffer = io.BytesIO()
        pale.save(buffer, "PNG")
        cell["layer"] = LAYERS.put(Layer(content=buffer.getvalue()))
        cell["change"] = ChangeData(id="repair", label="Repaired picture", shown=False)
        cell["empty"] = "Nothing to repair"
    elif method in ("LIME", "KernelSHAP", "Occlusion"):
        values, labels = blocks(1.2 * strength * blob() - 0.25 * blob((0.25, 0.3), 0.16))
        fill(cell, values[labels], regions(), signed=True)
        cell["segments"] = SegmentData(
            layer=LAYERS.put(Layer(content=render.segment_layer(labels))),
            values=[float(f"{value:.3g}") for value in values],
            low=[float(f"{value - 0.05:.3g}") for value in values],
            high=[float(f"{value + 0.05:.3g}") for value in values],
            unsure=[bool(0.01 < abs(value) < 0.04) for value in values] if method == "LIME" else None,
        )
    elif method == "LRP":
        fill(
            cell,
            0.6 * limit * strength * blob(width=0.05) - 0.1 * limit * noise**6,
            density(limit),
            signed=True,
        )
    else:
        fill(cell, limit * strength * blob() + 0.12 * limit * noise**8, density(limit), signed=False)
        cell["outlines"] = [[[70.0, 70.0], [104.0, 70.0], [104.0, 100.0], [70.0, 100.0]]]


def ready(row, model, method, strength=1.0, limit=60.0):
    cell = CellData(
        id=f"{row}/{method}", title=f"{method} of {model}", kind="map", state="ready", layer=None,
        trust="Replacing the marked 4\N{NO-BREAK SPACE}% removes 71\N{NO-BREAK SPACE}% of the error; repeated runs agree.",
        trust_warns=False,
        placed="IoU 0.63 \N{MIDDLE DOT} AUROC 0.97 \N{MIDDLE DOT} points at it",
    )  # fmt: skip
    if method == "LRP":
        cell["trust"] = "Almost the same map after the weights are shuffled: do not rely on it."
        cell["trust_warns"] = True
    draw(cell, method, strength, limit)
    return cell


def undone(row, model, method, state, **more):
    return CellData(
        id=f"{row}/{method}", title=f"{method} of {model}", kind="map", state=state, layer=None, **more
    )


def row_data(index, model, methods, *, strength=1.0, message="", **more):
    title, verdict, look, score = model
    limit = MAP_SCALES[index % len(MAP_SCALES)]
    return RowData(
        id=f"model-{index}", title=title, verdict=verdict, look=look, score=score, detail="", photo=photo(),
        height=SIDE, width=SIDE, aspect=1.0, outlined=False, message=message,
        cells=[] if message else [ready(index, title, method, strength, limit) for method in methods], **more,
    )  # fmt: skip


def column_data(methods):
    return [
        ColumnData(id=method, title=method, sentence=f"What {method} asks, in a sentence.")
        for method in methods
    ]


def usual(models=MODELS, methods=METHODS[:5]):
    found = [
        row_data(i, models[i % len(models)], methods, strength=(1, 0.7, 0.35)[i % 3])
        for i in range(len(models))
    ]
    square = [[78.0, 74.0], [100.0, 74.0], [100.0, 98.0], [78.0, 98.0]]
    for row in found:
        missed = "The model missed this defect" if row["look"] == "pass" else ""
        row["truth"] = TruthData(outlines=[square], label="True defect", shown=False, missed=missed)
    return GridData(name="scratch/006", columns=column_data(methods), rows=found)


def states():
    """Every state, a constant map, models without a verdict or explanations, names without an end."""
    data = usual((*MODELS, *OTHERS, ("Clips only", "", "", "")))
    first, second = data["rows"][0]["cells"], data["rows"][1]["cells"]
    first[1] = undone(0, "conv-AE v3", "LRP", "running", progress=0.43)
    first[2] = undone(0, "conv-AE v3", "LIME", "waiting")
    first[3] = undone(0, "conv-AE v3", "KernelSHAP", "stopped")
    first[4] = undone(0, "conv-AE v3", "Counterfactual", "idle")
    second[0] = undone(
        1, "SSA-CAE", "Residual", "failed",
        message="The method 'residual' needs 2.1 GiB and this computer has 1.4 GiB free. Choose fewer segments.",
    )  # fmt: skip
    fill(second[2], np.zeros((SIDE, SIDE)), regions(), signed=True)
    del second[2]["segments"]
    second[4]["rectangles"] = []
    third = data["rows"][2]
    third["verdict"], third["look"], third["score"], third["detail"] = "", "", "", "Judging"
    third["photo"] = None
    third["cells"] = [undone(2, "VAE 32", method, "waiting") for method in METHODS[:5]]
    data["rows"][3]["title"] = LONG
    last = data["rows"][-1]
    last["cells"] = []
    last["message"] = "The model 'ped2-cgru' scores clips of 8 frames and no single pictures."
    last["photo"] = None
    data["columns"][4]["title"] = "Counterfactual with a long name"
    return data


def wide():
    """A picture three times as wide as high."""
    data = usual()
    for row in data["rows"]:
        row["aspect"] = 3.0
    return data


def many():
    models = [(f"Model {index}", *MODELS[index % 3][1:]) for index in range(12)]
    return usual(models, METHODS)


SCENES = {
    "usual": usual,
    "states": states,
    "one": lambda: usual(MODELS[:1], METHODS[:1]),
    "many": many,
    "wide": wide,
}


def main():
    st.set_page_config(layout="wide")
    st.html(Path(places.__file__).parents[1] / "ui" / "shell.css")
    st.title("Grid")
    scene = st.query_params.get("scene", "usual")
    state = st.session_state
    asked = state.setdefault("asked", [])
    for name in ("open", "stop", "again"):
        if name in state.get("grid", {}) and state["grid"][name]:
            asked.append([name, state["grid"][name]])
    data = SCENES[scene]()
    for name, ident in asked:
        for cell in (cell for row in data["rows"] for cell in row["cells"] if cell["id"] == ident):
            if name == "stop":
                cell["state"] = "stopped"
            elif name == "again":
                cell["state"] = "waiting"
    grid(data, key="grid")
    kept = {name: state["grid"].get(name) for name in ("visible", "opacity", "start", "outlined")}
    st.html(
        f'<pre data-testid="told" style="white-space: pre-wrap; overflow-wrap: anywhere">{json.dumps({"asked": asked, **kept})}</pre>'
    )


if __name__ == "__main__":
    main()
