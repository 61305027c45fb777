"""Replies of 64 kilobytes that are made to take a parser long."""

import json

STAGE = {"Clues": ["left-hand traffic"], "Reasoning": "signs", "Conclusion": "", "Uncertainty": ""}


def chain_reply(country: str, region: str, place: str, **changes: object) -> dict[str, object]:
    """Return a whole chain that ends in this answer; `changes` replace its fields."""
    names = ("CountryIdentification", "RegionalGuess", "PreciseLocalization")
    stages = {
        name: {**STAGE, "Conclusion": conclusion}
        for name, conclusion in zip(names, (country, region, place), strict=True)
    }
    return {"ChainOfThought": stages, "FinalAnswer": f"{country}; {region}; {place}", **changes}


_MUNICH = json.dumps(chain_reply("Germany", "Bavaria", "Munich"))
_TAGGED = f"<think>{_MUNICH}</think><answer>Germany; Bavaria; Munich</answer>"
_LONG_CLUES = chain_reply("Peru", "Cusco", "Cusco", Padding=["x y " * 4000] * 4)
HOSTILE_CHAINS = {
    "open think": "<think>" * 9000,
    "open answers": "<answer>" * 8000,
    "closed answers": "<answer>a</answer>" * 3600,
    "braces": "{" * 64_000,
    "objects": "{}" * 32_000,
    "quotes": "{" + '"' * 64_000,
    "single quotes": "{'" * 32_000,
    "quotes and spaces": "{'a': '" + "'  " * 20_000,
    "quotes, commas and spaces": "{'a': '" + "',   " * 13_000,
    "one long gap": "{'a': '" + "'" * 32_000 + " " * 32_000,
    "backslashes": '{"a": "' + "\\" * 64_000,
    "escaped quotes": '{"a": "' + '\\"' * 32_000,
    "keys": "{" + ", ".join(f"'k{i}': 'v'" for i in range(5000)) + "}",
    "semicolons": "<answer>" + "a;" * 32_000 + "</answer>",
    "spaces": "<answer>" + " " * 64_000 + "</answer>",
    "digits": "{'a': " + "9" * 64_000 + "}",
    "strict digits": '{"a": ' + "9" * 64_000 + "}",
    "whole chain padded": _TAGGED + " " * 64_000,
    "long clues": json.dumps(_LONG_CLUES),
}
HOSTILE_COMPLETIONS = {
    "open": "<think>" + '{"a":[' * 10_000 + "</think><answer>Japan; Tokyo</answer>",
    "tags": "<think>" * 9_000,
    "quotes": "<think>{" + "'" * 64_000 + "</think><answer>Japan; Tokyo</answer>",
    "keys": "<think>{" + "'a\":" * 16_000 + "</think><answer>Japan; Tokyo</answer>",
    "inner quotes": '<think>{"a": "' + 'x"y' * 21_000 + '"}</think><answer>Japan; Tokyo</answer>',
    "fields": "<answer>" + " ;" * 32_000 + "</answer>",
    "objects": "<think>" + "{}" * 32_000 + "</think><answer>Japan; Tokyo</answer>",
}
