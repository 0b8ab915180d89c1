"""The recurrent networks of video clips: three kinds of cells in three kinds of networks (3.7, 4.9)."""

from xai_ad.networks.base import NetworkKind, NetworkSpec
from xai_ad.networks.recurrent.architecture import Decoder, RecurrentArchitecture, RecurrentConfig
from xai_ad.networks.recurrent.cells import (
    ConvGRU,
    ConvLSTM,
    ConvRNN,
    RecurrentConvolution,
    TransposedConvGRU,
    TransposedConvLSTM,
    TransposedConvRNN,
)
from xai_ad.networks.recurrent.sequences import Bidirectional, TimeDistributed

__all__ = [
    "RECURRENT_NETWORKS",
    "Bidirectional",
    "ConvGRU",
    "ConvLSTM",
    "ConvRNN",
    "Decoder",
    "RecurrentArchitecture",
    "RecurrentConfig",
    "RecurrentConvolution",
    "TimeDistributed",
    "TransposedConvGRU",
    "TransposedConvLSTM",
    "TransposedConvRNN",
]


def _spec(
    network: str, title: str, sentence: str, section: str, architecture: RecurrentArchitecture
) -> NetworkSpec:
    return NetworkSpec(
        id=network,
        title=title,
        sentence=sentence,
        section=section,
        kind=NetworkKind.CLIP,
        config=RecurrentConfig,
        build=architecture,
        unbuilt_parameters=architecture.unbuilt_parameters,
    )


_RNN = (ConvRNN, TransposedConvRNN)
_LSTM = (ConvLSTM, TransposedConvLSTM)
_GRU = (ConvGRU, TransposedConvGRU)

RECURRENT_NETWORKS = (
    _spec(
        "crnn",
        "ConvRNN autoencoder",
        "It rebuilds a clip frame by frame and carries a plain memory of the frames before.",
        "3.7.3",
        RecurrentArchitecture(cells=_RNN),
    ),
    _spec(
        "clstm",
        "ConvLSTM autoencoder",
        "It rebuilds a clip frame by frame with a memory that has gates for what to take in, to forget and to show.",
        "3.7.3",
        RecurrentArchitecture(cells=_LSTM),
    ),
    _spec(
        "cgru",
        "ConvGRU autoencoder",
        "It rebuilds a clip frame by frame with a memory that has gates for what to replace and to keep.",
        "3.7.3",
        RecurrentArchitecture(cells=_GRU),
    ),
    _spec(
        "bicrnn",
        "bidirectional ConvRNN autoencoder",
        "It rebuilds a clip with two plain memories: of the frames before and of those after.",
        "3.7.4",
        RecurrentArchitecture(cells=_RNN, bidirectional=True),
    ),
    _spec(
        "biclstm",
        "bidirectional ConvLSTM autoencoder",
        "It rebuilds a clip with two memories that take in, forget and show: of the frames before and of those after.",
        "3.7.4",
        RecurrentArchitecture(cells=_LSTM, bidirectional=True),
    ),
    _spec(
        "bicgru",
        "bidirectional ConvGRU autoencoder",
        "It rebuilds a clip with two memories that replace and keep: of the frames before and of those after.",
        "3.7.4",
        RecurrentArchitecture(cells=_GRU, bidirectional=True),
    ),
    _spec(
        "seq2seq_crnn",
        "sequence-to-sequence ConvRNN predictor",
        "It watches four frames and predicts the next four from a plain memory of them.",
        "3.7.5",
        RecurrentArchitecture(cells=_RNN, predicts=True),
    ),
    _spec(
        "seq2seq_clstm",
        "sequence-to-sequence ConvLSTM predictor",
        "It watches four frames and predicts the next four from a memory that took in, forgot and shows.",
        "3.7.5",
        RecurrentArchitecture(cells=_LSTM, predicts=True),
    ),
    _spec(
        "seq2seq_cgru",
        "sequence-to-sequence ConvGRU predictor",
        "It watches four frames and predicts the next four from a memory that replaced and kept.",
        "3.7.5",
        RecurrentArchitecture(cells=_GRU, predicts=True),
    ),
)
