"""Where the explanations of a comparison agree, and where they do not: in a sentence, on the photograph, and in figures."""

from collections.abc import Mapping

from xai_ad.inspection.comparing import Comparison


def show_agreement(comparison: Comparison, titles: Mapping[str, str]) -> None:
    """Draw how far the explanations that are at hand agree; `titles` are what the models are called, by id."""
