"""The recurrent networks of video clips: three kinds of cells in three kinds of networks (3.7, 4.9)."""

from collections.abc import Iterator

from xai_ad.networks.base import NetworkKind, NetworkSpec
from xai_ad.networks.recurrent.architecture import RecurrentArchitecture, RecurrentConfig
from xai_ad.networks.recurrent.cells import (
    ConvGRU,
    ConvLSTM,
    ConvRNN,
    RecurrentConvolution,
    TransposedConvGRU,
    TransposedConvLSTM,
    TransposedConvRNN,
)

CELLS: dict[str, tuple[type[RecurrentConvolution], type[RecurrentConvolution]]] = {
    "RNN": (ConvRNN, TransposedConvRNN),
    "LSTM": (ConvLSTM, TransposedConvLSTM),
    "GRU": (ConvGRU, TransposedConvGRU),
}
"""The encoder's and the decoder's cell of each kind."""
SENTENCES = {
    "crnn": "It rebuilds a clip frame by frame and carries a plain memory of the frames before.",
    "clstm": "It rebuilds a clip frame by frame with a memory that has gates for what to take in, to forget and to show.",
    "cgru": "It rebuilds a clip frame by frame with a memory that has gates for what to replace and to keep.",
    "bicrnn": "It rebuilds a clip with two plain memories: of the frames before and of those after.",
    "biclstm": "It rebuilds a clip with two memories that take in, forget and show: of the frames before and of those after.",
    "bicgru": "It rebuilds a clip with two memories that replace and keep: of the frames before and of those after.",
    "seq2seq_crnn": "It watches four frames and predicts the next four from a plain memory of them.",
    "seq2seq_clstm": "It watches four frames and predicts the next four from a memory that took in, forgot and shows.",
    "seq2seq_cgru": "It watches four frames and predicts the next four from a memory that replaced and kept.",
}


def _networks(
    prefix: str, title: str, section: str, *, bidirectional: bool = False, predicts: bool = False
) -> Iterator[NetworkSpec]:
    """Yield the networks of one kind, one for each kind of cells."""
    for cell, cells in CELLS.items():
        architecture = RecurrentArchitecture(cells=cells, bidirectional=bidirectional, predicts=predicts)
        network = f"{prefix}c{cell.lower()}"
        yield NetworkSpec(
            id=network,
            title=title.format(f"Conv{cell}"),
            sentence=SENTENCES[network],
            section=section,
            kind=NetworkKind.CLIP,
            config=RecurrentConfig,
            build=architecture,
            unbuilt_parameters=architecture.unbuilt_parameters,
        )


RECURRENT_NETWORKS = (
    *_networks("", "{} autoencoder", "3.7.3"),
    *_networks("bi", "bidirectional {} autoencoder", "3.7.4", bidirectional=True),
    *_networks("seq2seq_", "sequence-to-sequence {} predictor", "3.7.5", predicts=True),
)
