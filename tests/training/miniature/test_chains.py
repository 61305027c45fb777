"""Chains of the miniature say what was drawn, and the judge concludes from them what follows."""

from geoagent_training.miniature.chains import RuleJudge, caption, read_clues, write_chain
from geoagent_training.miniature.world import LANDS, Clues
from geoagent_training.rewards.judge import JudgeQuestion

PORTUGAL = LANDS[0]
PORTO = PORTUGAL.cities[1]
SEEN = Clues("RUA", "blue-banded", "right", "south", "grey", "broadleaf")
HIDDEN = Clues(None, None, None, None, None, None)


def conclusion(level: int, reasoning: str, *before: str) -> str:
    return RuleJudge().conclude([JudgeQuestion(level, reasoning, before)])[0]


def test_a_caption_reads_back_as_the_same_clues() -> None:
    assert caption(SEEN) == (
        "sign RUA, plate blue-banded, drive right, sun south, walls grey, tree broadleaf"
    )
    for clues in (SEEN, HIDDEN, Clues("ΟΔΟΣ", None, "left", None, None, "palm")):
        assert read_clues(caption(clues)) == clues


def test_the_judge_comes_to_the_conclusions_of_a_chain_with_all_clues() -> None:
    chain = write_chain(SEEN, PORTUGAL, PORTO)
    country = conclusion(0, chain.CountryIdentification.Reasoning)
    region = conclusion(1, chain.RegionalGuess.Reasoning, country)
    place = conclusion(2, chain.PreciseLocalization.Reasoning, country, region)
    assert f"{country}; {region}; {place}" == chain.FinalAnswer == "Portugal; Porto; Porto"


def test_the_judge_is_led_by_the_words_and_not_by_the_place() -> None:
    wrong = write_chain(SEEN, LANDS[1], LANDS[1].cities[0])
    assert wrong.CountryIdentification.Conclusion == "Brazil"
    assert conclusion(0, wrong.CountryIdentification.Reasoning) == "Portugal"


def test_where_nothing_follows_the_judge_says_so() -> None:
    assert conclusion(0, "a nice day") == "unclear"
    assert conclusion(1, "walls grey, tree broadleaf", "Atlantis") == "unclear"
    assert conclusion(2, "walls grey, tree broadleaf") == "unclear"
