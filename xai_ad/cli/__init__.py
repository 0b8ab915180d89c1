"""The command line, `python -m xai_ad <command>`: parses arguments, calls the package, prints.

Anything the package refuses is one line on stderr and exit 1; a wrong flag is exit 2.
"""

import sys

import typer

from xai_ad.cli import (
    benchmarking,
    calibrating,
    catalogue,
    comparing,
    experimenting,
    judging,
    making,
    managing,
    training,
)
from xai_ad.cli.notes import print_notes
from xai_ad.errors import XaiAdError

app = typer.Typer(
    name="xai_ad",
    help="Explains what an anomaly-detecting convolutional autoencoder decided.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for module in (
    catalogue,
    making,
    calibrating,
    managing,
    training,
    judging,
    comparing,
    experimenting,
    benchmarking,
):
    for command in module.COMMANDS:
        app.command(command.__name__.rstrip("_"))(command)  # `import` is a word of Python's own


def main() -> None:
    """Run the command line; the one place that catches the package's errors."""
    from xai_ad.machine.allocator import tune_allocator

    tune_allocator()
    try:
        with print_notes():
            app()
    except (XaiAdError, OSError) as error:
        sys.exit("xai_ad: " + " ".join(_plain(error).split()))


def _plain(error: XaiAdError | OSError) -> str:
    """Return what is said of an error, without the number that the system gives it."""
    if isinstance(error, XaiAdError) or error.strerror is None:
        return str(error)
    named = "A file" if error.filename is None else repr(error.filename)
    return f"{named} cannot be read or written ({error.strerror})."


__all__ = ["app", "main"]
