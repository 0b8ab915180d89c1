"""Table 4.12: how many parameters each recurrent network has, beside the thesis's count. It needs no data."""

from typing import Any

from xai_ad.networks import NETWORKS, NetworkKind, list_networks
from xai_ad.thesis.base import Experiment, Request, experiment
from xai_ad.thesis.published import printed
from xai_ad.thesis.report import Report, Rows
from xai_ad.thesis.variants import variant_named


def count_all() -> list[dict[str, Any]]:
    """Count all 54 networks, as Table 4.12 orders them: by network, then the decoder's kind, then recurrent layers.

    A row has what is `built`, what that is `counted` as with the unused weights, and what the `thesis` counts.
    """
    built = {
        (row.id, row.options["recurrent_layers"], row.options["decoder"]): row
        for row in list_networks(NetworkKind.CLIP)
    }
    counts = []
    for name, figures in printed("4.12").variants[""].items():
        variant = variant_named(name)
        layers, decoder = variant.configuration
        row = built[variant.network, layers, decoder]
        counts.append(
            {
                "network": row.id,
                "decoder": str(decoder),
                "recurrent_layers": layers,
                "built": row.parameters,
                "counted": row.thesis_parameters or row.parameters,
                "thesis": int(figures["parameters"]),
            }
        )
    return counts


def _answer(_: Request, own: Experiment) -> Report:
    counts = count_all()
    equal = sum(count["counted"] == count["thesis"] for count in counts)
    table = Rows.of(
        counts,
        {
            "network": lambda count: NETWORKS[count["network"]].title,
            "decoder": "{decoder}".format_map,
            "recurrent layers": "{recurrent_layers}".format_map,
            "thesis, millions": lambda count: f"{count['thesis'] / 1e6:.2f}",
            "thesis": "{thesis:,}".format_map,
            "counted": "{counted:,}".format_map,
            "built": "{built:,}".format_map,
        },
    )
    record = {
        "experiment": own.id,
        "section": own.section,
        "title": own.title,
        "equal": equal,
        "rows": counts,
    }
    verdict = f"{equal} of {len(counts)} counts equal the thesis's."
    return Report(title=own.title, parts=(own.intro, table, verdict), record=record)


COMPLEXITY = experiment("table-4.12", _answer, needs_data=False)
