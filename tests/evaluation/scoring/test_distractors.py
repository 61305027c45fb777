"""Wrong claims on photos that must not be believed, and the bound of their share."""

import json
from pathlib import Path
from typing import Any

import pytest
from geoagent_evaluation.cli import main
from geoagent_evaluation.scoring.distractors import upper_bound, wrong_claims
from scipy.stats import binom

PHOTOS: list[dict[str, Any]] = [
    {"id": "a", "kind": "brand", "right_countries": [], "decoys": ["PE"], "neutral": "a_n"},
    {"id": "a_n", "kind": "neutral", "right_countries": []},
    {"id": "b", "kind": "brand", "right_countries": ["ES"], "decoys": ["GF"], "neutral": "b_n"},
    {"id": "b_n", "kind": "neutral", "right_countries": ["ES"]},
]
SAID: list[dict[str, Any]] = [
    {"id": "a", "level": "city", "country": "PE", "countries": {"PE": 0.9, "US": 0.05}},
    {"id": "a_n", "level": "none", "abstained": True, "countries": {"US": 0.06, "CN": 0.05}},
    {"id": "b", "level": "country", "country": "ES", "countries": {"ES": 0.99}},
    {"id": "b_n", "error": "too large"},
]


def test_wrong_claims_are_counted_by_kind() -> None:
    brand, neutral, every = wrong_claims({row["id"]: row for row in SAID}, PHOTOS)
    assert (brand.photos, brand.claims, brand.wrong, brand.lured) == (2, 2, 1, 1)
    assert brand.shift == pytest.approx(0.9)
    assert brand.shifted_photo == "a"
    assert (neutral.photos, neutral.failed, neutral.claims, neutral.shift) == (2, 1, 0, None)
    assert neutral.upper == pytest.approx(0.95)  # of the one that did not fail
    assert (every.kind, every.photos, every.wrong) == ("all but twins", 2, 1)


def test_a_continent_is_no_claim_of_a_country() -> None:
    said = {"a": {"id": "a", "level": "continent", "country": None}}
    assert wrong_claims(said, PHOTOS[:1])[0].claims == 0


def test_nothing_is_known_where_all_failed() -> None:
    (neutral,) = wrong_claims({}, PHOTOS[1:2])
    assert (neutral.failed, neutral.rate, neutral.upper) == (1, 0.0, 1.0)


@pytest.mark.parametrize(("events", "trials"), [(0, 30), (3, 30), (29, 30)])
def test_the_bound_is_the_share_at_which_so_few_are_rare(events: int, trials: int) -> None:
    bound = upper_bound(events, trials)
    assert binom.cdf(events, trials, bound) == pytest.approx(0.05, abs=1e-9)


def test_all_wrong_has_no_bound_below_one() -> None:
    assert upper_bound(4, 4) == 1.0


def test_the_command_prints_a_table_or_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = []
    for name, rows in (("said.jsonl", SAID), ("photos.jsonl", PHOTOS)):
        files.append(tmp_path / name)
        files[-1].write_text("".join(json.dumps(row) + "\n" for row in rows))
    arguments = ["distractors", *map(str, files)]
    assert main(arguments) == 0
    assert "| brand | 2 | 0 | 2 | 1 | 97.5 % | 1 | 90.0 points |" in capsys.readouterr().out
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["wrong"] == 1
    files[1].write_text('{"id": "a"}\n')
    assert main(arguments) == 2
    assert "no photos with a `kind`" in capsys.readouterr().err
