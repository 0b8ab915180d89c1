"""What the tests of commands share."""

import sys

import pytest

from xai_ad.cli import main


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command line in this process; return (exit code, stdout, stderr)."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["xai_ad", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            main()
        code = caught.value.code
        captured = capsys.readouterr()
        if isinstance(code, str):  # sys.exit(message) prints it and exits with 1
            return 1, captured.out, captured.err + code
        return code or 0, captured.out, captured.err

    return call
