"""What libraries raise on damaged files, one way or another; none of them promises which."""

import struct
import zlib

DAMAGE = (
    *(OSError, EOFError, SyntaxError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError),
    *(RuntimeError, AssertionError, MemoryError, struct.error, zlib.error),
)
