"""Variants: what is compared, and how the thesis writes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from xai_ad.errors import InvalidInputError
from xai_ad.networks import NetworkKind, network_options, network_spec
from xai_ad.networks.recurrent.architecture import Decoder, RecurrentConfig
from xai_ad.store import ModelCard
from xai_ad.thesis.published import printed
from xai_ad.training.recipe import Loss

_LOSSES = {Loss.MSE: "MSE", Loss.MAE: "MAE", Loss.COMPOUND: "MSE + SSIM"}


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A network, those of its options that are not at their defaults, its loss, and whether SVDD fine-tunes it."""

    network: str
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    loss: Loss = Loss.MSE
    svdd: bool = False

    @property
    def name(self) -> str:
        """The variant as it stands in a model's id: `<network>[-<option>][-compound][-svdd]`."""
        options = [f"{name}_{value}" for name, value in sorted(self.options.items())]
        suffixes = [str(self.loss)] if self.loss is not Loss.MSE else []
        return "-".join([self.network, *options, *suffixes, *(["svdd"] if self.svdd else [])])

    @property
    def title(self) -> str:
        """The variant in words."""
        words = [network_spec(self.network).title]
        words += (f"{name}={value}" for name, value in sorted(self.options.items()))
        return f"{', '.join(words)} ({_LOSSES[self.loss]}{' + SVDD' if self.svdd else ''})"

    @property
    def recurrent(self) -> bool:
        """Whether its network is a recurrent one, which Table 4.13 compares."""
        return issubclass(network_spec(self.network).config, RecurrentConfig)

    @property
    def configuration(self) -> tuple[int, Decoder]:
        """A recurrent variant's layers L_R and its decoder."""
        chosen = {**network_options(network_spec(self.network)), **self.options}
        return chosen["recurrent_layers"], Decoder(chosen["decoder"])

    @property
    def setting(self) -> str:
        """A recurrent variant's layers and decoder as Table 4.13 writes them; Y is the 2D decoder."""
        layers, decoder = self.configuration
        return f"({layers}, {'Y' if decoder is Decoder.FRAMEWISE else 'N'})"

    @property
    def short(self) -> str:
        """The variant as the thesis writes it.

        >>> variant_named("ks_cae-svdd").short, variant_named("seq2seq_cgru-recurrent_layers_2").short
        ('KS-CAE + SVDD', 'Seq2Seq CGRU (2, Y)')
        """
        if self.recurrent:
            return f"{network_name(self.network)} {self.setting}"
        compound = "" if self.loss is Loss.MSE else f", {self.loss}"
        return f"{network_name(self.network)}{compound}{' + SVDD' if self.svdd else ''}"


def network_name(network: str) -> str:
    """Return a network's name as the thesis writes it.

    >>> network_name("seq2seq_cgru"), network_name("biclstm"), network_name("ks_cae")
    ('Seq2Seq CGRU', 'BiCLSTM', 'KS-CAE')
    """
    if network_spec(network).kind is not NetworkKind.CLIP:
        return network.upper().replace("_", "-")
    return network.upper().replace("SEQ2SEQ_", "Seq2Seq ").replace("BIC", "BiC")


def variant_named(name: str) -> Variant:
    """Return the variant of a name; options at their defaults are no part of it.

    >>> variant_named("cgru-decoder_recurrent-recurrent_layers_2").options
    {'recurrent_layers': 2, 'decoder': <Decoder.RECURRENT: 'recurrent'>}
    """
    network, *parts = name.split("-")
    options: dict[str, Any] = {}
    for option, default in network_options(network_spec(network)).items():
        for part in parts:
            if part.startswith(f"{option}_"):
                text = part.removeprefix(f"{option}_")
                options[option] = text == "True" if isinstance(default, bool) else type(default)(text)
    loss = next((loss for loss in Loss if loss in parts), Loss.MSE)
    variant = Variant(network=network, options=options, loss=loss, svdd="svdd" in parts)
    if variant.name != name:
        raise InvalidInputError(f"No variant is called {name!r}. Did you mean {variant.name!r}?")
    return variant


def variants_named(*names: str) -> tuple[Variant, ...]:
    """Return the variants of several names."""
    return tuple(map(variant_named, names))


def variant_of(card: ModelCard) -> Variant:
    """Return which variant a stored model is; options at their defaults, and `fused`, make no other variant."""
    defaults = network_options(network_spec(card.network)) | {"fused": card.options.get("fused")}
    options = {name: value for name, value in card.options.items() if value != defaults.get(name)}
    return Variant(network=card.network, options=options, loss=Loss(card.loss), svdd=card.parent is not None)


STRENGTHENING = variants_named(*printed("4.6").variants["ham10000"])
"""What 4.5 and 4.6 compare: kernel strengthening and the compound loss."""
ATTENTION = variants_named(*printed("4.8").variants["ham10000"])
"""What 4.7 compares."""
REGULARISATION = variants_named(*printed("4.9").variants["ham10000"])
"""What 4.8 compares."""
RECURRENT = variants_named(*printed("4.13").variants["ped2"])
"""The 45 recurrent networks that 4.9.2 compares, in the order of Table 4.13."""
