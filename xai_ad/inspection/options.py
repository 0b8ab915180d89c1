"""A method's settings as a person chooses them: its fields with their bounds, in words, and as a compact text.

A text names methods and fields: `kernel_shap.budget=1024,lime.seed=3`. Where the method is clear it may be left out,
and the members of a consensus are joined by dashes: `members=residual-lrp`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import Any, TypeAlias, get_type_hints

from xai_ad.errors import InvalidInputError, UnknownNameError, XaiAdError
from xai_ad.explain import Explainer, build_explainer, find_explainer
from xai_ad.explain.base import Depiction
from xai_ad.explain.choices import Fill
from xai_ad.explain.consensus import Consensus
from xai_ad.explain.registry import EXPLAINERS, options_of
from xai_ad.fields import Bound, bounds
from xai_ad.machine.execution import Precision
from xai_ad.presentation.notes import FILLS
from xai_ad.presentation.words import listed

Options: TypeAlias = Mapping[str, Any]
"""What differs from a method's defaults, by field."""

LEFT_OUT = frozenset({"direction", "batch_size", "stretches", "extent"})
"""Fields that are no settings: a direction has its own button, a batch size changes no more than the last digits, and
time is a matter of clips."""
MOST = {"budget": 8192, "n_segments": 400, "seed": 2**32 - 1, "window": 512, "stride": 512}
"""What a page lets a person ask for at most: many share its server. The command line takes more."""
LONGEST = 2000
"""Characters of a text that is read."""

TITLES = {
    "n_segments": "Regions",
    "budget": "Budget",
    "seed": "Random seed",
    "fill": "Fill",
    "kernel_width": "Kernel width",
    "alpha": "Ridge penalty",
    "max_rectangles": "Rectangles",
    "members": "Methods",
}
HELP = {
    "budget": "How many changed copies of the picture are scored at most.",
    "seed": "Another seed draws other copies.",
    "n_segments": "Into how many regions the picture is cut.",
    "fill": "What stands where a region is switched to normal.",
    "precision": "The arithmetic of changed copies; auto takes what this machine is fastest in.",
    "estimator": "How Shapley values are estimated where the budget does not hold every combination.",
    "rule": "How relevance is handed from a layer to the one before.",
    "epsilon": "Steadies the division of the epsilon rule; larger ones lose more relevance.",
    "gamma": "How much the gamma rule prefers what pushes up.",
    "kernel_width": "How fast copies count less the more they differ from the picture.",
    "alpha": "How strongly the straight line is kept flat.",
    "grid": "Into how many rows and columns of cells the picture is cut.",
    "search": "All rectangles in order of area, or the most promising tenth.",
    "max_rectangles": "How many rectangles together may flip the verdict at most.",
    "steps": "How many steps the path from normal to this picture has.",
    "window": "The side of the square that is made normal, in the network's pixels.",
    "stride": "How far it moves at a time, in the network's pixels.",
    "members": "Whose ranks the consensus is the mean of.",
}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One field of a method: `bound` is None for the members of a consensus, `choices` its valid texts by value.

    `kind` is the type of its value, `default` what a page asks for where nothing is chosen.
    """

    method: str
    name: str
    bound: Bound | None
    kind: type
    default: Any
    choices: Mapping[str, str]

    @property
    def title(self) -> str:
        """What it is called."""
        return TITLES.get(self.name, self.name.replace("_", " ").capitalize())

    @property
    def help(self) -> str:
        """What it is for, in a sentence."""
        return HELP.get(self.name, "")

    @property
    def wanted(self) -> str:
        """What it may hold, in words."""
        if self.bound is None:
            return f"two or more of: {', '.join(self.choices)}, joined by dashes"
        if self.choices:
            return f"one of: {', '.join(self.choices)}"
        kind = "a whole number" if self.bound.kind == "int" else "a number"
        low, high = self.bound.low, self.bound.high
        if low is not None and high is not None:
            return f"{kind} from {low:,g} to {high:,.0f}"
        return f"{kind} from {low:,g}" if low is not None else f"{kind} above {self.bound.above:g}"

    def read(self, text: str) -> Any:
        """Return a text as a value; raises `InvalidInputError` in the setting's own words."""
        try:
            if self.bound is None:
                value: Any = tuple(text.split("-"))
                fits = len(set(value)) == len(value) >= 2 and set(value) <= set(self.choices)
            elif self.choices:
                value, fits = (self.kind(text), True)
            else:
                value = self.kind(text)
                fits = self.bound.holds(value)
        except ValueError:
            fits = False
        if not fits:
            title = find_explainer(self.method).title
            raise InvalidInputError(f"{self.title} of {title} is {self.wanted}. Got {text[:80]!r}.")
        return value

    def write(self, value: Any) -> str:
        """Return a value as a text that `read` understands."""
        if isinstance(value, tuple):
            return "-".join(value)
        return str(value.value) if isinstance(value, Enum) else f"{value!r}"

    def words(self, value: Any) -> str:
        """Return a value as a sentence has it."""
        if isinstance(value, tuple):
            return listed([self.choices[name] for name in value])
        if isinstance(value, Enum):
            return self.choices[str(value.value)]
        return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def settings_of(method: str) -> tuple[Setting, ...]:
    """Return a method's settings, the most used first; none for a method that has no fields, or for no method."""
    if method not in EXPLAINERS:
        return ()
    kind = options_of(method)
    hints, known = get_type_hints(kind), bounds(kind)
    found = [
        _setting(method, each.name, hints[each.name], known.get(each.name), each.default)
        for each in fields(kind)
        if each.name not in LEFT_OUT
    ]
    return tuple(sorted(found, key=lambda setting: setting.name == "precision"))


