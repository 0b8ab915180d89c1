"""Table 4.12: how many parameters each recurrent network has, beside the thesis's count. It needs no data."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from xai_ad.networks import NETWORKS, NetworkKind, NetworkRow, list_networks
from xai_ad.thesis import published
from xai_ad.thesis.base import Experiment, Request
from xai_ad.thesis.pages import html_page, html_table, markdown_table, write_results

NAME = "table-4.12"
TITLE = "Table 4.12: parameters of the recurrent networks"
SECTION = "4.9"

_INTRO = (
    "Trainable parameters for three channels. The thesis's table gives millions to two decimals; the counts beside are "
    "exact. A recurrent decoder of ConvGRU cells counts, as the thesis does, a convolution of the hidden state in each "
    "cell that the author's code holds and never uses; it is not built here. The Y and N of Table 4.13 tell whether the "
    "recurrent decoder is disabled: Y is the 2D decoder."
)


@dataclass(frozen=True, kw_only=True)
class Count:
    """One cell of the table: what is built, what that comes to with the unused weights, and the thesis's count."""

    network: str
    decoder: str
    recurrent_layers: int
    built: int
    counted: int
    thesis: int


def count_all() -> list[Count]:
    """Count all 54 networks, as Table 4.12 orders them: by network, then the decoder's kind, then recurrent layers."""
    return [
        Count(
            network=row.id,
            decoder=str(row.options["decoder"]),
            recurrent_layers=row.options["recurrent_layers"],
            built=row.parameters,
            counted=row.thesis_parameters or row.parameters,
            thesis=_published(row.id, row.options),
        )
        for row in sorted(list_networks(NetworkKind.CLIP), key=_place)
    ]


def run_complexity(request: Request) -> tuple[Path, ...]:
    """Write the table as JSON, Markdown and a page."""
    counts = count_all()
    equal = sum(count.counted == count.thesis for count in counts)
    verdict = f"{equal} of {len(counts)} counts equal the thesis's."
    header = ["network", "decoder", "recurrent layers", "thesis, millions", "thesis", "counted", "built"]
    rows = [_cells(count) for count in counts]
    return write_results(
        request.output,
        NAME,
        {
            "experiment": NAME,
            "section": SECTION,
            "title": TITLE,
            "equal": equal,
            "rows": [asdict(count) for count in counts],
        },
        markdown="\n\n".join([f"# {TITLE}", _INTRO, markdown_table(header, rows), verdict]) + "\n",
        page=html_page(TITLE, [f"<p>{_INTRO}</p>", html_table(header, rows), f"<p>{verdict}</p>"]),
    )


def _place(row: NetworkRow) -> tuple[int, str, int]:
    return list(published.TABLE_4_12).index(row.id), row.options["decoder"], row.options["recurrent_layers"]


def _published(network: str, options: Mapping[str, Any]) -> int:
    by_layers = published.TABLE_4_12[network][str(options["decoder"])]
    return by_layers[options["recurrent_layers"] - 1]


def _cells(count: Count) -> list[str]:
    return [
        NETWORKS[count.network].title,
        count.decoder,
        str(count.recurrent_layers),
        f"{count.thesis / 1e6:.2f}",
        f"{count.thesis:,}",
        f"{count.counted:,}",
        f"{count.built:,}",
    ]


COMPLEXITY = Experiment(id=NAME, title=TITLE, section=SECTION, run=run_complexity, needs_data=False)
