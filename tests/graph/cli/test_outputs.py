"""Where answers go: one form on stdout, the files that were asked for, names that never clash."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from geoagent_graph.cli.outputs import OutputChoice, Results
from geoagent_graph.errors import InputError, StorageError
from geoagent_graph.render.formats.format import Format
from geoagent_graph.render.formats.table import register_format, remove_format
from geoagent_graph.types import Answer, ImageRef
from tests.support.answers import porto_answer


def grey(image: ImageRef, max_side: int) -> NDArray[np.uint8]:
    assert image.sha256
    return np.full((4, min(max_side, 6), 3), 128, np.uint8)


def named(name: str) -> Answer:
    return porto_answer(image=porto_answer().image.model_copy(update={"name": name}))


def write(choice: OutputChoice, *answers: Answer, photos: int | None = None) -> None:
    results = Results(choice, len(answers) if photos is None else photos, grey)
    for answer in answers:
        results.add(answer)
    results.finish()


def test_two_forms_or_a_place_that_cannot_be_are_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="--json and --jsonl exclude each other"):
        OutputChoice(as_json=True, as_jsonl=True).check(1)
    with pytest.raises(InputError, match="is a file; several photos need a folder"):
        OutputChoice(files={"html": tmp_path / "file"}).check(2)
    with pytest.raises(InputError, match="its folder does not exist"):
        OutputChoice(files={"kml": tmp_path / "no" / "a.kml"}).check(2)
    OutputChoice(files={"html": tmp_path}).check(1)


def test_json_of_several_photos_is_one_array_with_failures_in_place(
    capsys: pytest.CaptureFixture[str],
) -> None:
    results = Results(OutputChoice(as_json=True), 2, grey)
    results.add(porto_answer())
    printed = capsys.readouterr().out
    assert printed.startswith("[\n  {")
    results.add_failure("b\x1b.jpg", "gone\u202e")
    results.finish()
    first, second = json.loads(printed + capsys.readouterr().out)
    assert Answer.model_validate(first) == porto_answer()
    assert second == {"photo": "b\ufffd.jpg", "error": "gone\ufffd"}


def test_json_lines_come_as_photos_finish(capsys: pytest.CaptureFixture[str]) -> None:
    results = Results(OutputChoice(as_jsonl=True), 2, grey)
    results.add_failure("b.jpg", "gone")
    assert json.loads(capsys.readouterr().out) == {"photo": "b.jpg", "error": "gone"}
    results.add(porto_answer())
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.fixture
def card() -> Iterator[None]:
    """Let there be a format of one photo that is quick to write."""
    register_format(Format("card", "text/x", ".html", "Card", of_photo=lambda answer, pixels: ""))
    yield
    remove_format("card")


@pytest.mark.usefixtures("card")
def test_reports_of_a_folder_never_clash_nor_leave_it(tmp_path: Path) -> None:
    names = ["a.jpg", "b/a.png", "A.gif", "../../evil.jpg", "..", "é\u202e/" + "x" * 99]
    folder = tmp_path / "reports"
    write(OutputChoice(files={"card": folder}), *map(named, names))
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ["a.html", "a-2.html", "A-3.html", "evil.html", "photo.html", "x" * 60 + ".html"]
    )
    assert list(tmp_path.iterdir()) == [folder]


def test_one_photo_is_one_file_and_a_map_holds_all(tmp_path: Path) -> None:
    files = {"html": tmp_path / "r.html", "geojson": tmp_path / "m.geojson"}
    write(OutputChoice(files=files), porto_answer())
    assert "data:image/jpeg" in (tmp_path / "r.html").read_text()
    write(OutputChoice(files={"geojson": tmp_path / "m.geojson"}), porto_answer(), porto_answer())
    drawn = json.loads((tmp_path / "m.geojson").read_text())["features"]
    assert sum(feature["properties"]["role"] == "answer" for feature in drawn) == 2


def test_a_folder_that_cannot_be_made_is_an_error_of_storage(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="the folder cannot be made"):
        write(OutputChoice(files={"html": tmp_path / "no" / "x"}), porto_answer(), photos=2)


def test_json_of_no_photo_is_an_empty_array(capsys: pytest.CaptureFixture[str]) -> None:
    Results(OutputChoice(as_json=True), 2, grey).finish()
    assert json.loads(capsys.readouterr().out) == []


def test_of_many_photos_only_the_claims_are_kept() -> None:
    results = Results(OutputChoice(quiet=True), 2, grey)
    results.add(porto_answer())
    (kept,) = results.answers
    assert (kept.trace, kept.tools, kept.countries) == ((), (), {})
    assert (kept.place, kept.clues) == (porto_answer().place, porto_answer().clues)
    assert [c.place for c in kept.levels["city"]] == [
        c.place for c in porto_answer().levels["city"]
    ]
    assert all(not c.evidence for found in kept.levels.values() for c in found)