def _setting(method: str, name: str, kind: type, bound: Bound | None, default: Any) -> Setting:
    choices: dict[str, str] = {}
    if bound is None:
        maps = (one for one in EXPLAINERS.values() if one.picture is Depiction.MAP and one is not Consensus)
        choices = {one.id: one.title for one in maps}
    elif bound.choices:
        spoken = {str(fill): words for fill, words in FILLS.items()} if kind is Fill else {}
        choices = {choice: spoken.get(choice, choice.replace("_", " ")) for choice in bound.choices}
    elif name in MOST:
        bound = replace(bound, high=min(MOST[name], bound.high or MOST[name]))
    if name == "precision":
        default = Precision.AUTO
    return Setting(method=method, name=name, bound=bound, kind=kind, default=default, choices=choices)


def configured(explainer: Explainer, options: Options) -> Explainer:
    """Return an explainer under other settings; raises `InvalidInputError` for those that do not go together."""
    if not options:
        return explainer
    if isinstance(explainer, Consensus):
        return build_explainer(explainer.id, {"precision": Precision.AUTO, **options})
    return replace(explainer, **options)


def read_settings(text: str, chosen: str) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Return what a text says of each method, and a line on everything in it that does not hold; the rest is taken.

    `chosen` is the method that is meant where none is named.
    """
    found: dict[str, dict[str, Any]] = {}
    problems: list[str] = []
    if len(text) > LONGEST:
        return {}, [f"Settings are at most {LONGEST} characters. Got {len(text)}."]
    for part in filter(None, text.split(",")):
        name, _, value = part.partition("=")
        method, _, field = name.rpartition(".")
        try:
            setting = _find(method or chosen, field)
            read = setting.read(value)
        except XaiAdError as error:
            problems.append(str(error))
            continue
        if read != setting.default:
            found.setdefault(setting.method, {})[setting.name] = read
    for method, options in list(found.items()):
        try:
            configured(build_explainer(method, {}), options)
        except InvalidInputError as error:
            problems.append(str(error))
            del found[method]
    return found, problems


def _find(method: str, name: str) -> Setting:
    """Return a setting; raises `UnknownNameError` naming those that there are."""
    if method not in EXPLAINERS:
        raise UnknownNameError("explanation", method, EXPLAINERS)
    known = {setting.name: setting for setting in settings_of(method)}
    if name not in known:
        raise UnknownNameError(f"setting of {find_explainer(method).title} called", name, known)
    return known[name]


def write_settings(settings: Mapping[str, Options]) -> str:
    """Return settings as the text that `read_settings` reads, methods and fields in their own order."""
    return ",".join(
        f"{method}.{setting.name}={setting.write(settings[method][setting.name])}"
        for method in EXPLAINERS
        for setting in settings_of(method)
        if setting.name in settings.get(method, {})
    )


def differences(method: str, options: Options) -> str | None:
    """Say which settings are not the default ones, or None where all are."""
    words = [
        f"{setting.title.lower()} {setting.words(options[setting.name])} (default {setting.words(setting.default)})"
        for setting in settings_of(method)
        if setting.name in options
    ]
    return f"Settings differ: {listed(words)}." if words else None


def differences_of(explainer: Explainer) -> str | None:
    """Say which settings of an explainer are not the default ones, but for what the machine chose."""
    held: dict[str, Any] = {each.name: getattr(explainer, each.name) for each in fields(explainer)}
    if isinstance(explainer, Consensus):
        held["members"] = tuple(one.id for one in explainer.members)
    changed = {
        setting.name: held[setting.name]
        for setting in settings_of(explainer.id)
        if setting.name != "precision" and held.get(setting.name, setting.default) != setting.default
    }
    return differences(explainer.id, changed)
