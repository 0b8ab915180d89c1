"""Whether a video file is all there: what was read of it against what its container promises.

Not every stored frame is shown: an edit list hides some, and a video cut without encoding it anew may begin with some
that build on frames before the cut. So packets are counted, not decoded frames.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

_SHORTFALL = 0.5
"""Seconds by which what was read may end before the length that a header states."""
_UNSTATED = frozenset({"mpegts", "mpeg"})
"""Containers that state no length: what is known of it was guessed from the first and the last times in them."""
_TS_PACKETS = (188, 192, 204)
"""Bytes of a transport stream's packets: plain, with a time before each, with a check behind each."""
_ASF_FILE = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
"""How the object of an ASF header begins that states how large the file is, 40 bytes on."""
_MATROSKA_SEGMENT = bytes.fromhex("18538067")
_HEAD = 4096
"""Bytes of a file in which its header states its size."""


class Tally:
    """Counts what is read of a video; `missing` says what is not there once all of it was read."""

    def __init__(self, container: "InputContainer", stream: "VideoStream") -> None:
        self._container, self._stream = container, stream
        self._listed = len(stream.index_entries)  # of an AVI, reading adds to it
        self._packets = 0
        self._start: float | None = None
        self._end = 0.0
        self._is_cut = False

    def note(self, packet: "Packet[Any]") -> None:
        """Count a packet of any of the file's streams; the empty ones that end a stream count nothing."""
        if not packet.size:
            return
        self._is_cut = packet.is_corrupt
        self._packets += packet.stream_index == self._stream.index
        at = packet.pts if packet.pts is not None else packet.dts
        if at is not None and packet.time_base is not None:
            begin = float(at * packet.time_base)
            self._start = begin if self._start is None else min(begin, self._start)
            self._end = max(self._end, begin + float((packet.duration or 0) * packet.time_base))

    def missing(self, path: Path, read: int) -> str | None:
        """Return how a file that gave `read` frames ends before its end, or None where it is whole."""
        lacking = self._promised() - self._packets
        if lacking > 0:
            return f"{path} ends after frame {read}; its header promises {read + lacking}: it was cut short."
        if self._ends_early():
            length = (self._container.duration or 0) / 1_000_000
            return (
                f"{path} ends after frame {read} at {self._end:.1f} s; its header promises {length:.1f} s: it was cut "
                "short."
            )
        if self._is_cut or (not self._is_indexed() and _lacks_bytes(self._container.format.name, path)):
            return f"{path} ends within what follows frame {read}: it was cut short."
        if self._container.format.name == "gif" and _last_byte(path) != b";":
            return f"{path} ends after frame {read} without the mark that ends a GIF: it was cut short."
        return None

    def _is_indexed(self) -> bool:
        """Whether an index lists every frame, as in an MP4 that is not fragmented."""
        return self._container.format.name.startswith("mov") and self._stream.frames > 0

    def _promised(self) -> int:
        """Return how many packets the file's index has, which knows of edits and dropped frames, or else its header."""
        name = self._container.format.name
        if name.startswith("mov"):
            return len(self._stream.index_entries)  # of a fragmented one, reading adds to it
        return self._listed if name == "avi" and self._listed > 1 else self._stream.frames

    def _ends_early(self) -> bool:
        """Whether a container that states its length holds less; an MP4's index is more exact."""
        name = self._container.format.name
        if name in _UNSTATED or self._is_indexed():
            return False
        length = (self._container.duration or 0) / 1_000_000
        # Some state the length from the first frame on, and some the time at which the last ends.
        return max(self._end, self._end - (self._start or 0.0)) + _SHORTFALL < length


def _lacks_bytes(container: str, path: Path) -> bool:
    """Return whether a file is shorter than it says itself, or ends within a packet."""
    size = path.stat().st_size
    if container == "mpegts":
        return all(size % packet for packet in _TS_PACKETS)
    with path.open("rb") as file:
        if container.startswith("mov"):
            return size < _boxes_end(file)
        head = file.read(_HEAD)
    if container == "asf" and (at := head.find(_ASF_FILE)) >= 0:
        return size < int.from_bytes(head[at + 40 : at + 48], "little")
    if container.startswith("matroska") and (at := head.find(_MATROSKA_SEGMENT)) >= 0:
        return size < _segment_end(head, at + len(_MATROSKA_SEGMENT))
    return False


def _boxes_end(file: BinaryIO) -> int:
    """Return where the last box of an MP4 ends, as far as the boxes before it can be followed."""
    end = 0
    while len(head := _read_at(file, end, 16)) >= 8:
        length = int.from_bytes(head[:4], "big")
        if length == 1:  # it stands behind the box's name
            length = int.from_bytes(head[8:], "big")
        if length < 8 or not head[4:8].isalnum():  # to the file's end, or no box
            break
        end += length
    return end


def _read_at(file: BinaryIO, place: int, length: int) -> bytes:
    file.seek(place)
    return file.read(length)


def _segment_end(head: bytes, at: int) -> int:
    """Return where a Matroska segment ends whose length is written at a place; 0 for a live one, which has none."""
    if at >= len(head) or not head[at]:
        return 0
    digits = 9 - head[at].bit_length()  # a first byte of 0b0001.... has three more
    length = int.from_bytes(head[at : at + digits], "big") & ((1 << 7 * digits) - 1)
    return 0 if length == (1 << 7 * digits) - 1 else at + digits + length


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read()
