from xai_ad.inspection.catalogue import model_rows, network_rows


def test_the_count_of_the_thesis_stands_only_where_it_is_another():
    rows = {(row["id"], *row["options"].values()): row for row in network_rows()}
    assert "thesis_parameters" not in rows["bcae1",]
    assert rows["cgru", 1, "recurrent"]["thesis_parameters"] == 1_342_569


def test_a_broken_model_is_told_and_the_others_are_rows(stored_model, own_home):
    for name in ("sound", "broken"):
        (own_home / "models" / name).mkdir(parents=True)
        for file in stored_model.path.iterdir():
            text = file.read_bytes().replace(b"widget-bcae1", name.encode())
            (own_home / "models" / name / file.name).write_bytes(text)
    (own_home / "models" / "broken" / "calibrations.json").write_text("[]")
    told = []
    rows = {row["id"]: row for row in model_rows(on_broken=told.append)}
    assert "calibrations.json" in str(told[0])
    assert len(told) == 1
    assert "broken" not in rows
    assert (rows["sound"]["threshold"], rows["sound"]["network"]) == (0.05, "bcae1")
