import json

import pytest

from xai_ad.thesis import Request, find_experiment
from xai_ad.thesis.tables import count_all

PRINTED = {
    "crnn": "0.60 0.76 0.84 0.76 1.00 1.15",
    "clstm": "1.01 1.51 1.77 1.59 2.40 2.92",
    "cgru": "0.85 1.20 1.39 1.34 1.96 2.36",
    "bicrnn": "0.85 1.23 1.42 1.26 1.85 2.22",
    "biclstm": "1.67 2.72 3.28 2.92 4.65 5.76",
    "bicgru": "1.34 2.12 2.52 2.42 3.77 4.65",
    "seq2seq_crnn": "0.74 0.91 0.98 0.91 1.15 1.29",
    "seq2seq_clstm": "1.16 1.65 1.91 1.74 2.55 3.06",
    "seq2seq_cgru": "0.99 1.35 1.53 1.49 2.11 2.51",
}
"""The thesis's page, in millions: a 2D decoder with 1, 2 and 3 recurrent layers, then a recurrent one."""
CELLS = {
    (network, decoder, layers): text
    for network, row in PRINTED.items()
    for (decoder, layers), text in zip(
        [(decoder, layers) for decoder in ("2d", "recurrent") for layers in (1, 2, 3)],
        row.split(),
        strict=True,
    )
}


@pytest.fixture(scope="module")
def counts():
    return {(row["network"], row["decoder"], row["recurrent_layers"]): row for row in count_all()}


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_every_count_is_the_thesiss(counts, cell):
    assert counts[cell]["counted"] == counts[cell]["thesis"]
    assert f"{counts[cell]['counted'] / 1e6:.2f}" == CELLS[cell]


def test_only_recurrent_decoders_of_gated_recurrent_units_are_counted_larger_than_built(counts):
    of_cells = [9 * 96**2, 9 * 64**2, 9 * 64**2]
    for (network, decoder, layers), found in counts.items():
        unused = sum(of_cells[:layers]) if network.endswith("gru") and decoder == "recurrent" else 0
        assert found["counted"] - found["built"] == unused * (2 if network == "bicgru" else 1)


def test_the_table_is_written_without_data(tmp_path):
    experiment = find_experiment("table-4.12")
    assert not experiment.needs_data
    markdown, page, record = experiment.run(Request(output=tmp_path))
    text = markdown.read_text()
    assert "54 of 54 counts equal the thesis's." in text
    assert "| ConvGRU autoencoder | recurrent | 1 | 1.34 | 1,342,569 | 1,342,569 | 1,259,625 |" in text
    assert "<td>5,756,169</td>" in page.read_text()
    assert json.loads(record.read_text())["equal"] == len(json.loads(record.read_text())["rows"]) == 54
