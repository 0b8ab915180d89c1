"""The recurrent networks that Table 4.13 compares, and which of their cells an experiment runs."""

from collections.abc import Iterable, Sequence

from xai_ad.data.layouts import find_layout, read_dataset
from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.networks import NetworkKind, network_options, network_spec
from xai_ad.networks.recurrent import Decoder
from xai_ad.store import CARD, StoredModel
from xai_ad.thesis.base import Request, Source
from xai_ad.thesis.cells import Variant, cell_directory, run_cells
from xai_ad.thesis.published import RECURRENT_CONFIGURATIONS

_FAMILIES = {"seq2seq": "Seq2Seq "}
_BOTH_WAYS = "bi"


def recurrent_variant(network: str, layers: int, decoder: str) -> Variant:
    """Return a variant by its network, its recurrent layers and its decoder; defaults are no part of its name."""
    defaults = network_options(network_spec(network))
    options = {"recurrent_layers": layers, "decoder": Decoder(decoder)}
    return Variant(
        network=network,
        options={name: value for name, value in options.items() if value != defaults[name]},
    )


RECURRENT = tuple(recurrent_variant(*configuration) for configuration in RECURRENT_CONFIGURATIONS)
"""The 45 that Table 4.13 compares, in its order."""


def configuration(variant: Variant) -> tuple[int, Decoder]:
    """Return a recurrent variant's layers L_R and its decoder."""
    chosen = {**network_options(network_spec(variant.network)), **variant.options}
    return chosen["recurrent_layers"], Decoder(chosen["decoder"])


def setting_name(variant: Variant) -> str:
    """Return a recurrent variant's layers and decoder as Table 4.13 writes them; Y is the 2D decoder."""
    layers, decoder = configuration(variant)
    return f"({layers}, {'Y' if decoder is Decoder.FRAMEWISE else 'N'})"


def network_name(network: str) -> str:
    """Return a recurrent network's name as the thesis writes it.

    >>> network_name("seq2seq_cgru"), network_name("biclstm")
    ('Seq2Seq CGRU', 'BiCLSTM')
    """
    family, _, cell = network.rpartition("_")
    both = cell.startswith(_BOTH_WAYS)
    cell = f"{'Bi' if both else ''}{cell.removeprefix(_BOTH_WAYS).upper()}"
    return f"{_FAMILIES.get(family, '')}{cell}"


def variant_title(variant: Variant) -> str:
    """Return a recurrent variant as Table 4.13 writes it, and any other as the tables of pictures do.

    >>> variant_title(recurrent_variant("seq2seq_cgru", 2, "recurrent"))
    'Seq2Seq CGRU (2, N)'
    """
    if network_spec(variant.network).kind is not NetworkKind.CLIP:
        return variant.title
    return f"{network_name(variant.network)} {setting_name(variant)}"


def require_videos(source: Source, *, of: str) -> None:
    """Raise `InvalidInputError` unless a dataset holds videos, before anything is trained."""
    if not find_layout(source.layout).of_videos:
        raise InvalidInputError(
            f"The experiment {of!r} is about videos, and the layout {source.layout!r} of {str(source.data)!r} holds "
            "pictures. Choose a dataset with the layout ucsd, avenue or subway."
        )


def asked_for(request: Request, variants: Iterable[Variant]) -> tuple[Variant, ...]:
    """Return those of an experiment's variants that a request names, in their order; all where it names none.

    Raises `UnknownNameError` for a name that is none of them.
    """
    by_name = {variant.name: variant for variant in variants}
    for name in request.variants:
        if name not in by_name:
            raise UnknownNameError("variant of this experiment called", name, by_name)
    return tuple(
        variant for name, variant in by_name.items() if not request.variants or name in request.variants
    )


def variants_at_hand(request: Request, source: Source, variants: Sequence[Variant]) -> list[Variant]:
    """Return the variants that are asked for, and those whose cells are all finished, in their order."""
    asked = [variant.name for variant in asked_for(request, variants)]
    dataset = read_dataset(source.data, source.layout).name

    def finished(variant: Variant) -> bool:
        folders = (cell_directory(request, dataset, variant, seed) for seed in range(request.runs))
        return all((folder / CARD).is_file() for folder in folders)

    return [variant for variant in variants if variant.name in asked or finished(variant)]


def cells_at_hand(
    request: Request, source: Source, variants: Sequence[Variant]
) -> dict[str, list[StoredModel]]:
    """Return the cells of `variants_at_hand` by variant's name, one for each seed, trained where they were not yet."""
    return run_cells(request, source, variants_at_hand(request, source, variants))
