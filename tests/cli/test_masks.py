"""`evaluate --masks`: where the defects are, by what an annotation tool exported."""

import json
import re
import shutil


def test_an_evaluation_by_drawn_masks_has_the_figures_of_painted_ones(
    run, mvtec_folder, stored_model, tmp_path
):
    shutil.rmtree(mvtec_folder / "test/stain")
    names = [f"hole/00{index}.png" for index in range(5)]
    content = {
        "images": [
            {"id": index, "file_name": name, "width": 32, "height": 32} for index, name in enumerate(names)
        ],
        "annotations": [
            {"image_id": index, "category_id": 1, "segmentation": [[8, 8, 16, 8, 16, 16, 8, 16]]}
            for index in range(5)
        ],
    }
    (tmp_path / "marks.json").write_text(json.dumps(content))

    def evaluated(*more):
        figures = tmp_path / "figures.json"
        where = ("--model", stored_model.path, "--data", mvtec_folder, "--layout", "mvtec", "--json", figures)
        code, _, errors = run("evaluate", *where, *more)
        assert code == 0, errors
        return json.loads(figures.read_text()), errors

    painted, _ = evaluated()
    shutil.rmtree(mvtec_folder / "ground_truth")
    assert evaluated()[0]["pixel_auc_roc"] is None
    drawn, errors = evaluated("--masks", tmp_path / "marks.json")
    assert drawn == painted
    assert drawn["pixel_auc_roc"] is not None
    assert "mask" not in errors

    del content["annotations"][2:]
    (tmp_path / "marks.json").write_text(json.dumps(content))
    _, errors = evaluated("--masks", tmp_path / "marks.json")
    assert "draws nothing on 3 defective pictures" in errors
    assert re.search(
        r"Note: Pixel figures rest on [12] of 4 defective pictures; [23] of 4 have no mask: hole/", errors
    )

    (tmp_path / "marks.json").write_text("{")
    code, _, errors = run(
        *("evaluate", "--model", stored_model.path, "--data", mvtec_folder, "--layout", "mvtec"),
        *("--json", tmp_path / "figures.json", "--masks", tmp_path / "marks.json"),
    )
    assert code == 1
    assert errors.count("\n") <= 1
    assert "marks.json is no JSON file" in errors


def test_an_evaluation_names_the_classes_that_nobody_marked(run, mvtec_folder, stored_model, tmp_path):
    where = ("--model", stored_model.path, "--data", mvtec_folder, "--layout", "mvtec")
    code, output, errors = run("evaluate", *where, "--json", tmp_path / "figures.json")
    assert (code, errors) == (0, "")
    assert "Pixel figures leave out stain: no picture there has a mask." in output
