"""`geoagent sun`: places, times, and what is refused in a sentence."""

import json
from pathlib import Path

import pytest
from PIL import Image

from tests.support.scripted_cli import printed, run

SHADOW = "0.4,0.75,0.4,0.55,0.6,0.72"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    image = Image.new("RGB", (400, 300), "white")
    exif = image.getexif()
    exif.get_ifd(0x8769)[0xA405] = 26
    path = tmp_path / "post.jpg"
    image.save(path, exif=exif)
    return path


def test_a_shadow_in_a_photo_is_measured(photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out = printed(capsys, "sun", str(photo), "--shadow", SHADOW)
    assert status == 0
    assert "to the left of where the camera looks" in out
    assert "focal length 26 mm (35 mm equivalent), as the file says" in out
    assert "Add --time" in out


def test_a_place_gives_times(capsys: pytest.CaptureFixture[str]) -> None:
    place = ("--at", "41.55,-8.42")
    _, out = printed(capsys, "sun", "--sun-height", "35", *place, "--day", "2024-06-21")
    assert "2024-06-21  08:57 to 09:49 and 17:22 to 18:14" in out
    _, out = printed(capsys, "sun", "--sun-height", "71", "--sun-error", "1", *place)
    assert "It stands so there at some time from" in out
    assert "Europe/Lisbon" in out


def test_a_time_gives_countries(capsys: pytest.CaptureFixture[str]) -> None:
    given = ("--sun-height", "56", "--sun-bearing", "114", "--time", "2024-06-21T10:30Z")
    _, out = printed(capsys, "sun", *given)
    assert "Portugal" in out
    assert "bits of the country" in out
    _, out = printed(capsys, "sun", *given, "--at", "41.55,-8.42", "--json")
    assert json.loads(out)["at_place"]["fits"] is True


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "say where the sun stood"),
        (("--shadow", SHADOW), "name the photo"),
        (("--shadow", "1,2"), "give 6 numbers: foot x,foot y"),
        (("--shadow", "0.4,0.75,0.4,0.75,0.6,0.7"), "the top lies on the point"),
        (("--shadow", "0.4,7,0.4,0.5,0.6,0.7"), "--shadow foot: must be at most 1"),
        (("--shadow", SHADOW, "--sun-height", "3"), "give one of them"),
        (("--focal", "30"), "belongs to a shadow"),
        (("--sun-height", "91"), "--sun-height: must be at most 90"),
        (("--sun-side", "up"), "must be 'north' or 'south'"),
        (("--sun-side", "north", "--sun-bearing", "3"), "one says what the other does"),
        (("--sun-height", "9", "--time", "then"), "no time"),
        (("--sun-height", "9", "--day", "2024-01-01"), "--day: belongs to --at"),
        (("--sun-height", "9", "--at", "nowhere"), "is no position"),
    ],
)
def test_bad_input_is_a_sentence(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert run("sun", *arguments) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
