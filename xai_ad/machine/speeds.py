"""What the machine at hand runs fastest, measured once and remembered.

Whether bfloat16 gains, and how large a batch pays, is a property of the processor: bfloat16 is 4 times as fast where
the hardware multiplies it in tiles, and slower than float32 where it does not know it at all. So the first run
measures a network for about two seconds (`detector.fast.measuring`) and writes the answer to `machine.json` in the
user's own folder; delete that file to measure anew. `XAI_AD_PRECISION` and `XAI_AD_BATCH_SIZE` overrule it.

torch computes with as many threads as there are cores (`OMP_NUM_THREADS` overrules it). The app explains with one
worker at a time, so that two sessions' masking games do not share the cores' caches; short forwards of other sessions
run beside it.
"""

import functools
import os
import platform
import threading
from collections.abc import Callable, Mapping

import torch
from pydantic import TypeAdapter, ValidationError

from xai_ad.errors import InvalidInputError
from xai_ad.machine.execution import MAX_BATCH, Execution, Precision
from xai_ad.machine.files import keep
from xai_ad.machine.places import home

NOTICEABLE_GAIN = 1.1
"""bfloat16 costs accuracy, so a gain within what two measurements differ by does not pay."""
NEARLY_AS_FAST = 0.95
"""The smallest batch that is so fast as the fastest is taken: it needs the least memory, and can be stopped soonest."""

_FILE = "machine.json"
_PRECISION, _BATCH_SIZE = "XAI_AD_PRECISION", "XAI_AD_BATCH_SIZE"
_measuring = threading.Lock()

Speeds = Mapping[Precision, Mapping[int, float]]
"""Images a second by precision and batch size."""

_known: dict[str, Speeds] = {}


def resolve(precision: Precision, batch_size: int | None, *, measure: Callable[[], Speeds]) -> Execution:
    """Return what `auto` and a missing batch size stand for on this machine; calls `measure` where that is not known.

    Raises `InvalidInputError` for an environment variable that names neither.
    """
    if precision is Precision.AUTO:
        precision = _chosen_precision()
    if batch_size is None:
        batch_size = _chosen_batch_size()
    if precision is not Precision.AUTO and batch_size is not None:
        return Execution(precision=precision, batch_size=batch_size)
    return choose(machine_speeds(measure), precision=precision, batch_size=batch_size)


def choose(speeds: Speeds, *, precision: Precision, batch_size: int | None) -> Execution:
    """Choose by measured speeds what was left open.

    >>> speeds = {Precision.FLOAT32: {8: 250.0, 32: 255.0}, Precision.BFLOAT16: {8: 700.0, 32: 900.0}}
    >>> choose(speeds, precision=Precision.AUTO, batch_size=None)
    Execution(precision=<Precision.BFLOAT16: 'bfloat16'>, batch_size=32)
    >>> choose(speeds, precision=Precision.FLOAT32, batch_size=None).batch_size
    8
    """
    best = {kind: max(by_batch.values()) for kind, by_batch in speeds.items()}
    if precision is Precision.AUTO:
        gains = best[Precision.BFLOAT16] > NOTICEABLE_GAIN * best[Precision.FLOAT32]
        precision = Precision.BFLOAT16 if gains else Precision.FLOAT32
    if batch_size is None:
        fast = [
            size for size, speed in speeds[precision].items() if speed >= NEARLY_AS_FAST * best[precision]
        ]
        batch_size = min(fast)
    return Execution(precision=precision, batch_size=batch_size)


def training_precision(*, gpu: bool) -> Precision:
    """Return what training is fastest in: bfloat16 where the processor, or with `gpu` the one there is, multiplies it."""
    on_gpu = gpu and torch.cuda.is_available()
    gains = torch.cuda.is_bf16_supported() if on_gpu else torch.cpu._is_amx_tile_supported()  # noqa: SLF001  # the only way to ask
    return Precision.BFLOAT16 if gains else Precision.FLOAT32


def machine_speeds(measure: Callable[[], Speeds]) -> Speeds:
    """Return this machine's speeds: remembered, stored by an earlier run, or measured now."""
    name = machine_name()
    with _measuring:  # a second thread waits for the first one's answer
        if name not in _known:
            stored = _stored().get(name, {})
            _known[name] = stored if _is_whole(stored) else _store(name, measure())
        return _known[name]


def machine_name() -> str:
    """Return what the speeds depend on: the processor, the threads that torch uses, and torch's version."""
    return f"{processor()}, {torch.get_num_threads()} threads, torch {torch.__version__}"


@functools.cache
def processor() -> str:
    """Return the processor's name."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:  # noqa: PTH123  # no file of ours
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def machine_record() -> dict[str, str | int]:
    """Return what figures depend on: the processor, the threads that torch uses, and torch's version."""
    return {"cpu": processor(), "threads": torch.get_num_threads(), "torch": torch.__version__}


def _chosen_precision() -> Precision:
    text = os.environ.get(_PRECISION, Precision.AUTO)
    if text not in set(Precision):
        valid = ", ".join(Precision)
        raise InvalidInputError(f"The environment variable {_PRECISION} is one of: {valid}. Got {text!r}.")
    return Precision(text)


def _chosen_batch_size() -> int | None:
    text = os.environ.get(_BATCH_SIZE)
    if text is None:
        return None
    if text not in map(str, range(1, MAX_BATCH + 1)):
        raise InvalidInputError(
            f"The environment variable {_BATCH_SIZE} is a number from 1 to {MAX_BATCH}. Got {text!r}."
        )
    return int(text)


_RECORD = TypeAdapter(dict[str, Speeds])


def _stored() -> dict[str, Speeds]:
    """Return what is stored of all machines; nothing where there is no file, or one that makes no sense."""
    try:
        return _RECORD.validate_json((home() / _FILE).read_bytes())
    except (OSError, ValidationError):
        return {}


def _store(name: str, speeds: Speeds) -> Speeds:
    """Write this machine's speeds beside those of others: one folder may serve several, or several thread counts."""
    everything = _RECORD.dump_json(_stored() | {name: speeds}, indent=2)
    keep(home() / _FILE, everything, what="what this machine is fastest in, which takes two seconds,")
    return speeds


def _is_whole(speeds: Speeds) -> bool:
    """Return whether speeds tell all that is chosen by."""
    return all(speeds.get(precision) for precision in (Precision.FLOAT32, Precision.BFLOAT16))
