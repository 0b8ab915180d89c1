"""What is said of a model that was written for other programs."""

TITLES = {"zip": "ZIP", "onnx": "ONNX", "openvino": "OpenVINO"}
"""What formats are called, by their ids."""


def agreement_words(images: int, scores: float | None, maps: float | None) -> str:
    """Say how far an exported model is from the one that it was made of; both differences are relative.

    >>> agreement_words(8, 3.2e-07, 1.44e-06)
    'Compared with the model on 8 images: scores differ by at most 3.2e-07 of their size, maps by 1.4e-06.'
    """
    if scores is None or maps is None:
        return ""
    return f"Compared with the model on {images} images: scores differ by at most {scores:.1e} of their size, maps by {maps:.1e}."
