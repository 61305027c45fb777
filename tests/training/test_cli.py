"""`geoagent-train`: commands, exit status, one line per error."""

import json
from pathlib import Path

import pytest
import yaml
from geoagent_training import cli
from PIL import Image


def _run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["geoagent-train", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


def test_a_wrong_recipe_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(yaml.safe_dump({"model": "m", "data": {"path": "x"}, "lerning_rate": 3}))
    code, out, err = _run(monkeypatch, capsys, "sft", "--config", str(path))
    assert (code, out) == (2, "")
    assert err == f"geoagent-train: {path}: unknown key lerning_rate\n"


def test_bad_rows_are_listed_and_the_exit_code_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    Image.new("RGB", (30, 30)).save(tmp_path / "a.png")
    row = {"image": "a.png", "lat_deg": 38.7, "lon_deg": -9.1, "country": "Portugal"}
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(row) + "\n" + json.dumps({**row, "image": "b.png"}) + "\n")
    code, out, err = _run(monkeypatch, capsys, "check", str(path))
    assert code == 1
    assert out == f"{path}:2: the image {tmp_path / 'b.png'} is missing\n"
    assert err == f"{path}:1 reads: Portugal | - | - at 38.7, -9.1\n1 rows are good, 1 are not\n"


def test_a_point_in_another_country_is_shown_and_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    Image.new("RGB", (30, 30)).save(tmp_path / "a.png")
    row = {"image": "a.png", "lat_deg": 41.6, "lon_deg": 1.0, "country": "Spain"}
    rows = [row] * 6 + [{**row, "country": "France"}, {**row, "country": ""}]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in rows))
    code, out, err = _run(monkeypatch, capsys, "check", str(path))
    assert (code, out) == (0, "")
    assert len(err.splitlines()) == 7
    assert "France | - | - at 41.6, 1 (doubtful: the point lies in Spain, not in France)" in err
    assert err.endswith(
        "8 rows are good, 0 are not; 1 of the good ones have a point in another country\n"
    )


def test_leaks_are_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    Image.linear_gradient("L").save(tmp_path / "a.png")
    row = {"image": "a.png", "lat_deg": 38.7, "lon_deg": -9.1, "country": "Portugal"}
    for name in ("train.jsonl", "test.jsonl"):
        (tmp_path / name).write_text(json.dumps(row) + "\n")
    words = ("leaks", str(tmp_path / "train.jsonl"), str(tmp_path / "test.jsonl"))
    code, out, err = _run(monkeypatch, capsys, *words)
    assert code == 1
    assert len(out.splitlines()) == 2  # by place and by picture
    assert err.startswith("1 rows of ")


def test_figures_of_a_model_that_answers_nothing_are_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kit: Path, tmp_path: Path
) -> None:
    words = ("evaluate", str(kit / "model"), str(kit / "chains" / "rows.jsonl"))
    answers = tmp_path / "answers.jsonl"
    short = ("--limit", "2", "--max-tokens", "4", "--predictions", str(answers))
    code, out, _ = _run(monkeypatch, capsys, *words, *short)
    assert code == 0
    figures = json.loads(out, parse_constant=pytest.fail)  # NaN is no JSON
    assert (figures["photos"], figures["resolved"], figures["median_km"]) == (2, 0.0, None)
    assert len(answers.read_text().splitlines()) == 2
    assert len(answers.with_name("truth.jsonl").read_text().splitlines()) == 2


def test_help_names_every_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = _run(monkeypatch, capsys, "--help")
    for name in (
        "sft",
        "grpo",
        "export",
        "check",
        "sample",
        "leaks",
        "evaluate",
        "miniature",
        "tiny",
    ):
        assert name in out


@pytest.mark.parametrize(
    "words",
    [
        ("sft",),
        ("grpo", "--config"),
        ("nope",),
        ("grpo", "--config", "x.yaml", "--foo"),
        ("sample", "x"),
        ("check", "x.jsonl", "--format", "coco"),
        ("leaks", "a"),
        ("evaluate", "m", "d", "--limit", "0"),
        ("evaluate", "m", "d", "--limit", "abc"),
        ("miniature", "folder", "--seeds", "99"),
        ("miniature", "folder", "--variants", "foo"),
        ("export", "nothing", "out"),
        ("tiny",),
        ("tiny", "rows.jsonl"),
        ("miniature", "rows.jsonl/x"),
        ("leaks", "rows.jsonl", "empty.csv"),
        ("sft", "--config", "gone.yaml"),
        ("check", "gone.jsonl"),
        ("check", "empty.csv"),
        ("check", "x" * 300 + ".jsonl"),
        ("sft", "--config", "."),
        ("sft", "--config", "a.png"),
        ("sample", "rows.jsonl", "--countries", "c.csv", "--count", "3", "--out", "rows.jsonl"),
        ("sample", "rows.jsonl", "--countries", "c.csv", "--count", "9" * 20, "--out", "o"),
        ("check", "gone.yaml"),
        ("leaks", "gone.jsonl", "gone.jsonl"),
        ("sample", "rows.jsonl", "--countries", "gone.csv", "--count", "3", "--out", "o.jsonl"),
        ("sample", "rows.jsonl", "--countries", ".", "--count", "3", "--out", "o.jsonl"),
        ("sample", "rows.jsonl", "--countries", "latin1.csv", "--count", "3", "--out", "o.jsonl"),
    ],
)
def test_every_error_of_use_is_one_line_and_status_2(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    words: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (30, 30)).save("a.png")
    row = {"image": "a.png", "lat_deg": 38.7, "lon_deg": -9.1, "country": "Portugal"}
    Path("rows.jsonl").write_text(json.dumps(row))
    Path("empty.csv").touch()
    Path("latin1.csv").write_bytes(b"iso2,name\nCI,C\xf4te\n")
    code, out, err = _run(monkeypatch, capsys, *words)
    assert (code, out) == (2, "")
    assert err.startswith("geoagent-train: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ({"max_steps": "three"}, "trainer.max_steps is 'three': write a whole number"),
        ({"learning_rate": -1}, "trainer.learning_rate is -1"),
        ({"per_device_train_batch_size": 2.5}, "trainer.per_device_train_batch_size"),
        ({"gradient_checkpointing": "maybe"}, "trainer.gradient_checkpointing"),
        ({"output_dir": ["a"]}, "trainer.output_dir"),
        ({"beta": None}, "trainer.beta"),
        ({"deepspeed": "gone.json"}, "deepspeed"),
        ([1], "trainer"),
    ],
)
def test_every_error_of_type_in_a_recipe_is_one_line_and_status_2(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    value: object,
    part: str,
) -> None:
    path = tmp_path / "r.yaml"
    recipe = {"model": "m", "device": "cpu", "data": {"path": "x"}, "rewards": [], "trainer": value}
    recipe["rewards"] = [{"function": "well_formed"}]
    path.write_text(yaml.safe_dump(recipe))
    code, out, err = _run(monkeypatch, capsys, "grpo", "--config", str(path))
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert part in err


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (["check", ""], " behind check"),
        (["check", " "], " behind check"),
        (["leaks", "a.jsonl", ""], " behind a.jsonl"),
        (["sft", "--config="], " behind --config"),
        ([""], ""),
    ],
)
def test_an_empty_argument_is_not_the_current_folder(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    place: str,
) -> None:
    code, out, err = _run(monkeypatch, capsys, *words)
    assert (code, out) == (2, "")
    said = f"there is an empty argument{place}: write what it should name"
    assert err == f"geoagent-train: {said}\n"
