"""What holds arrays is compared by identity: arrays have no single truth value, and no hash."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import get_type_hints

import numpy as np
from torch import Tensor

import xai_ad

ARRAYS = (Tensor, np.ndarray)


def holds_an_array(hint) -> bool:
    """Whether a value of this type is an array, or has one in it: unions and containers are looked into."""
    origin = getattr(hint, "__origin__", None)
    if origin is Callable:
        return False
    return hint in ARRAYS or origin in ARRAYS or any(map(holds_an_array, getattr(hint, "__args__", ())))


def dataclasses_of_the_package():
    for found in pkgutil.walk_packages(xai_ad.__path__, "xai_ad."):
        if not found.name.endswith("__main__") and not found.name.startswith(
            "xai_ad.ui"
        ):  # whose shell would run
            module = importlib.import_module(found.name)
            for kind in vars(module).values():
                if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == found.name:
                    yield kind


def test_no_dataclass_compares_its_arrays():
    compared = {
        f"{kind.__module__}.{kind.__qualname__}.{field.name}"
        for kind in dataclasses_of_the_package()
        if kind.__dataclass_params__.eq
        for field in fields(kind)
        if field.compare and holds_an_array(get_type_hints(kind)[field.name])
    }
    assert not compared
