import base64
import json

from xai_ad.presentation.figures.renderer import png
from xai_ad.presentation.figures.shown import Bar, Bars
from xai_ad.thesis.report import Drawn, Heading, Report, Rows


def bars():
    return Bars(groups=("a",), series=(("b", "#000000"),), bars=((Bar(value=0.5),),), y_title="up")


def test_a_report_stands_as_markdown_page_numbers_and_files_of_its_figures(tmp_path):
    parts = (
        "A <paragraph>.",
        Heading("set & more"),
        Drawn(shown=bars(), alt="kept", file="kept.png"),
        Drawn(shown=bars(), alt="on the page alone"),
        Rows(["", "figure"], [["a|b", "<1>"]]),
    )
    written = Report(title="T", parts=parts, record={"x": 1}).write(tmp_path / "new", "name")
    assert [path.name for path in written] == ["name.md", "name.html", "name.json", "kept.png"]
    markdown, page, record, file = written
    assert markdown.read_text() == (
        "# T\n\nA <paragraph>.\n\n## set & more\n\n![kept](kept.png)\n\n|  | figure |\n| :-- | --: |\n| a\\|b | <1> |\n"
    )
    image = base64.b64encode(png(bars())).decode()
    assert page.read_text().endswith(
        "<body><h1>T</h1><p>A &lt;paragraph&gt;.</p><h2>set &amp; more</h2>"
        f'<p><img alt="kept" src="data:image/png;base64,{image}"></p>'
        f'<p><img alt="on the page alone" src="data:image/png;base64,{image}"></p>'
        "<table><thead><tr><th></th><th>figure</th></tr></thead><tbody><tr><td>a|b</td><td>&lt;1&gt;</td></tr></tbody>"
        "</table></body></html>\n"
    )
    assert json.loads(record.read_text()) == {"x": 1}
    assert file.read_bytes() == png(bars())


def test_a_report_may_go_without_a_page(tmp_path):
    written = Report(title="T", parts=("text",), record={}, page=False).write(tmp_path, "name")
    assert [path.name for path in written] == ["name.md", "name.json"]
