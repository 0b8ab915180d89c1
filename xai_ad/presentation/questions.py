"""The two questions that a counterfactual answers, in words."""

from dataclasses import dataclass

from xai_ad.explain import CounterfactualSearch, Direction
from xai_ad.explain.base import Explainer


@dataclass(frozen=True, kw_only=True)
class Question:
    """The words of one direction: its panel's `label` and `sentence`, the `switch` between before and after.

    `offer` is the button that asks this question instead of the other.
    """

    label: str
    sentence: str
    switch: str
    shown: bool
    offer: str
    icon: str


QUESTIONS = {
    Direction.REPAIR: Question(
        label=CounterfactualSearch.title,
        sentence=CounterfactualSearch.sentence,
        switch="Show repaired",
        shown=False,
        offer="Back: repair this picture",
        icon=":material/healing:",
    ),
    Direction.TRANSPLANT: Question(
        label="Transplant",
        sentence=(
            "What of this picture would make a normal one fail? "
            "The smallest rectangle that, pasted into a normal picture, flips its verdict."
        ),
        switch="Show pasted",
        shown=True,
        offer="Paste parts of it into a normal picture",
        icon=":material/content_paste:",
    ),
}

NOTHING_TO_REPAIR = "It passes already: there is nothing to repair."
ASK_INSTEAD = "Below, ask instead what of it would make a normal picture fail."


def question_of(explainer: Explainer) -> Question | None:
    """Return what a counterfactual search asks, or None for any other explainer."""
    return QUESTIONS[explainer.direction] if isinstance(explainer, CounterfactualSearch) else None
