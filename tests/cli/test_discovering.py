"""`inspect --fdr`: what is flagged, said in words."""

import csv

from tests.conftest import write_picture


def test_inspect_says_how_many_are_flagged_and_what_is_promised(run, stored_model, tmp_path):
    for index in range(2):
        write_picture(tmp_path / "parts" / f"{index}.png", index)
    arguments = ["inspect", "--model", stored_model.path, tmp_path / "parts", "--output", tmp_path / "out"]
    code, out, _ = run(*arguments, "--fdr", 0.6)  # one normal image scores 0.02, and these about 0.05
    assert code == 0
    assert out.splitlines()[1] == (
        "2 of 2 pictures flagged (is_discovery): on average at most 60 % of those flagged are normal, as long as normal "
        "ones are like the 1 good calibration parts of the limit."
    )
    with (tmp_path / "out" / "results.csv").open() as file:
        assert [(row["score_p_value"], row["is_discovery"]) for row in csv.DictReader(file)] == [
            ("0.5", "True")
        ] * 2
    code, _, err = run(*arguments, "--fdr", 1)
    assert (code, err) == (1, "xai_ad: A false discovery rate lies between 0 and 1. Got 1.0.")
