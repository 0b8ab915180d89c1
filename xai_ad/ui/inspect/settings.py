"""A drawer with the settings of the chosen explanation; the address holds those that are not the default ones."""

from dataclasses import fields
from typing import Any

import streamlit as st

from xai_ad.errors import InvalidInputError
from xai_ad.explain import build_explainer
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

OPTIONS = "options"
"""The address's key; see `xai_ad.inspection.options` for what it holds."""
_CHOSEN, _DRAWN, _PROBLEM, _CHANGED = "settings", "settings_drawn", "settings_problem", "settings_changed"


def follow_settings() -> None:
    """Take the settings from the address; what does not hold is reported and taken out of it."""
    text = address.asked(OPTIONS) or ""
    found, problems = read_settings(text, state.chosen_method())
    st.session_state[_CHOSEN] = found
    for problem in problems:
        state.warn(problem)
    if problems:
        _write(found)


def as_chosen(explainer: Explainer, *, insists: bool) -> Explainer:
    """Return an explainer under this session's settings.

    Where it `insists` on a normal photograph that fails, regions are filled from that, unless a setting says else.
    """
    options = dict(_chosen().get(explainer.id, {}))
    if insists and "fill" in {each.name for each in fields(options_of(explainer.id))}:
        options = {"fill": Fill.NORMAL, **options}
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
    with st.popover(f"Settings ({len(options)})" if options else "Settings", icon=":material/tune:"):
        _follow(settings, options)
        with st.form(f"settings_{method}", border=False):
            for setting in settings:
                _widget(setting)
            st.form_submit_button("Explain with these", on_click=_apply, args=(method,), type="primary")
        if options:
            st.button("Back to defaults", on_click=_reset, args=(method,), key="settings_reset")
        if problem := st.session_state.get(_PROBLEM):
            state.show_error(problem)


def _chosen() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = st.session_state.get(_CHOSEN, {})
    return found


def _follow(settings: tuple[Setting, ...], options: dict[str, Any]) -> None:
    """Let the widgets show what is chosen: where they are new, and where the address changed under them."""
    drawn = (settings[0].method, write_settings({settings[0].method: options}))
    changed = st.session_state.get(_DRAWN) != drawn
    st.session_state[_DRAWN] = drawn
    if changed:
        st.session_state.pop(_PROBLEM, None)
    for setting in settings:
        key = _key(setting)
        if changed or key not in st.session_state:
            value = options.get(setting.name, setting.default)
            st.session_state[key] = _shown(setting, value)


def _key(setting: Setting) -> str:
    return f"setting_{setting.method}_{setting.name}"


def _shown(setting: Setting, value: Any) -> Any:
    """Return a value as its widget holds it."""
    if setting.bound is None:
        return list(value)
    return setting.write(value) if setting.choices else value


def _widget(setting: Setting) -> None:
    label = f"{setting.title} (default {setting.words(setting.default)})"
    key, hint, bound = _key(setting), setting.help or None, setting.bound
    if bound is None:
        st.multiselect(
            setting.title, list(setting.choices), key=key, help=hint, format_func=setting.choices.__getitem__
        )
    elif setting.choices:
        st.selectbox(
            label, list(setting.choices), key=key, help=hint, format_func=setting.choices.__getitem__
        )
    elif bound.kind == "int":
        high = None if bound.high is None else int(bound.high)
        st.number_input(label, int(bound.low or 0), high, step=1, key=key, help=hint)
    else:
        low = bound.low if bound.low is not None else bound.above
        st.number_input(
            label,
            None if low is None else float(low),
            None if bound.high is None else float(bound.high),
            step=float(setting.default) / 4,
            format="%g",
            key=key,
            help=hint,
        )


def _apply(method: str) -> None:
    """Take what the drawer's form says, if it holds; else say what does not."""
    try:
        read = [(setting, _value(setting)) for setting in settings_of(method)]
        options = {setting.name: value for setting, value in read if value != setting.default}
        configured(build_explainer(method), options)
    except InvalidInputError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    st.session_state.pop(_PROBLEM, None)
    _choose(method, options)


def _value(setting: Setting) -> Any:
    held = st.session_state[_key(setting)]
    return setting.read("-".join(held) if isinstance(held, list) else str(held))


def _reset(method: str) -> None:
    _choose(method, {})


def _choose(method: str, options: dict[str, Any]) -> None:
    others = {name: told for name, told in _chosen().items() if name != method}
    st.session_state[_CHOSEN] = {**others, method: options} if options else others
    st.session_state[_CHANGED] = True
    _write(st.session_state[_CHOSEN])


def _write(settings: dict[str, dict[str, Any]]) -> None:
    address.write(**{OPTIONS: write_settings(settings) or None})
