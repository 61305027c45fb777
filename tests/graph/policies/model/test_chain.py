"""Chains as published models write them: the right answer, or an error the model can mend."""
# ruff: noqa: E501

import json
import random
from typing import Any

import pytest

from geoagent_graph.policies.model.chain import Chain, parse_chain
from geoagent_graph.policies.model.replies import ReplyError, read_json, read_object
from tests.support.hostile_replies import HOSTILE_CHAINS, chain_reply

FULL: dict[str, Any] = chain_reply("Germany", "Bavaria", "Munich")
BARE = json.dumps(FULL)
TAGGED = f"<think>{BARE}</think><answer>Germany; Bavaria; Munich</answer>"
MUNICH = ("Germany", "Bavaria", "Munich")
STAGES_ONLY = json.dumps({"ChainOfThought": FULL["ChainOfThought"]})

READ = {
    "bare JSON": (BARE, MUNICH),
    "both tags": (TAGGED, MUNICH),
    "spaces around tags": (f" <think>\n{BARE}\n</think> \n <answer> Germany; Bavaria; Munich </answer> ", MUNICH),
    "stages without the outer key": (json.dumps({**FULL["ChainOfThought"], "FinalAnswer": "Germany; Bavaria; Munich"}), MUNICH),
    "indented": (json.dumps(FULL, indent=4), MUNICH),
    "code fence": (f"```json\n{BARE}\n```", MUNICH),
    "code fence in the thought": (f"<think>```json\n{BARE}\n```</think><answer>Germany; Bavaria; Munich</answer>", MUNICH),
    "fence without end": (f"```json\n{BARE}", MUNICH),
    "a sentence before": (f"Here is the analysis of the photo:\n{BARE}", MUNICH),
    "a sentence after": (f"{BARE}\nI hope this helps {{:-)", MUNICH),
    "single quotes": (str(FULL), MUNICH),
    "single quotes, apostrophe": (str(FULL).replace("signs", "it's the driver's side"), MUNICH),
    "python constants": (str({**FULL, "Extra": None, "Sure": True}), MUNICH),
    "trailing commas": (BARE.replace("}, ", ",}, ").replace('""}', '"",}'), MUNICH),
    "curly quotes": (BARE.replace(' "', " “").replace('{"', "{“").replace('["', "[“").replace('"', "”"), MUNICH),
    "unescaped inner quotes": (BARE.replace('"signs"', '"the sign "Ausfahrt", in blue, says "Zoo""'), MUNICH),
    "line breaks in strings": (BARE.replace("signs", "signs\nand\tplates"), MUNICH),
    "forgotten comma at line end": (json.dumps(FULL, indent=1).replace('"signs",', '"signs"'), MUNICH),
    "unquoted keys": (BARE.replace('"Clues"', "Clues").replace('"Reasoning"', "Reasoning"), MUNICH),
    "full-width colon and comma": (BARE.replace('": ', '"：').replace('", "', '"，"'), MUNICH),
    "full-width braces": (BARE.replace("{", "｛").replace("}", "｝"), MUNICH),
    "Chinese semicolons": (BARE.replace("; ", "；"), MUNICH),
    "Chinese semicolons in the tag": ("<think>{}</think><answer>中国；香港；九龙, 佐敦谷</answer>", ("中国", "香港", "九龙, 佐敦谷")),
    "mixed semicolons": ("<answer>China；Hong Kong; Kowloon</answer>", ("China", "Hong Kong", "Kowloon")),
    "country alone": ("<think>{}</think><answer>Germany</answer>", ("Germany", "", "")),
    "empty fields": ("<think>{}</think><answer>Germany;;Munich</answer>", ("Germany", "", "Munich")),
    "surplus fields": ("<answer>Germany; Bavaria; Munich; Old Town; Marienplatz</answer>", ("Germany", "Bavaria", "Munich, Old Town, Marienplatz")),
    "final stop and quotes": ('<answer>"Germany; Bavaria; Munich."</answer>', MUNICH),
    "unknown place": ("<answer>Germany; Bavaria; Unknown</answer>", ("Germany", "Bavaria", "")),
    "answer in lower-case key": (BARE.replace("FinalAnswer", "final_answer"), MUNICH),
    "spaced keys": (BARE.replace("CountryIdentification", "Country Identification").replace("FinalAnswer", "Final Answer"), MUNICH),
    "misspelt stage": (json.dumps({"ChainOfThought": {"ReagionGuess": {"Conclusion": "Bavaria"}}, "FinalAnswer": "Germany; Bavaria"}), ("Germany", "Bavaria", "")),
    "final answer inside the chain": (json.dumps({"ChainOfThought": {**FULL["ChainOfThought"], "FinalAnswer": "Germany; Bavaria; Munich"}}), MUNICH),
    "final answer as a list": (json.dumps({**FULL, "FinalAnswer": ["Germany", "Bavaria", "Munich"]}), MUNICH),
    "final answer as an object": (json.dumps({**FULL, "FinalAnswer": {"Country": "Germany", "Region": "Bavaria", "Place": "Munich"}}), MUNICH),
    "no final answer": (STAGES_ONLY, MUNICH),
    "final answer null": (json.dumps({**FULL, "FinalAnswer": None}), MUNICH),
    "no clues, no reasoning": (json.dumps({"CountryIdentification": {"Conclusion": "Peru"}, "FinalAnswer": "Peru"}), ("Peru", "", "")),
    "clues as one string": (BARE.replace('["left-hand traffic"]', '"left-hand traffic"'), MUNICH),
    "uncertainty as a number": (BARE.replace('"Uncertainty": ""', '"Uncertainty": 0.25'), MUNICH),
    "uncertainty as a percentage": (BARE.replace('"Uncertainty": ""', '"Uncertainty": 25%'), MUNICH),
    "uncertainty in words": (BARE.replace('"Uncertainty": ""', '"Uncertainty": "fairly sure"'), MUNICH),
    "uncertainty null": (BARE.replace('"Uncertainty": ""', '"Uncertainty": null'), MUNICH),
    "the same answer twice": (TAGGED + "<answer>germany; bavaria; Munich</answer>", MUNICH),
    "finer FinalAnswer than tag": (f"<think>{BARE}</think><answer>Germany; Bavaria</answer>", ("Germany", "Bavaria", "")),
    "chain broken, answer whole": ("<think>{oops</think><answer>Germany; Bavaria; Munich</answer>", MUNICH),
    "chain with NaN, answer whole": ('<think>{"a": NaN}</think><answer>Germany</answer>', ("Germany", "", "")),
    "no think tags": ("It is Munich. <answer>Germany; Bavaria; Munich</answer>", MUNICH),
    "unicode escapes": (json.dumps(chain_reply("Türkiye", "İstanbul", "Üsküdar")), ("Türkiye", "İstanbul", "Üsküdar")),
    "half a surrogate pair": (BARE.replace("signs", "\\ud83d"), MUNICH),
}  # fmt: skip

