"""Every explainer by its id. A new one is a file of its own and a line here."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from xai_ad.errors import InvalidInputError, UnknownNameError
from xai_ad.explain.base import BATCH_SIZE, Depiction, Explainer
from xai_ad.explain.choices import Fill
from xai_ad.explain.consensus import MEMBERS, Consensus
from xai_ad.explain.counterfactual import CounterfactualSearch
from xai_ad.explain.integrated_gradients import IntegratedGradients
from xai_ad.explain.kernel_shap import KernelShap
from xai_ad.explain.lime import Lime
from xai_ad.explain.lrp import Lrp
from xai_ad.explain.occlusion import Occlusion
from xai_ad.explain.owen import Owen
from xai_ad.explain.residual import Residual
from xai_ad.fields import Checked, member, whole
from xai_ad.machine.execution import MAX_BATCH, Precision

_IN_ORDER = (
    Residual,
    Lrp,
    Lime,
    KernelShap,
    CounterfactualSearch,
    IntegratedGradients,
    Occlusion,
    Owen,
    Consensus,
)
EXPLAINERS: dict[str, type[Explainer]] = {explainer.id: explainer for explainer in _IN_ORDER}


def find_explainer(method: str) -> type[Explainer]:
    """Return an explainer's class by its id, or raise `UnknownNameError` naming the valid ones."""
    if method not in EXPLAINERS:
        raise UnknownNameError("explainer", method, EXPLAINERS)
    return EXPLAINERS[method]


@dataclass(frozen=True, kw_only=True)
class ConsensusOptions(Checked):
    """A consensus as it is asked for by name: its members' ids, and the options that those of them share that have them."""

    called: ClassVar[str] = "Consensus"

    members: tuple[str, ...] = tuple(one.id for one in MEMBERS)
    fill: Fill = member(Fill.AUTO)
    seed: int = whole(0, low=0, high=2**32 - 1)
    precision: Precision = member(Precision.FLOAT32)
    batch_size: int = whole(BATCH_SIZE, low=1, high=MAX_BATCH)

    def __post_init__(self) -> None:
        super().__post_init__()
        valid = [each.id for each in _IN_ORDER if each.picture is Depiction.MAP and each is not Consensus]
        if not isinstance(self.members, tuple) or len(set(self.members)) != max(len(self.members), 2):
            raise InvalidInputError(
                f"The 'members' of Consensus must be a tuple of two or more different methods of: "
                f"{', '.join(sorted(valid))}. Got {self.members!r}."
            )
        for name in self.members:
            if name not in valid:
                raise UnknownNameError("member of a consensus called", name, valid)

    def build(self) -> Consensus:
        """Return the consensus of those members, with all else at their defaults."""
        shared = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "members"}
        return Consensus(
            members=tuple(
                build_explainer(
                    method, {name: shared[name] for name in explainer_options(method) if name in shared}
                )
                for method in self.members
            )
        )


def options_of(method: str) -> type[Explainer] | type[ConsensusOptions]:
    """Return the dataclass whose fields are a method's options by name: for all but a consensus the explainer itself."""
    return ConsensusOptions if method == Consensus.id else find_explainer(method)


def explainer_options(method: str) -> list[str]:
    """Return the names of an explainer's options."""
    return [each.name for each in fields(options_of(method))]


def build_explainer(method: str, options: Mapping[str, Any] | None = None) -> Explainer:
    """Build an explainer from its id and its options by name.

    Raises `UnknownNameError` for an unknown method or option, naming the valid ones, and `InvalidInputError` for a
    value out of range.

    >>> build_explainer("kernel_shap", {"budget": 64}).budget
    64
    >>> [one.id for one in build_explainer("consensus", {"members": ("residual", "lrp")}).members]
    ['residual', 'lrp']
    """
    kind, valid = options_of(method), explainer_options(method)
    for name in options or {}:
        if name not in valid:
            raise UnknownNameError(f"option of the explainer {method!r} called", name, valid)
    built = kind(**(options or {}))
    return built.build() if isinstance(built, ConsensusOptions) else built
