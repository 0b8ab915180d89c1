"""Embeddings of a model and of the one that it was tuned from, on the same images."""

import numpy as np
import pytest

from xai_ad.inspection.embeddings import embedded_pair
from xai_ad.store import find_model, list_models, load_components, load_evaluation_record


@pytest.mark.parametrize("model", ["lesion-bcae1", "lesion-bcae1-svdd"])
def test_before_stands_before_after_whichever_is_asked_for(model):
    pair = embedded_pair(find_model(model), list_models())
    assert [each.stored.card.id for each in pair] == ["lesion-bcae1", "lesion-bcae1-svdd"]


def test_a_model_that_was_never_tuned_stands_alone():
    assert [each.stored.card.id for each in embedded_pair(find_model("washer-se_cae"), list_models())] == [
        "washer-se_cae"
    ]


def test_a_model_that_keeps_no_embeddings_has_none(stored_model):
    assert embedded_pair(stored_model, list_models()) == ()


def test_how_far_apart_both_kinds_lie_is_the_ratio_of_their_mean_distances():
    stored = find_model("washer-se_cae")
    (found,) = embedded_pair(stored, ())
    points = load_components(stored).double().numpy()
    labels = np.array(load_evaluation_record(stored).label)
    middle = sum(points[labels == 0]) / (labels == 0).sum()
    distances = [np.sqrt(((point - middle) ** 2).sum()) for point in points]
    by_kind = [
        np.mean([one for one, kind in zip(distances, labels, strict=True) if kind == label])
        for label in (0, 1)
    ]
    assert found.apart == pytest.approx(by_kind[1] / by_kind[0], rel=1e-9)
    assert found.shown == pytest.approx(points[:, :2].var(axis=0).sum() / points.var(axis=0).sum(), rel=1e-9)
