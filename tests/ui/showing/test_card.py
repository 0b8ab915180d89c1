"""The verdict's card says where a score stands, in figures that follow from the calibration."""

import pytest

from tests.presentation.test_judgement import NORMALS, record
from xai_ad.data.specs import Subject
from xai_ad.detector.calibration import State
from xai_ad.detector.scores import Score
from xai_ad.inspection.judgement import Judgement
from xai_ad.ui.components.mounting import require_plain
from xai_ad.ui.showing.card import verdict_data

LIMIT = 0.05


def card(raw=0.1, state=State.ANOMALOUS, subject=Subject.PART, interval=(0.04, 0.06), **measured):
    """Return the card of a raw score that was judged as `state`."""
    judgement = Judgement(state=state, score=raw, limit_low=interval[0], limit_high=interval[1])
    return verdict_data(judgement, record(*NORMALS, **measured), subject)


def test_figures_are_multiples_of_the_limit():
    shown = card()
    assert (shown["score"], shown["limit"]) == pytest.approx((2.0, 1.0))
    assert shown["interval"] == pytest.approx([0.8, 1.2])
    assert next(bar["start"] for bar in shown["bins"]) == pytest.approx(0.01 / LIMIT)
    require_plain(dict(shown))


def test_raw_figures_and_those_of_the_thesis_stand_in_the_details():
    told = {row["label"]: row["value"] for row in card()["details"]}
    assert (told["Score, raw"], told["Limit, raw"]) == ("0.100", "0.0500")
    assert (told["Score, of the highest calibrated on"], told["Limit, of the highest calibrated on"]) == (
        "0.500",
        "0.250",
    )
    (rarity,) = [(label, value) for label, value in told.items() if label.startswith("p-value")]
    assert rarity == ("p-value, among 3 good calibration parts", "0.250")  # higher than all three


@pytest.mark.parametrize(
    ("subject", "state", "word", "look"),
    [
        (Subject.PART, State.NORMAL, "PASS", "pass"),
        (Subject.PART, State.ANOMALOUS, "FAIL", "fail"),
        (Subject.SCENE, State.NORMAL, "NORMAL", "pass"),
        (Subject.SCENE, State.ANOMALOUS, "ABNORMAL", "fail"),
        (Subject.LESION, State.NORMAL, "TYPICAL", "typical"),
        (Subject.LESION, State.ANOMALOUS, "ATYPICAL", "atypical"),
        (Subject.LESION, State.BORDERLINE, "LOOK AT IT", "borderline"),
        (Subject.PART, State.BORDERLINE, "LOOK AT IT", "borderline"),
        (Subject.PART, State.STRANGER, "CANNOT JUDGE", "stranger"),
        (Subject.LESION, State.STRANGER, "CANNOT JUDGE", "stranger"),
    ],
)
def test_each_state_has_its_word_and_look(subject, state, word, look):
    shown = card(state=state, subject=subject)
    assert (shown["verdict"], shown["state"], shown["look"]) == (word, str(state), look)


def test_what_is_neither_pass_nor_fail_says_why_beside_its_word():
    assert card(state=State.STRANGER)["headline"] == "not like the training pictures"
    assert card(state=State.BORDERLINE)["headline"] == "too close to the limit to call"
    assert card(state=State.NORMAL)["headline"] == ""


def test_only_lesions_are_said_to_have_no_diagnosis():
    told = {subject: card(subject=subject)["disclaimer"] for subject in Subject}
    assert told == {Subject.PART: "", Subject.LESION: "Not a diagnosis.", Subject.SCENE: ""}


def test_a_limit_that_cannot_lie_elsewhere_has_no_interval():
    shown = card(interval=(LIMIT, LIMIT))
    assert shown["interval"] is None
    assert not any("90" in row["label"] for row in shown["details"])


@pytest.mark.parametrize(
    ("score", "squared", "structure"),
    [(Score.SQUARED_ERROR, True, False), (Score.COMPOUND, True, True), (Score.SSIM, False, True)],
)
def test_the_card_says_which_score_it_is(score, squared, structure):
    told = {row["label"]: row["value"] for row in card(score=score)["details"]}["Score measures"]
    assert ("squared error" in told, "structure" in told) == (squared, structure)
