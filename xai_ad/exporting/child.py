"""What runs in a recording's own process: `child FOLDER CALIBRATION OUTPUT` writes a model's ONNX graph into a file."""

import sys
from pathlib import Path

from xai_ad.errors import XaiAdError
from xai_ad.exporting.graph import onnx_graph
from xai_ad.exporting.metadata import metadata_of
from xai_ad.exporting.recording import REFUSED
from xai_ad.store import find_model, load, load_calibration


def main() -> None:
    """Record; what is refused is the last line on standard error."""
    folder, calibration, output = sys.argv[1:]
    try:
        stored = find_model(folder)
        detector, _ = load(stored, calibration=calibration)
        graph = onnx_graph(detector, metadata_of(stored, load_calibration(stored, calibration), detector))
        Path(output).write_bytes(graph.SerializeToString())
    except (XaiAdError, OSError) as error:
        sys.stderr.write("\n" + " ".join(str(error).split()) + "\n")
        sys.exit(REFUSED)


if __name__ == "__main__":
    main()
