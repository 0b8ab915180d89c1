"""How far an explanation of one image can be trusted, in words: one line, and the figures behind it."""

from dataclasses import dataclass

from xai_ad.explain.results import Counterfactual, Explanation
from xai_ad.explain.trust import Trust
from xai_ad.metrics.faithfulness import STEPS
from xai_ad.presentation.words import figure, percent

NO_BETTER = 0.1
"""Up to here evidence is told to be no better than places at random: 0 is random, 1 ideal."""
AGREES, SHARES = 0.7, 0.5
"""From this rank correlation, and this share of the strongest evidence, on a repeated run is said to agree."""
OWES_LITTLE = 0.5
"""From this rank correlation on with the map of shuffled weights, a map is said to owe little to what was learnt."""
FEW_COPIES = 0.75
"""Under this share of noisy copies a flip is said not to hold."""


@dataclass(frozen=True, kw_only=True)
class TrustWords:
    """One `line`, a `short` one for where there is little room, whether it `warns`, and named figures behind it."""

    line: str
    short: str
    warns: bool
    figures: tuple[tuple[str, str], ...]


def trust_line(trust: Trust, explanation: Explanation) -> TrustWords:
    """Say how far an explanation can be trusted: what goes with what it marks, whether it holds, and what it fails at."""
    is_map = not isinstance(explanation, Counterfactual)
    effect, effect_short = _effect(trust)
    holds, holds_short, shaky = _stability(trust) if is_map else _flips(trust)
    failures = _failures(trust)
    sentences = ["; ".join(filter(None, [effect, holds])), *(sentence for sentence, _ in failures)]
    line = " ".join(f"{sentence[0].upper()}{sentence[1:]}." for sentence in sentences if sentence)
    short = [short for _, short in failures] or list(filter(None, [effect_short, holds_short]))
    return TrustWords(
        line=line or "Nothing could be tried on this picture.",
        short=", ".join(short),
        warns=bool(failures) or shaky,
        figures=_figures(trust, is_map=is_map),
    )


def _effect(trust: Trust) -> tuple[str, str]:
    """Say what of the score goes with what is marked."""
    if trust.removed is None:
        return "the picture scores hardly more than a normal one, so that nothing could be taken away", ""
    if not trust.marked:
        return "nothing is marked that could be taken away", "marks nothing"
    marked = percent(trust.marked)
    if trust.removed <= 0:
        return (
            f"replacing the marked {marked} by normal content removes none of the error",
            f"none of the error goes with the marked {marked}",
        )
    share = "all" if trust.removed >= 0.995 else percent(trust.removed)
    return (
        f"replacing the marked {marked} by normal content removes {share} of the error",
        f"{share} of the error goes with the marked {marked}",
    )


def _stability(trust: Trust) -> tuple[str, str, bool]:
    """Say whether a repeated run tells the same."""
    if trust.stability is None or trust.shared is None:
        return "", "", False
    if trust.shared < SHARES:
        return (
            f"a repeated run points elsewhere: it shares {percent(trust.shared)} of the strongest places",
            "repeats point elsewhere",
            True,
        )
    if trust.stability < AGREES:
        return (
            "repeated runs point at the same places and order the others otherwise",
            "repeats agree in part",
            False,
        )
    return "repeated runs agree", "repeats agree", False


def _flips(trust: Trust) -> tuple[str, str, bool]:
    """Say whether what flips the verdict still does in noise that nobody sees."""
    if trust.stability is None:
        return "", "", False
    if trust.stability >= FEW_COPIES:
        return "in noise that nobody sees the verdict still flips", "still flips in noise", False
    if not trust.stability:
        said = "in noise that nobody sees the verdict flips in none of the copies, as near to the limit as it lies"
        return said, "any noise undoes the flip", True
    share = percent(trust.stability)
    said = f"in noise that nobody sees the verdict still flips in {share} of the copies, as near to the limit as it lies"
    return said, f"still flips in {share} of noisy copies", True


def _failures(trust: Trust) -> list[tuple[str, str]]:
    """Say what an explanation fails at, each in a sentence and in a few words; nothing where it does not."""
    found = []
    if trust.faithfulness is not None and trust.faithfulness < NO_BETTER and trust.marked:
        found.append(
            ("its order of places lowers the score no more than places at random do", "no better than random")
        )
    if trust.randomised is not None and trust.randomised >= OWES_LITTLE:
        how = f"(correlation {figure(trust.randomised)}): it owes little to what was learnt"
        said = f"the map looks much the same after the network's weights are shuffled {how}"
        found.append((said, "owes little to what was learnt"))
    return found


def _figures(trust: Trust, *, is_map: bool) -> tuple[tuple[str, str], ...]:
    """Return every figure with its name; what has no meaning is left out."""
    steps = ", ".join(f"{step:.0%}".rstrip("%") for step in STEPS)
    found = [
        ("Faithfulness (0: places at random, 1: the best order known)", _plain(trust.faithfulness)),
        ("Marked, of the picture", percent(trust.marked)),
        ("Removed with it, of the score above normal content's", _share(trust.removed)),
        (f"Removed with the highest {steps} % of its evidence", _shares(trust.fall)),
        ("The same with places at random", _shares(trust.random_fall)),
        ("The same with the best order known", _shares(trust.ideal_fall)),
    ]
    if is_map:
        found += [
            (
                "Rank correlation with a repeated run (other seed, noise of one grey level)",
                _plain(trust.stability),
            ),
            ("Strongest places that both share", _share(trust.shared)),
        ]
    else:
        found.append(("Noisy copies whose verdict still flips", _share(trust.stability)))
    found += [
        ("Of the score, not accounted for", _share(trust.completeness)),
        ("90 % interval, median, of the largest value", _share(trust.width)),
        ("Rank correlation, in size, after the weights are shuffled", _plain(trust.randomised)),
        ("Cost", f"{trust.evaluations} evaluations, {figure(trust.seconds)} s"),
    ]
    return tuple((name, value) for name, value in found if value is not None)


def _plain(value: float | None) -> str | None:
    return None if value is None else figure(value)


def _share(value: float | None) -> str | None:
    return None if value is None else percent(value)


def _shares(values: tuple[float, ...]) -> str | None:
    return ", ".join(percent(value) for value in values) if values else None
