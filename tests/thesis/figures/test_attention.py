import numpy as np
import pytest
import torch

from xai_ad.errors import InvalidInputError
from xai_ad.presentation.render import to_picture
from xai_ad.store import load_network
from xai_ad.thesis.cells import Variant
from xai_ad.thesis.figures.attention import attend
from xai_ad.thesis.figures.colour import sequential_picture


@pytest.mark.parametrize("network", ["sa_cae", "ssa_cae"])
def test_what_is_shown_is_what_the_encoder_sees(network, stored_as):
    stored = stored_as(Variant(network=network))
    pixels = torch.randint(0, 256, (2, 3, 128, 128), dtype=torch.uint8)
    attended = attend(stored, pixels)
    encoder = load_network(stored).encoder
    with torch.no_grad():
        seen = encoder[0](pixels / 255)
        attention = encoder[0].attention_map(pixels / 255).mean(dim=1)
    drawn_map, drawn_image, _ = attended.tiles(1)
    difference = np.asarray(drawn_image.picture).astype(int) - np.asarray(to_picture(seen[1]))
    assert np.abs(difference).max() <= 1
    expected = np.asarray(sequential_picture(attention[1].numpy())).astype(int)
    assert np.abs(np.asarray(drawn_map.picture) - expected).max() <= 1
    figures = attended.record(1)["attention"]
    assert figures["mean"] == pytest.approx(float(attention[1].mean()), rel=1e-4)
    assert figures["least"] <= figures["mean"] <= figures["most"] <= 1


def test_a_network_without_attention_is_refused(stored_as):
    with pytest.raises(InvalidInputError, match="'bcae1-seed0' is a 'bcae1' and has no attention"):
        attend(stored_as(Variant(network="bcae1")), torch.zeros((1, 3, 128, 128), dtype=torch.uint8))
