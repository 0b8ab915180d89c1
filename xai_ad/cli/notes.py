"""What a dataset's reading decided for a person, said on stderr."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from xai_ad.data.notes import NOTES


class _Once(logging.Handler):
    """Prints each note once, however often a command reads its data."""

    def __init__(self) -> None:
        super().__init__()
        self.said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        note = record.getMessage()
        if note not in self.said:
            self.said.add(note)
            typer.echo(f"Note: {note}", err=True)


@contextmanager
def print_notes() -> Iterator[None]:
    """Print the notes of every dataset that is read meanwhile, each once."""
    handler = _Once()
    NOTES.addHandler(handler)
    try:
        yield
    finally:
        NOTES.removeHandler(handler)
