"""An exported graph computes what the model computes, in another runtime, and says how to judge by it."""

import json
from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import openvino
import pytest
import torch
from torch import nn

from xai_ad.data.reading import read_image
from xai_ad.detector.detector import AnomalyClassifier
from xai_ad.detector.scores import Score, Scoring
from xai_ad.errors import ExportError
from xai_ad.exporting import Agreement, ExportFormat, agreement, in_format, metadata_of, onnx_graph
from xai_ad.exporting.graph import OUTPUTS, ScoringGraph
from xai_ad.inspection.image_files import list_samples
from xai_ad.networks import build_autoencoder
from xai_ad.store import find_model, list_models, load, load_calibration


@pytest.fixture(scope="module")
def washer():
    """A shipped model, its metadata and its ONNX graph, recorded once."""
    stored = find_model("washer-bcae1")
    detector, card = load(stored)
    metadata = metadata_of(stored, load_calibration(stored), detector)
    return detector, card, metadata, onnx_graph(detector, metadata)


def by_onnxruntime(graph, images):
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(list(OUTPUTS), {"images": images.numpy()})


def require_equal(found, expected):
    for ours, theirs in zip(expected, found, strict=True):
        assert tuple(ours.shape) == theirs.shape
        assert np.abs(ours.numpy() - theirs).max() <= 1e-4 * np.abs(ours.numpy()).max()


@pytest.mark.parametrize("count", [1, 3])
def test_onnxruntime_computes_what_the_model_does(washer, count):
    detector, card, _, graph = washer
    paths = list(list_samples("washer").values())[::20][:count]
    images = torch.stack([read_image(path, card) for path in paths])
    found = by_onnxruntime(graph, images)
    prediction = detector.predict(images)
    require_equal(found, (prediction.scores, prediction.error_maps, prediction.reconstructions))
    above = found[0] > float(onnx_metadata(graph)["xai_ad.threshold"])
    assert above.tolist() == prediction.is_anomalous.tolist()


def onnx_metadata(graph):
    return {entry.key: entry.value for entry in graph.metadata_props}


def test_the_file_says_what_it_is_and_how_a_picture_is_prepared(washer):
    _, card, metadata, graph = washer
    told = onnx_metadata(graph)
    assert told == metadata
    assert told["xai_ad.id"] == "washer-bcae1"
    assert (told["xai_ad.licence"], told["xai_ad.score"]) == ("MIT", "squared_error")
    assert told["xai_ad.weights_sha256"] == card.sha256["weights.safetensors"]
    assert json.loads(told["xai_ad.input"]) == ["N", 3, 128, 128]
    assert json.loads(told["xai_ad.preprocessing"])["size"] == 128


def test_the_file_is_valid_and_names_no_place_on_this_computer(washer):
    graph = washer[3]
    onnx.checker.check_model(graph, full_check=True)
    data = graph.SerializeToString()
    assert b".py" not in data
    assert b"xai_ad/" not in data


def test_openvino_computes_it_from_its_own_files(washer):
    detector, _, metadata, graph = washer
    files = in_format(graph, ExportFormat.OPENVINO, "washer", metadata)
    assert sorted(files) == ["washer.bin", "washer.xml"]
    core = openvino.Core()
    model = core.read_model(files["washer.xml"], files["washer.bin"])
    assert model.get_rt_info(["xai_ad", "id"]).astype(str) == "washer-bcae1"
    assert float(model.get_rt_info(["xai_ad", "threshold"]).astype(str)) == detector.calibration.threshold
    images = torch.rand(2, 3, 128, 128, generator=torch.Generator().manual_seed(1))
    found = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})(images.numpy())
    with torch.no_grad():
        require_equal([found[name] for name in OUTPUTS], ScoringGraph(detector)(images))


def small(network, score, **options):
    """An untrained detector with a score."""
    torch.manual_seed(0)
    calibration = replace(
        load_calibration("washer-bcae1").calibration, scoring=Scoring(score=score, eta=0.25)
    )
    return AnomalyClassifier(build_autoencoder(network, size=128, channels=1, options=options), calibration)


