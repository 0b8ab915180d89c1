"""Models, samples and pages are found beside the package, or where a setting says."""

from pathlib import Path

import pytest

import xai_ad
from xai_ad.errors import InvalidInputError
from xai_ad.machine import places

SETTINGS = [
    ("XAI_AD_MODELS", places.shipped_models, "models"),
    ("XAI_AD_SAMPLES", places.samples, "sample_data"),
    ("XAI_AD_PAGES", places.pages, "pages"),
]


@pytest.mark.parametrize(("variable", "place", "name"), SETTINGS)
@pytest.mark.parametrize("text", [None, ""])
def test_without_a_setting_it_is_the_checkouts(monkeypatch, variable, place, name, text):
    monkeypatch.delenv(variable, raising=False)
    if text is not None:
        monkeypatch.setenv(variable, text)
    assert place() == Path(xai_ad.__file__).resolve().parent.parent / name


@pytest.mark.parametrize(("variable", "place", "name"), SETTINGS)
def test_a_setting_is_a_folder_wherever_it_lies(monkeypatch, tmp_path, variable, place, name):
    monkeypatch.setenv(variable, str(tmp_path))
    assert place() == tmp_path.resolve()
    (tmp_path / "file").write_text("")
    for wrong in ("file", "none"):
        monkeypatch.setenv(variable, str(tmp_path / wrong))
        with pytest.raises(InvalidInputError, match=rf"{variable} is a folder that exists. Got '.*{wrong}'"):
            place()
