import pytest

from xai_ad.cli.parsing import one_of, pairs, recipe_of, typed_fields
from xai_ad.data.layouts import Protocol
from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.explain import Fill, Lime, explainer_options, options_of
from xai_ad.machine import speeds
from xai_ad.machine.execution import Precision
from xai_ad.training.recipe import Device, Recipe


def lime_fields(**texts):
    return typed_fields(Lime, texts, valid=explainer_options("lime"), of="the explainer 'lime'")


def test_texts_become_what_the_fields_hold():
    typed = lime_fields(budget="64", kernel_width="0.5", fill="mean", alpha="2")
    assert Lime(**typed) == Lime(budget=64, kernel_width=0.5, fill=Fill.MEAN, alpha=2.0)


def test_a_tuple_is_written_with_commas():
    typed = typed_fields(options_of("consensus"), {"members": "lrp,occlusion"}, valid=["members"], of="it")
    assert typed == {"members": ("lrp", "occlusion")}


def test_what_may_be_missing_is_read_as_what_it_is():
    assert lime_fields(batch_size="8", precision="bfloat16") == {
        "batch_size": 8,
        "precision": Precision.BFLOAT16,
    }


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"budget": "64.5"}, "'budget' of the explainer 'lime' got '64.5'.*integer"),
        ({"alpha": "tiny"}, "'alpha' of the explainer 'lime' got 'tiny'.*number"),
        ({"fill": "white"}, "got 'white'.*'normal'"),
    ],
)
def test_a_text_that_does_not_fit_is_quoted(texts, message):
    with pytest.raises(InvalidInputError, match=message):
        lime_fields(**texts)


def test_an_unknown_field_names_the_valid_ones():
    with pytest.raises(UnknownNameError, match=r"called 'colour'.*alpha, batch_size, budget"):
        lime_fields(colour="red")


def test_pairs_split_at_the_first_equals_sign():
    assert pairs(["a=1", "b=x=y"]) == {"a": "1", "b": "x=y"}


@pytest.mark.parametrize("text", ["a", "=1", ""])
def test_what_is_no_pair_is_quoted(text):
    with pytest.raises(InvalidInputError, match="name=value"):
        pairs([text])


def test_a_member_is_chosen_by_its_text():
    assert one_of(Protocol, "thesis", "protocol") is Protocol.THESIS
    with pytest.raises(UnknownNameError, match=r"no protocol 'x'. Choose one of: held-out, thesis"):
        one_of(Protocol, "x", "protocol")


@pytest.mark.parametrize(("device", "gpu"), [(Device.CPU, False), (Device.AUTO, True)])
@pytest.mark.parametrize(
    ("flag", "texts"),
    [(None, []), (Precision.AUTO, []), (None, ["precision=auto"])],
    ids=["none", "flag", "option"],
)
def test_auto_precision_of_a_training_is_what_the_machine_is_fastest_in(
    device, gpu, flag, texts, monkeypatch
):
    asked = []
    monkeypatch.setattr(speeds, "training_precision", lambda *, gpu: asked.append(gpu) or Precision.BFLOAT16)
    recipe = recipe_of(
        {"precision": flag, "epochs": 7}, texts, valid=["precision"], of="the recipe", device=device
    )
    assert recipe == Recipe(precision=Precision.BFLOAT16, epochs=7)
    assert asked == [gpu]


def test_a_precision_that_is_asked_for_is_kept_and_the_core_chooses_float32(monkeypatch):
    monkeypatch.setattr(speeds, "training_precision", lambda *, gpu: Precision.FLOAT32)
    asked = recipe_of({"precision": Precision.BFLOAT16}, [], valid=[], of="the recipe", device=Device.AUTO)
    assert asked.precision is Precision.BFLOAT16
    assert Recipe().precision is Precision.FLOAT32