@pytest.mark.parametrize("score", [Score.COMPOUND, Score.SSIM, Score.WORST_PATCH])
def test_every_kind_of_score_is_in_the_graph(score):
    detector = small("bcae1", score)
    images = torch.rand(2, 1, 128, 128, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        require_equal(by_onnxruntime(onnx_graph(detector, {}), images), ScoringGraph(detector)(images))


@pytest.mark.parametrize(("network", "count"), [("motion_cae", 2), ("cgru", 1)])
def test_networks_of_clips_score_each_frame_recurrent_ones_a_clip_at_a_time(network, count):
    detector = small(network, Score.WORST_PATCH)
    graph = onnx_graph(detector, {})
    length = detector.grid.frames
    images = torch.rand(count, length, 1, 128, 128, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = ScoringGraph(detector)(images)
    assert expected[0].shape == (count, length)
    require_equal(by_onnxruntime(graph, images), expected)
    first = graph.graph.input[0].type.tensor_type.shape.dim[0]
    assert (first.dim_param != "", first.dim_value) == ((True, 0) if count > 1 else (False, 1))


@pytest.mark.parametrize("file_format", [ExportFormat.ONNX, ExportFormat.OPENVINO])
def test_a_file_that_computes_something_else_is_told(washer, file_format):
    detector, _, metadata, graph = washer
    images = torch.rand(2, 3, 128, 128, generator=torch.Generator().manual_seed(1))
    seen = []
    same = agreement(in_format(graph, file_format, "a", metadata), detector, images, on_progress=seen.append)
    assert same.images == 2
    assert 0 < max(same.scores, same.maps) < 2e-5
    assert seen == [1 / 3, 2 / 3, 1.0]  # each alone, and both together
    same.require()
    other = onnx.ModelProto.FromString(graph.SerializeToString())
    weights = max(other.graph.initializer, key=lambda each: len(each.raw_data))
    values = np.frombuffer(weights.raw_data, np.float32) * np.float32(1.01)
    weights.raw_data = values.tobytes()
    apart = agreement(in_format(other, file_format, "a", metadata), detector, images)
    with pytest.raises(ExportError, match=r"differs from this one by .* Nothing was written"):
        apart.require()


@pytest.mark.parametrize(
    ("scores", "maps", "allowed"),
    [(1e-4, 0.0, True), (0.0, 1.1e-4, False), (1.1e-4, 0.0, False), (float("nan"), 0.0, False)],
)
def test_a_difference_of_more_than_a_ten_thousandth_is_refused(scores, maps, allowed):
    found = Agreement(images=1, scores=scores, maps=maps)
    if allowed:
        found.require()
    else:
        with pytest.raises(ExportError, match=r"0\.0001 is allowed"):
            found.require()


def test_a_network_that_the_exporter_cannot_take_is_a_line():
    class Odd(nn.Module):
        def forward(self, images):
            return images * torch.linalg.eigvals(images).real.mean()

    detector = small("bcae1", Score.SQUARED_ERROR)
    detector.network.decoder.append(Odd())
    with pytest.raises(ExportError, match="cannot be written as ONNX") as caught:
        onnx_graph(detector, {})
    assert "\n" not in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize("name", [stored.card.id for stored in list_models() if stored.is_shipped])
def test_every_shipped_model_is_exported(name):
    detector, _ = load(name)
    graph = onnx_graph(detector, {})
    shape = [dimension.dim_value for dimension in graph.graph.input[0].type.tensor_type.shape.dim][1:]
    images = torch.rand(2, *shape, generator=torch.Generator().manual_seed(1))
    for file_format in (ExportFormat.ONNX, ExportFormat.OPENVINO):
        agreement(in_format(graph, file_format, name, {}), detector, images).require()
    with torch.no_grad():
        require_equal(by_onnxruntime(graph, images[:1]), ScoringGraph(detector)(images[:1]))
