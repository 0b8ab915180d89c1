import json
from dataclasses import replace

import pytest

from xai_ad.detector.placement import Grid, Placement
from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.explain import EXPLAINERS, Consensus, CounterfactualSearch, Fill, Lime, Residual, Search
from xai_ad.inspection.request import Request, Source
from xai_ad.machine.execution import Precision
from xai_ad.store import Fingerprint

MODEL = Fingerprint(id="widget-bcae1", network="a", weights="b", calibration="c", references="d")
SOURCE = Source(path="parts/one.png", sha256="e", frame=3)
PLACEMENT = Placement(grid=Grid(height=8, width=8), frames=(3,), top=0, left=1, height=16, width=32)
LIME = Lime(budget=64, alpha=2, fill=Fill.MEAN, precision=Precision.BFLOAT16, batch_size=8)


@pytest.fixture
def request_of():
    def make(explainer=LIME, **parts):
        return Request(**{"model": MODEL, "source": SOURCE, "explainer": explainer} | parts)

    return make


def through_text(value):
    return json.loads(json.dumps(value, allow_nan=False))


def test_a_request_is_json_with_every_option(request_of):
    request = request_of(normal=Source(path="good.png", sha256="f"), placement=PLACEMENT)
    assert Request.parse(through_text(request.record())) == request
    assert through_text(request.record()) == {
        "model": {
            "id": "widget-bcae1",
            "path": None,
            "network": "a",
            "weights": "b",
            "calibration": "c",
            "references": "d",
        },
        "source": {"path": "parts/one.png", "sha256": "e", "frame": 3},
        "normal": {"path": "good.png", "sha256": "f", "frame": None},
        "placement": {
            "grid": {"frames": 1, "height": 8, "width": 8},
            "frames": [3],
            "top": 0,
            "left": 1,
            "height": 16,
            "width": 32,
        },
        "explainer": {
            "method": "lime",
            "options": {
                "precision": "bfloat16",
                "batch_size": 8,
                "stretches": 4,
                "budget": 64,
                "seed": 0,
                "n_segments": 50,
                "fill": "mean",
                "kernel_width": 0.25,
                "alpha": 2.0,
            },
        },
    }


@pytest.mark.parametrize("method", EXPLAINERS)
def test_every_explainer_comes_back_from_json(request_of, method):
    request = request_of(EXPLAINERS[method]())
    record = through_text(request.record())
    again = Request.parse(record)
    assert again == request
    assert hash(again) == hash(request)
    assert type(again.explainer) is type(request.explainer)
    assert json.dumps(again.record()) == json.dumps(record)


@pytest.mark.parametrize(
    ("method", "now", "then"),
    [("lime", 4, 1), ("kernel_shap", 4, 1), ("owen", 1, 1), ("occlusion", 4, 64)],
)
def test_a_record_of_before_stretches_means_what_was_done_then(request_of, method, now, then):
    record = through_text(request_of(EXPLAINERS[method]()).record())
    assert record["explainer"]["options"].pop("stretches") == now
    assert Request.parse(record).explainer == EXPLAINERS[method](stretches=then)


def test_enumerations_come_back_as_members(request_of):
    explainer = CounterfactualSearch(search=Search.FAST, precision=Precision.FLOAT32, batch_size=4)
    again = Request.parse(through_text(request_of(explainer).record()))
    assert again.explainer.search is Search.FAST


@pytest.mark.parametrize(
    "other",
    [
        {"model": replace(MODEL, weights="x")},
        {"model": replace(MODEL, calibration="x")},
        {"model": replace(MODEL, references="x")},
        {"model": replace(MODEL, network="x")},
        {"source": replace(SOURCE, sha256="x")},
        {"source": replace(SOURCE, frame=4)},
        {"normal": SOURCE},
        {"placement": PLACEMENT},
        {"explainer": replace(LIME, seed=1)},
        {"explainer": Residual()},
    ],
)
def test_whatever_a_result_depends_on_makes_another_key(request_of, other):
    assert request_of(**other) != request_of()
    assert len({request_of(**other), request_of()}) == 2


def test_equal_bytes_are_one_key_under_any_name(request_of):
    elsewhere = request_of(source=replace(SOURCE, path="two.png"), model=replace(MODEL, path="models/widget"))
    assert elsewhere == request_of()
    assert hash(elsewhere) == hash(request_of())


@pytest.mark.parametrize(
    "explainer",
    [
        replace(LIME, precision=Precision.AUTO),
        Consensus(members=(Residual(), replace(LIME, precision=Precision.AUTO))),
    ],
)
def test_what_the_machine_chooses_is_no_data(request_of, explainer):
    with pytest.raises(InvalidInputError, match="names its precision and batch size"):
        request_of(explainer)


@pytest.mark.parametrize(
    ("where", "value", "message"),
    [
        (("colour",), "red", r"has the keys model, source, .*Got \['colour'"),
        (("source", "colour"), "red", r"'source.colour' got 'red'"),
        (("source", "frame"), "3", r"'source.frame' got '3': Input should be a valid integer"),
        (("source", "sha256"), 3, r"'source.sha256' got 3: Input should be a valid string"),
        (("model",), "widget", r"'model' got 'widget'"),
        (("explainer", "options", "budget"), 64.5, r"'explainer.options.budget' got 64.5"),
        (("explainer", "options", "budget"), 0, r"The 'budget' of Lime"),
        (
            ("placement",),
            {**PLACEMENT.record(), "height": 0},
            r"'placement' got .*rectangle of the original image",
        ),
        (("explainer", "options", "fill"), "pink", r"'explainer.options.fill' got 'pink'"),
        (("explainer", "options", "precision"), "auto", r"resolve it first"),
    ],
)
def test_what_does_not_fit_is_one_line_that_quotes_it(request_of, where, value, message):
    record = through_text(request_of().record())
    place = record
    for key in where[:-1]:
        place = place[key]
    place[where[-1]] = value
    with pytest.raises(InvalidInputError, match=message) as caught:
        Request.parse(record)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("record", [[], "text", None, {}])
def test_what_is_no_request_is_refused(record):
    with pytest.raises(InvalidInputError, match="A request has the keys"):
        Request.parse(record)


def test_an_option_or_a_method_that_does_not_exist_is_named(request_of):
    record = through_text(request_of().record())
    record["explainer"]["options"]["colour"] = "red"
    with pytest.raises(UnknownNameError, match="option of the explainer 'lime' called 'colour'"):
        Request.parse(record)
    record["explainer"] = {"method": "magic", "options": {}}
    with pytest.raises(UnknownNameError, match="no explainer 'magic'"):
        Request.parse(record)


@pytest.mark.parametrize("options", [{"seed": 1}, {"fill": "mean"}, {"batch_size": 4, "members": []}])
def test_a_consensus_of_a_request_has_members_alone(request_of, options):
    record = request_of().record() | {"explainer": {"method": "consensus", "options": options}}
    with pytest.raises(UnknownNameError, match=r"'consensus' called '.+'. Choose one of: members"):
        Request.parse(record)


def test_an_error_quotes_the_beginning_of_what_is_long(request_of):
    for record in ([0] * 10_000, request_of().record() | {"model": "x" * 10_000}):
        with pytest.raises(InvalidInputError) as caught:
            Request.parse(record)
        assert len(str(caught.value)) < 500
