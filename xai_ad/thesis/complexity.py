"""Table 4.12: how many parameters each recurrent network has, beside the thesis's count. It needs no data."""

from dataclasses import asdict, dataclass

from xai_ad.networks import NETWORKS, NetworkKind, list_networks
from xai_ad.thesis.base import Experiment, Request
from xai_ad.thesis.published import printed
from xai_ad.thesis.report import Report, Rows
from xai_ad.thesis.variants import variant_named

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
    built = {
        (row.id, row.options["recurrent_layers"], str(row.options["decoder"])): row
        for row in list_networks(NetworkKind.CLIP)
    }
    counts = []
    for name, figures in printed("4.12").variants[""].items():
        variant = variant_named(name)
        layers, decoder = variant.configuration
        row = built[variant.network, layers, str(decoder)]
        counts.append(
            Count(
                network=row.id,
                decoder=str(decoder),
                recurrent_layers=layers,
                built=row.parameters,
                counted=row.thesis_parameters or row.parameters,
                thesis=int(figures["parameters"]),
            )
        )
    return counts


def _answer(_: Request, experiment: Experiment) -> Report:
    counts = count_all()
    equal = sum(count.counted == count.thesis for count in counts)
    header = ["network", "decoder", "recurrent layers", "thesis, millions", "thesis", "counted", "built"]
    rows = [
        [
            NETWORKS[count.network].title,
            count.decoder,
            str(count.recurrent_layers),
            f"{count.thesis / 1e6:.2f}",
            *(f"{number:,}" for number in (count.thesis, count.counted, count.built)),
        ]
        for count in counts
    ]
    record = {
        "experiment": experiment.id,
        "section": experiment.section,
        "title": experiment.title,
        "equal": equal,
        "rows": [asdict(count) for count in counts],
    }
    verdict = f"{equal} of {len(counts)} counts equal the thesis's."
    return Report(title=experiment.title, parts=(_INTRO, Rows(header, rows), verdict), record=record)


COMPLEXITY = Experiment(
    id="table-4.12",
    title="Table 4.12: parameters of the recurrent networks",
    section="4.9",
    answer=_answer,
    needs_data=False,
)
