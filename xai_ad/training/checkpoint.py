"""Lightning's checkpoints as safetensors: tensors in the file, everything else as JSON in its header. No pickle."""

import json
from pathlib import Path
from typing import Any

from lightning.fabric.plugins import CheckpointIO
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from xai_ad.errors import StoreError
from xai_ad.machine.files import write_whole, writing

_KEY = "checkpoint"


class SafetensorsCheckpointIO(CheckpointIO):
    """Reads and writes training checkpoints without pickle."""

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: Any, storage_options: Any | None = None
    ) -> None:
        """Write a checkpoint aside, then rename it, so that a stop in between leaves the previous one.

        Raises `WritingError`, on a full disk for one.
        """
        del storage_options
        tensors: dict[str, Tensor] = {}
        header = json.dumps(_encode(checkpoint, tensors))
        path = Path(path)
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, save(tensors, metadata={_KEY: header}))

    def load_checkpoint(
        self, path: Any, map_location: Any | None = None, weights_only: bool | None = None
    ) -> dict[str, Any]:
        """Read a checkpoint back; raises `StoreError` where it is damaged."""
        del weights_only
        device = "cpu" if map_location is None or callable(map_location) else str(map_location)
        try:
            with safe_open(path, framework="pt", device=device) as file:
                header = json.loads((file.metadata() or {})[_KEY])
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # no mapping
        except (OSError, SafetensorError, KeyError, ValueError) as error:
            raise StoreError(
                f"{str(path)!r} is no checkpoint of xai_ad ({error}). Train without --resume."
            ) from error
        decoded: dict[str, Any] = _decode(header, tensors)
        return decoded

    def remove_checkpoint(self, path: Any) -> None:
        """Delete a checkpoint."""
        Path(path).unlink(missing_ok=True)


def _encode(value: Any, tensors: dict[str, Tensor]) -> Any:
    """Turn nested plain data into JSON: tensors by name, dictionaries as pairs (their keys may be numbers)."""
    if isinstance(value, Tensor):
        name = str(len(tensors))
        tensors[name] = value.detach().to("cpu", copy=True).contiguous()
        return {"tensor": name}
    if isinstance(value, dict):
        return {"pairs": [[_encode(key, tensors), _encode(item, tensors)] for key, item in value.items()]}
    if isinstance(value, list | tuple):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_encode(item, tensors) for item in value]}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise StoreError(f"A checkpoint cannot hold a {type(value).__name__}.")


def _decode(value: Any, tensors: dict[str, Tensor]) -> Any:
    if not isinstance(value, dict):
        return value
    [(kind, content)] = value.items()
    if kind == "tensor":
        return tensors[content]
    if kind == "pairs":
        return {_decode(key, tensors): _decode(item, tensors) for key, item in content}
    items = [_decode(item, tensors) for item in content]
    return tuple(items) if kind == "tuple" else items
