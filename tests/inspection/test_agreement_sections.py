"""The page's part on agreement says the page's sentence, draws both maps, and lists each two with the metrics' figures."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from xai_ad.explain import Lrp, Occlusion, Residual
from xai_ad.inspection import agreement_sections
from xai_ad.inspection.agreement_sections import agreement_section, agreement_words, gathered_of
from xai_ad.inspection.comparing import compare
from xai_ad.inspection.comparison_files import comparison_html
from xai_ad.inspection.image_files import make_image_file
from xai_ad.inspection.pictures import View
from xai_ad.metrics.agreement import overlaps, rank_correlations, strongest_parts
from xai_ad.presentation.agreement import CAUTION, agreement_in_words
from xai_ad.presentation.render import encode_png, to_image


@pytest.fixture
def comparison(stored_model):
    image = torch.rand(3, 128, 128, generator=torch.Generator().manual_seed(5))
    file = make_image_file("part.png", encode_png(to_image(image)))
    return compare([stored_model], file, [Residual(), Lrp(), Occlusion(window=64, stride=64)])


def test_the_sentence_is_the_pages_and_warns(comparison):
    gathered = gathered_of(comparison)
    assert agreement_words(gathered) == (agreement_in_words(gathered.voices), CAUTION)
    assert agreement_section(gathered, View()).sentences == agreement_words(gathered)


def test_each_two_are_listed_with_the_metrics_figures(comparison):
    gathered = gathered_of(comparison)
    flat = np.stack([one.ravel() for one in gathered.maps])
    for table, expected in zip(
        agreement_section(gathered, View()).tables,
        (rank_correlations(flat), overlaps(strongest_parts(flat))),
        strict=True,
    ):
        assert table.header == ("", "Residual", "LRP", "Occlusion")
        for at, row in enumerate(table.rows):
            assert row[0] == table.header[at + 1]
            for other, text in enumerate(row[1:]):
                if at == other:
                    assert text == ""
                else:
                    found = float(text.replace("\N{MINUS SIGN}", "-"))
                    assert found == pytest.approx(expected[at, other], abs=0.005 + 1e-9)


def test_both_maps_are_drawn_with_their_scales(comparison):
    section = agreement_section(gathered_of(comparison), View())
    assert [bar.title for bar in section.bars] == ["Agreement", "Disagreement"]
    assert [tile.lines[0].text.split(".")[0] for tile in section.tiles] == ["Agreement", "Disagreement"]
    assert len({tile.picture.tobytes() for tile in section.tiles}) == 2


def test_one_explanation_is_a_sentence_alone(comparison):
    (row,) = comparison.rows
    alone = replace(comparison, rows=(replace(row, cells=row.cells[:1]),))
    section = agreement_section(gathered_of(alone), View())
    assert "It takes two to agree" in section.sentences[0]
    assert (section.tiles, section.tables) == ((), ())


def test_of_very_many_no_table_is_shown(comparison, monkeypatch):
    monkeypatch.setattr(agreement_sections, "MOST", 2)
    section = agreement_section(gathered_of(comparison), View())
    assert section.tables == ()
    assert len(section.tiles) == 2


def test_the_page_has_the_section(comparison):
    text = comparison_html(comparison, View()).decode()
    assert "<h2>Where they agree</h2>" in text
    assert agreement_in_words(gathered_of(comparison).voices) in text
