from dataclasses import replace

from xai_ad.data.images import Preprocessing
from xai_ad.inspection.models import stored_models
from xai_ad.networks import build_autoencoder
from xai_ad.store import load_calibration, load_network, save_model


def test_the_picker_has_the_models_of_pictures_those_of_video_sets_too(own_home, stored_model, monkeypatch):
    monkeypatch.setenv("XAI_AD_MODELS", str(own_home))
    for name, network, frames in (
        ("ped2-bcae1", load_network(stored_model), None),
        ("ped2-cgru", build_autoencoder("cgru"), 8),
    ):
        card = replace(
            stored_model.card,
            id=name,
            network=name.removeprefix("ped2-"),
            dataset="ped2",
            layout="ucsd",
            preprocessing=Preprocessing(frames=frames),
        )
        record = load_calibration(stored_model)
        save_model(own_home / "models" / name, card, network=network, references={}, calibrations=(record,))
    assert [stored.card.id for stored in stored_models(on_broken=lambda _: None)] == ["ped2-bcae1"]
