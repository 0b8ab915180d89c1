"""Table 4.12: how many parameters each recurrent network has, beside the thesis's count. It needs no data."""

from dataclasses import asdict, dataclass

from xai_ad.networks import NETWORKS, NetworkKind, list_networks
from xai_ad.thesis.base import Experiment, Request, experiment
from xai_ad.thesis.published import printed
from xai_ad.thesis.report import Report, Rows
from xai_ad.thesis.variants import variant_named


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


def _answer(_: Request, own: Experiment) -> Report:
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
    named = {"experiment": own.id, "section": own.section, "title": own.title, "equal": equal}
    record = {**named, "rows": [asdict(count) for count in counts]}
    verdict = f"{equal} of {len(counts)} counts equal the thesis's."
    return Report(title=own.title, parts=(own.intro, Rows(header, rows), verdict), record=record)


COMPLEXITY = experiment("table-4.12", _answer, needs_data=False)
