from dataclasses import replace

from xai_ad.data.images import Preprocessing
from xai_ad.inspection.models import models_of_frames, stored_models
from xai_ad.networks import build_autoencoder
from xai_ad.store import load_calibration, load_network, save_model


def test_pictures_are_judged_by_models_of_pictures_and_clips_by_all_the_best_measured_first(
    own_home, stored_model, monkeypatch
):
    monkeypatch.setenv("XAI_AD_MODELS", str(own_home))
    for name, network, frames, apart in (
        ("ped2-bcae1", load_network(stored_model), None, 0.6),
        ("ped2-cgru", build_autoencoder("cgru"), 8, 0.7),
        ("ped2-crnn", build_autoencoder("crnn"), 8, None),
    ):
        card = replace(
            stored_model.card,
            id=name,
            network=name.removeprefix("ped2-"),
            dataset="ped2",
            layout="ucsd",
            preprocessing=Preprocessing(frames=frames),
            metrics={} if apart is None else {"held-out": {"auc_roc_global": apart}},
        )
        record = load_calibration(stored_model)
        save_model(own_home / name, card, network=network, references={}, calibrations=(record,))
    assert [stored.card.id for stored in stored_models(on_broken=lambda _: None)] == ["ped2-bcae1"]
    shipped = [stored.card.id for stored in models_of_frames(on_broken=lambda _: None)]
    assert shipped == ["ped2-cgru", "ped2-bcae1", "ped2-crnn"]
