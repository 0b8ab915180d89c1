"""The page needs no network, escapes all that it is given, and says in words what it shows in colours."""

import base64
import html.parser
import io
import re

import pytest
from PIL import Image as Pillow

from xai_ad.presentation.captions import DrawnScale
from xai_ad.presentation.comparison.page import Section, Table, sheet_html
from xai_ad.presentation.comparison.sheet import Bar, Column, Heading, Line, Mark, Sheet, SheetRow, Tile, Tone
from xai_ad.presentation.legends import EXPLANATIONS
from xai_ad.presentation.scales import MapScale, Unit

EVIL = "<script>alert(1)</script>\" onload='x' {{ 7 * 7 }}"
FIGURES = Table(title="Raw.", header=("model", "score"), rows=(("one", "0.5"), ("two", "")))


def page(**told):
    red = Pillow.new("RGB", (64, 48), (255, 0, 0))
    tile = Tile(
        picture=red,
        alt=EVIL,
        lines=(Line(text=EVIL), Line(text="Take care.", tone=Tone.WARNING)),
        details=(("Faithfulness", "0.9"),),
    )
    scale = MapScale(unit=Unit.DENSITY, limit=4.0, start=0.5, knee=0.5)
    drawn = DrawnScale(scale=scale, signed=True, opacity=0.7, legend=EXPLANATIONS[Unit.DENSITY])
    given = {
        "columns": (Column(title=EVIL, sentence=EVIL), Column(title="Two")),
        "rows": (
            SheetRow(
                heading=Heading(title=EVIL, verdict="FAIL", look="fail", lines=(Line(text=EVIL),)),
                tiles=(tile, Tile(message=EVIL)),
            ),
            SheetRow(heading=Heading(title="Clips"), message=EVIL),
        ),
        "title": EVIL,
        "facts": (EVIL,),
        "photo": Tile(picture=red, alt=EVIL),
        "bars": (Bar(columns=(EVIL,), drawn=drawn),),
        "marks": tuple(Mark),
        "notes": (EVIL,),
        "note": EVIL,
    } | told
    sections = [Section(title=EVIL, sentences=(EVIL,), tiles=(tile,), tables=(FIGURES,))]
    return sheet_html(Sheet(**given), FIGURES, sections).decode()


class Reader(html.parser.HTMLParser):
    """Collects every element with its attributes, and all text."""

    def __init__(self):
        super().__init__()
        self.elements, self.text = [], ""

    def handle_starttag(self, tag, attributes):
        """Keep an element."""
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data):
        """Keep text."""
        self.text += data


@pytest.fixture(scope="module")
def read():
    reader = Reader()
    reader.feed(page())
    return reader


def test_all_text_is_escaped(read):
    assert not [tag for tag, _ in read.elements if tag == "script"]
    assert not [attributes for _, attributes in read.elements if "onload" in attributes]
    assert "{{ 7 * 7 }}" in read.text
    assert read.text.count(EVIL) > 8
    assert {attributes["alt"] for tag, attributes in read.elements if tag == "img"} == {EVIL, ""}


def test_the_page_needs_no_network(read):
    addresses = [
        value
        for _, attributes in read.elements
        for name, value in attributes.items()
        if name in {"src", "href", "srcset"}
    ]
    assert addresses
    assert all(value.startswith(("data:image/", "#")) for value in addresses)
    assert not re.search(r"url\(|@import|https?:", page())


def test_every_picture_is_whole_in_the_page():
    found = re.findall(r'src="data:image/(\w+);base64,([^"]+)"', page())
    kinds = {kind: Pillow.open(io.BytesIO(base64.b64decode(data, validate=True))) for kind, data in found}
    assert set(kinds) == {"jpeg", "png"}
    assert kinds["jpeg"].size == (64, 48)
    assert max(abs(a - b) for a, b in zip(kinds["jpeg"].getpixel((5, 5)), (255, 0, 0), strict=True)) < 4


def test_the_grid_is_a_table_whose_headings_say_what_they_head(read):
    scopes = [attributes.get("scope") for tag, attributes in read.elements if tag == "th"]
    assert {*scopes} == {"col", "row"}
    assert ("td", {"colspan": "2"}) in read.elements
    assert "FAIL" in read.text
    assert ("use", {"href": "#fail"}) in read.elements


def test_both_themes_and_paper_are_provided_for():
    text = page()
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_a_bar_has_its_numbers_and_words_as_text(read):
    for words in ("\N{MINUS SIGN}4.00", "4.00", "to normal", "to abnormal"):
        assert words in read.text
