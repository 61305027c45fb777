"""`geoagent add-clue` and `undo`, and what is known before a run."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.scripted_cli import printed, run

SQUARE = [[-10, 38], [-8, 38], [-8, 40], [-10, 40], [-10, 38]]


def person_clues(photo: Path, capsys: Any) -> list[str]:
    del photo
    _, out = printed(capsys, "show", "street", "--json")
    return [c["text"] for c in json.loads(out)["answer"]["clues"] if c["source"] == "person"]


def test_a_case_takes_what_is_seen_and_gives_it_back(photo: Path, capsys: Any) -> None:
    run("investigate", photo, "-q")
    Path("area.geojson").write_text(json.dumps({"type": "Polygon", "coordinates": [SQUARE]}))
    options = ("--box", "0,0,0.5,0.5", "--outline", "area.geojson", "--country", "Spanien")
    status, out = printed(capsys, "add-clue", "street", "Padaria", *options, "-q")
    assert (status, "Lisbon" in out) == (0, True)
    texts = person_clues(photo, capsys)
    assert texts[0] == "Padaria"
    assert texts[2] == "a person looks only in Spain"
    assert printed(capsys, "undo", "street", "-q")[0] == 0
    assert len(person_clues(photo, capsys)) == 2
    assert printed(capsys, "verify", "street")[0] == 0


def test_a_shadow_with_its_time_is_one_clue(photo: Path, capsys: Any) -> None:
    run("investigate", photo, "-q")
    marks = ("--shadow", "0.4,0.75,0.4,0.55,0.6,0.72", "--time", "2024-06-21T15:30Z")
    assert printed(capsys, "add-clue", "street", *marks, "-q")[0] == 0
    assert person_clues(photo, capsys) == [
        "a person marks a shadow of the sun at 2024-06-21T15:30Z"
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "say what you see"),
        (("--box", "0,0,1,1"), "--box: belongs to a text"),
        (("--near", "1,2"), "--near 1,2: give a circle as LAT,LON,KM"),
        (("--country", "Atlantis"), "--country Atlantis: no such country"),
        (("--outline", "none.json"), "none.json: cannot be read"),
        (("--outline", "street.png"), "street.png: is no GeoJSON"),
        (("--read", "a,b"), "--read a,b: give 4 numbers"),
        (("--shadow", "0.4,0.3,0.4,0.1,0.6,0.3"), "mark the horizon"),
        (("--sun-height", "40", "--time", "noon"), "noon: no time"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    photo: Path, capsys: Any, arguments: tuple[str, ...], words: str
) -> None:
    run("investigate", photo, "-q")
    assert run("add-clue", "street", *arguments) == 2
    assert words in capsys.readouterr().err


def test_what_is_known_is_said_before_the_run(photo: Path, capsys: Any) -> None:
    known = ("--near", "38.7,-9.1,50", "--country", "pt", "--context", "a holiday")
    run("investigate", photo, *known, "-q")
    assert person_clues(photo, capsys) == [
        "a person looks only within 50 km of 38.7000, -9.1000",
        "a person looks only in Portugal",
        "a holiday",
    ]
    status, out = printed(capsys, "locate", photo, *known, "--json", "-q")
    said = [clue for clue in json.loads(out)["clues"] if clue["source"] == "person"]
    assert (status, len(said)) == (0, 3)
    assert run("locate", photo, "--context", "x" * 2001) == 2
    assert "longer than 2,000" in capsys.readouterr().err
