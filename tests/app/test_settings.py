"""The drawer asks for an explanation under other settings, and the address says under which."""

import pytest

from tests.app.conftest import checked, component, panel
from tests.app.test_inspect import OWN, errors, own, quick_jobs, wait_for_jobs  # noqa: F401  # fixtures

FORM = "Explain with these"


def budgets(engine, method="kernel_shap"):
    return {request.explainer.budget for request in engine._jobs if request.explainer.id == method}


def press(app, label):
    return checked(next(button for button in app.button if button.label == label).click().run())


@pytest.fixture
def app(open_app, own, engine):  # noqa: F811
    return open_app(**OWN, method="kernel_shap")


def test_other_settings_are_another_job_and_stand_in_the_address_and_on_the_panel(app, engine):
    assert budgets(engine) == {60}
    wait_for_jobs(engine)
    app.number_input("setting_kernel_shap_budget_").set_value(80)
    app.selectbox("setting_kernel_shap_fill_").set_value("blur")
    press(app, FORM)
    assert budgets(engine) == {60, 80}
    assert app.query_params["options"] == "kernel_shap.budget=80,kernel_shap.fill=blur"
    wait_for_jobs(engine)
    checked(app.run())
    assert panel(app, "kernel_shap")["notes"][0]["text"].startswith(
        "Settings differ: budget 80 (default 512)"
    )
    assert not any("Settings differ" in note["text"] for note in panel(app, "lime")["notes"])
    press(app, "Back to defaults")
    assert "options" not in app.query_params
    assert app.number_input("setting_kernel_shap_budget_").value == 512
    assert panel(app, "kernel_shap")["state"] == "ready"  # what was computed before is at hand


def test_settings_in_the_address_are_taken_and_shown_in_the_drawer(open_app, own, engine):  # noqa: F811
    app = open_app(**OWN, method="kernel_shap", options="budget=96,lime.seed=3")
    assert budgets(engine) == {96}
    assert {job.explainer.seed for job in engine._jobs if job.explainer.id == "lime"} == {3}
    assert app.number_input("setting_kernel_shap_budget_kernel_shap.budget=96").value == 96
    assert errors(app) == []


def test_what_does_not_hold_in_the_address_is_told_and_taken_out(open_app, own, engine):  # noqa: F811
    app = open_app(**OWN, method="kernel_shap", options="budget=2,seed=4")
    assert errors(app) == [r"Budget of KernelSHAP is a whole number from 8 to 8,192\. Got '2'\."]
    assert app.query_params["options"] == "kernel_shap.seed=4"
    assert component(app, "verdict") is not None


def test_settings_that_do_not_go_together_are_told_and_nothing_changes(open_app, own, engine):  # noqa: F811
    app = open_app(**OWN, method="counterfactual")
    before = len(engine._jobs)
    app.number_input("setting_counterfactual_grid_").set_value(3)
    app.selectbox("setting_counterfactual_search_").set_value("fast")
    press(app, FORM)
    assert len(engine._jobs) == before
    assert any("search 'fast'" in message for message in errors(app))
    assert "options" not in app.query_params


def test_a_method_without_settings_and_a_picture_have_no_drawer(open_app, own):  # noqa: F811
    for method in ("residual", "reconstruction"):
        assert FORM not in [button.label for button in open_app(**OWN, method=method).button]


def test_the_methods_of_a_consensus_are_chosen_among_the_maps(open_app, own, engine):  # noqa: F811
    app = open_app(**OWN, method="consensus")
    app.multiselect("setting_consensus_members_").set_value(["residual", "lrp"])
    press(app, FORM)
    assert app.query_params["options"] == "consensus.members=residual-lrp"
    wait_for_jobs(engine)
    checked(app.run())
    assert panel(app, "consensus")["state"] == "ready"
