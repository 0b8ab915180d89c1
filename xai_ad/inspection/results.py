"""What was computed stays at hand: a bounded cache keyed on what a result depends on, never on arrays or names."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from xai_ad.explain.results import Explanation
from xai_ad.inspection.request import Request

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class BoundedCache(Generic[Key, Value]):
    """A dictionary that forgets what was used least recently; safe to share between threads."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> Value | None:
        """Return the value and count it as used, or None."""
        with self._lock:
            if key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key]

    def put(self, key: Key, value: Value) -> Value:
        """Keep a value, forget the ones that no longer fit, and return the value."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._capacity:
                self._values.popitem(last=False)
        return value

    def get_or(self, key: Key, compute: Callable[[], Value]) -> Value:
        """Return the kept value, or compute it and keep it; two threads may both compute, and the last one stays."""
        value = self.get(key)
        return self.put(key, compute()) if value is None else value

    def __len__(self) -> int:
        with self._lock:
            return len(self._values)


@dataclass(frozen=True, kw_only=True)
class TimedExplanation:
    """An explanation and how many seconds it took."""

    explanation: Explanation
    seconds: float


RESULTS: BoundedCache[Request, TimedExplanation] = BoundedCache(512)
"""Every session's explanations, about 0.1 MB each."""
