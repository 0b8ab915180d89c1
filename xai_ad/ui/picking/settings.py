"""A drawer with the settings of the chosen explanation; the address holds those that are not the default ones."""

from dataclasses import fields, replace
from typing import Any

import streamlit as st

from xai_ad.errors import InvalidInputError
from xai_ad.explain import CounterfactualSearch, build_explainer
from xai_ad.explain.base import Explainer
from xai_ad.explain.choices import Fill
from xai_ad.explain.registry import options_of
from xai_ad.inspection.options import (
    Setting,
    configured,
    differences,
    read_settings,
    settings_of,
    write_settings,
)
from xai_ad.ui import address, state

_CHOSEN, _DRAWN, _PROBLEM, _CHANGED = "settings", "settings_drawn", "settings_problem", "settings_changed"


def follow_settings(method: str) -> None:
    """Take the settings from the address; what does not hold is reported and taken out of it.

    One that names no method is of this one.
    """
    text = address.asked(state.OPTIONS) or ""
    found, problems = read_settings(text, method)
    st.session_state[_CHOSEN] = found
    for problem in problems:
        state.warn(problem)
    if problems:
        _write(found)


def as_chosen(explainer: Explainer, *, insists: bool) -> Explainer:
    """Return an explainer under this session's settings; a counterfactual flips the verdict that the session chose.

    Where it `insists` on a normal photograph that fails, regions are filled from that, unless a setting says else.
    """
    options = dict(_chosen().get(explainer.id, {}))
    if insists and "fill" in {each.name for each in fields(options_of(explainer.id))}:
        options = {"fill": Fill.NORMAL, **options}
    if isinstance(explainer, CounterfactualSearch):
        explainer = replace(explainer, direction=state.direction())
    return configured(explainer, options)


def difference_of(method: str) -> str | None:
    """Say which settings of a method are not the default ones, or None where all are."""
    return differences(method, _chosen().get(method, {}))


def took_change() -> bool:
    """Return, once, whether settings changed since it was last asked."""
    return bool(st.session_state.pop(_CHANGED, False))


def offer_settings(method: str) -> None:
    """Offer the settings of a method that has any."""
    settings = settings_of(method)
    if not settings:
        return
    options = _chosen().get(method, {})
    drawn = write_settings({method: options})
    if st.session_state.get(_DRAWN) != (method, drawn):
        st.session_state.pop(_PROBLEM, None)
        st.session_state[_DRAWN] = (method, drawn)
    with st.popover(f"Settings ({len(options)})" if options else "Settings", icon=":material/tune:"):
        with st.form(f"settings_{method}", border=False):
            for setting in settings:
                _widget(setting, options.get(setting.name, setting.default), key=_key(setting, drawn))
            st.form_submit_button("Explain with these", on_click=_apply, args=(method, drawn), type="primary")
        if options:
            st.button("Back to defaults", on_click=_reset, args=(method,), key="settings_reset")
        if problem := st.session_state.get(_PROBLEM):
            state.show_error(problem)


def _chosen() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = st.session_state.get(_CHOSEN, {})
    return found


def _key(setting: Setting, drawn: str) -> str:
    """Return a widget's key: under other settings it is another widget, which begins with what is chosen now."""
    return f"setting_{setting.method}_{setting.name}_{drawn}"


def _widget(setting: Setting, value: Any, *, key: str) -> None:
    label = f"{setting.title} (default {setting.words(setting.default)})"
    hint, bound, names = setting.help or None, setting.bound, list(setting.choices)
    spoken = setting.choices.__getitem__
    if bound is None:
        st.multiselect(setting.title, names, list(value), key=key, help=hint, format_func=spoken)
    elif names:
        place = names.index(setting.write(value))
        st.selectbox(label, names, place, key=key, help=hint, format_func=spoken)
    elif bound.kind == "int":
        high = None if bound.high is None else int(bound.high)
        st.number_input(label, int(bound.low or 0), high, value, step=1, key=key, help=hint)
    else:
        least, most = (
            None if end is None else float(end)
            for end in (bound.low if bound.low is not None else bound.above, bound.high)
        )
        step = float(setting.default) / 4
        st.number_input(label, least, most, float(value), step=step, format="%g", key=key, help=hint)


def _apply(method: str, drawn: str) -> None:
    """Take what the drawer's form says, if it holds; else say what does not."""
    try:
        read = [(setting, _value(setting, drawn)) for setting in settings_of(method)]
        options = {setting.name: value for setting, value in read if value != setting.default}
        configured(build_explainer(method), options)
    except InvalidInputError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    st.session_state.pop(_PROBLEM, None)
    _choose(method, options)


def _value(setting: Setting, drawn: str) -> Any:
    held = st.session_state[_key(setting, drawn)]
    return setting.read("-".join(held) if isinstance(held, list) else str(held))


def _reset(method: str) -> None:
    _choose(method, {})


def _choose(method: str, options: dict[str, Any]) -> None:
    others = {name: chosen for name, chosen in _chosen().items() if name != method}
    st.session_state[_CHOSEN] = {**others, method: options} if options else others
    st.session_state[_CHANGED] = True
    _write(st.session_state[_CHOSEN])


def _write(settings: dict[str, dict[str, Any]]) -> None:
    address.write(**{state.OPTIONS: write_settings(settings) or None})