CUT = {
    "in the third stage": (BARE[: BARE.index('"PreciseLocalization"') + 60], ("Germany", "Bavaria", "")),
    "in the final answer": (BARE[: BARE.rindex("Bavaria; M")], MUNICH),
    "in the answer tag": (TAGGED[:-14], ("Germany", "Bavaria", "")),
    "in an answer tag alone": ("<think>{}</think><answer>Germany; Bav", ("Germany", "", "")),
}  # fmt: skip

REFUSED = {
    "nothing": ("", "no JSON object"),
    "prose": ("I believe this is Munich.", "no JSON object"),
    "empty object": ("{}", "no country"),
    "empty answer": ("<think>{}</think><answer></answer>", "no country"),
    "unknown country": ("<answer>unknown; ; </answer>", "no JSON object"),
    "two answers": ("<answer>Germany</answer><answer>Austria</answer>", "two different answers"),
    "two chains": (BARE + json.dumps(chain_reply("Austria", "Tyrol", "Innsbruck")), "two different"),
    "tag against chain": (f"<think>{BARE}</think><answer>Austria</answer>", "different countries"),
    "cut before the first conclusion": (BARE[:120], "no country"),
    "cut inside the first conclusion": ('{"CountryIdentification": {"Conclusion": "Niger', "no country"),
    "cut inside the only answer": ("<think>{}</think><answer>Niger", "no country"),
    "duplicate keys": ('{"FinalAnswer": "Germany", "FinalAnswer": "Spain"}', "stands twice"),
    "deep nesting": ('{"a":' * 5000, "nested deeper"),
    "deep lists in other quotes": ("{'a':" + "[" * 5000, "nested deeper"),
    "not a number": ('{"FinalAnswer": "Peru", "lat": NaN}', "NaN"),
    "infinite": ('{"FinalAnswer": "Peru", "lat": 1e999}', "finite"),
    "infinite, single quotes": ("{'FinalAnswer': 'Peru', 'lat': -Infinity}", "finite"),
    "a list": ("[1, 2]", "no JSON object"),
    "wrong closer": ("{'a': ['b'}", "closes"),
    "words without quotes": ("{'FinalAnswer': Germany and more", "quotes"),
    "300 kB": ("{" + " " * 300_000, "characters"),
}  # fmt: skip


def _fields(chain: Chain) -> tuple[str, str, str]:
    return chain.answer.country, chain.answer.region, chain.answer.place


@pytest.mark.parametrize("case", READ)
def test_a_chain_is_read(case: str) -> None:
    text, expected = READ[case]
    assert _fields(parse_chain(text)) == expected


@pytest.mark.parametrize("case", CUT)
def test_of_a_cut_chain_only_whole_fields_count(case: str) -> None:
    text, expected = CUT[case]
    chain = parse_chain(text, cut=True)
    assert _fields(chain) == expected


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_an_error_for_the_model(case: str) -> None:
    text, message = REFUSED[case]
    with pytest.raises(ReplyError, match=message):
        parse_chain(text, cut="cut" in case)


def test_uncertainty_becomes_a_share_where_it_is_a_number() -> None:
    shares = {
        "0.25": 0.25, "25": 0.25, "25%": 0.25, "about 30 %": 0.3, "~20%": 0.2, "0.5 %": 0.005,
        "low": None, "250": None, "nan": None, "不确定性20%": None, "(10%)": 0.1, "": None,
    }  # fmt: skip
    for written, share in shares.items():
        text = json.dumps(
            {"CountryIdentification": {"Uncertainty": written}, "FinalAnswer": "Peru"}
        )
        stage = parse_chain(text).stages[0]
        assert (stage.uncertainty, stage.uncertainty_share) == (written, share), written


def test_stages_and_problems_are_kept() -> None:
    chain = parse_chain(STAGES_ONLY)
    assert [stage.conclusion for stage in chain.stages] == list(MUNICH)
    assert chain.stages[0].clues == ("left-hand traffic",)
    assert chain.problems == ("no final answer: taken from the conclusions",)


def test_every_cut_of_a_chain_is_read_right_or_refused() -> None:
    for text in (BARE, TAGGED, str(FULL), json.dumps(chain_reply("Niger", "Agadez", "Arlit"))):
        whole = parse_chain(text)
        for end in range(len(text)):
            try:
                chain = parse_chain(text[:end], cut=True)
            except ReplyError:
                continue
            for got, true in zip(_fields(chain), _fields(whole), strict=True):
                assert got in ("", true), text[:end]


def test_random_damage_never_escapes_as_another_error() -> None:
    random.seed(5)
    alphabet = "{}[]\"'“”:,;；：\\ \n\tNaN1e9<>answer/think`\ud800ü"
    for _ in range(4000):
        text = list(random.choice((BARE, TAGGED, str(FULL))))
        for _ in range(random.randint(1, 12)):
            text[random.randrange(len(text))] = random.choice(alphabet)
        try:
            parse_chain("".join(text))
        except ReplyError:
            continue


READABLE = {"open answers", "closed answers", "semicolons", "whole chain padded", "long clues"}


@pytest.mark.parametrize("case", HOSTILE_CHAINS)
def test_64_hostile_kilobytes_are_a_chain_or_refused(case: str) -> None:
    """`benchmarks/time_limits.py` says how long each takes."""
    if case in READABLE:
        assert parse_chain(HOSTILE_CHAINS[case]).answer
        return
    with pytest.raises(ReplyError) as refused:
        parse_chain(HOSTILE_CHAINS[case])
    assert len(str(refused.value)) < 100


def test_a_reply_to_a_schema_is_one_whole_object() -> None:
    assert read_object('{"a": [1, 2.5, true, null, "x"]}') == {"a": [1, 2.5, True, None, "x"]}
    with pytest.raises(ReplyError, match="before it is closed"):
        read_object('{"a": 1')


def test_the_text_after_an_object_is_found() -> None:
    reply = read_json('so: {"a": 1} and more')
    assert (reply.value, reply.complete, reply.end) == ({"a": 1}, True, 12)
