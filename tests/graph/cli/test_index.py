"""`geoagent index`: results on stdout, everything else on stderr, documented exit statuses."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from geoagent_graph.cli import app
from geoagent_graph.cli.index import tools
from geoagent_graph.images.decode import decode_photo
from geoagent_graph.protocols import RETRIEVER_MAX_SIDE_PX
from geoagent_graph.retrieval.make_of_photos import PhotoEmbedder
from geoagent_graph.settings import Settings
from geoagent_graph.testing import MeanColourEncoder
from geoagent_graph.toolbox import Toolbox
from tests.support.paths import ROOT

Run = Callable[..., tuple[int | str | None, str, str]]
RED, GREEN, BLUE = (220, 10, 10), (10, 220, 10), (10, 10, 220)


def decode(data: bytes, name: str) -> NDArray[np.uint8]:
    return decode_photo(data, name, Settings()).pixels


@pytest.fixture(autouse=True)
def colours(monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = PhotoEmbedder(MeanColourEncoder(), decode, 1_000_000)
    monkeypatch.setattr(tools, "open_embedder", lambda encoder=None: embedder)
    monkeypatch.setattr(tools, "open_chosen_encoder", lambda name: MeanColourEncoder())
    monkeypatch.setattr(tools, "open_country_of", lambda: lambda lat_deg, lon_deg: "ES")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object) -> tuple[int | str | None, str, str]:
        with pytest.raises(SystemExit) as left:
            app.main(["index", *map(str, arguments)])
        shown = capsys.readouterr()
        assert "Traceback" not in shown.err
        return left.value.code, shown.out, shown.err

    return call


def manifest_of(folder: Path, *rows: str | dict[str, Any], name: str = "manifest.jsonl") -> Path:
    for i, colour in enumerate((RED, GREEN, BLUE)):
        Image.new("RGB", (32, 24), colour).save(folder / f"{i}.png")
    path = folder / name
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return path


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return manifest_of(
        tmp_path,
        {"file": "0.png", "lat": 38.7, "lon": -9.1, "country": "PT", "id": "red"},
        {"file": "1.png", "lat": 48.8, "lon": 2.3, "country": "FR", "id": "green"},
        {"file": "2.png", "lat": 40.4, "lon": -3.7, "id": "blue", "license": "CC0"},
    )


def test_build_info_and_search(run: Run, manifest: Path, tmp_path: Path) -> None:
    folder = tmp_path / "ix"
    status, out, err = run("build", manifest, "--out", folder)
    assert (status, err) == (0, "")
    assert "indexed 3 of 3 rows" in out
    status, out, _ = run("info", folder)
    assert status == 0
    assert "mean-colour/1" in out
    assert "ES 1, FR 1, PT 1" in out
    status, out, err = run("search", folder, tmp_path / "1.png", "-k", "2")
    assert (status, err) == (0, "")
    first, second = out.splitlines()
    assert first.split()[:4] == ["1.000", "FR", "48.8000,2.3000", "green"]
    assert second


def test_info_counts_the_bytes_of_all_shards(run: Run, manifest: Path, tmp_path: Path) -> None:
    folder = tmp_path / "ix"
    assert run("build", manifest, "--out", folder)[0] == 0
    Image.new("RGB", (32, 24), (200, 200, 10)).save(tmp_path / "3.png")
    more = manifest_of(tmp_path, {"file": "3.png", "lat": 41.2, "lon": -8.6}, name="more.jsonl")
    assert run("add", folder, more)[0] == 0
    shown = json.loads(run("info", folder, "--json")[1])
    assert (shown["index_kind"], shown["count"]) == ("Shards", 4)
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json"]
    assert shown["bytes"] == sum(path.stat().st_size for path in files) > 0


def test_json_of_every_command(run: Run, manifest: Path, tmp_path: Path) -> None:
    folder = tmp_path / "ix"
    built = json.loads(run("build", manifest, "--out", folder, "--json")[1])
    assert (built["indexed"], built["skipped"], built["problems"]) == (3, 0, [])
    assert built["index_kind"] == "IndexFlat"
    added = json.loads(run("add", folder, manifest, "--json")[1])
    assert (added["indexed"], added["already"]) == (0, 3)
    shown = json.loads(run("info", folder, "--json")[1])
    assert shown["count"] == 3
    assert shown["countries"] == {"ES": 1, "FR": 1, "PT": 1}
    found = json.loads(run("search", folder, tmp_path / "2.png", "--json")[1])
    assert found[0]["id"] == "blue"
    assert found[0]["license"] == "CC0"
    assert found[0]["score"] == pytest.approx(1.0, abs=1e-5)


def test_search_inside_countries(run: Run, manifest: Path, tmp_path: Path) -> None:
    folder = tmp_path / "ix"
    run("build", manifest, "--out", folder)
    _, out, err = run("search", folder, tmp_path / "0.png", "--country", "fr", "--country", "ES")
    assert {line.split()[3] for line in out.splitlines()} == {"green", "blue"}
    assert err == ""
    status, out, err = run("search", folder, tmp_path / "0.png", "--country", "BR")
    assert (status, out) == (0, "")
    assert "holds no photo from BR" in err
    status, _, err = run("search", folder, tmp_path / "0.png", "--country", "Brazil")
    assert status == 2
    assert "two-letter code" in err


def test_search_reads_standard_input(
    run: Run, manifest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("build", manifest, "--out", tmp_path / "ix")
    stream = io.TextIOWrapper(io.BytesIO((tmp_path / "2.png").read_bytes()))
    monkeypatch.setattr(sys, "stdin", stream)
    assert run("search", tmp_path / "ix", "-", "-k", "1")[1].split()[3] == "blue"


def test_bad_rows_are_said_on_stderr_and_the_rest_is_indexed(run: Run, tmp_path: Path) -> None:
    place = {"lat": 1, "lon": 2}
    manifest = manifest_of(
        tmp_path,
        {"file": "0.png", **place},
        {"file": "missing.png", **place},
        "{bad",
        {"file": "../../etc/passwd", **place},
    )
    status, out, err = run("build", manifest, "--out", tmp_path / "ix")
    assert status == 0
    assert "indexed 1 of 4 rows" in out
    assert "3 skipped" in out
    assert len(err.splitlines()) == 3
    for line, said in [(2, "missing.png"), (3, ""), (4, "leaves the manifest's folder")]:
        assert any(f"line {line}: " in text and said in text for text in err.splitlines())
    status, out, err = run("build", manifest, "--out", tmp_path / "strict", "--strict")
    assert (status, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "strict").exists()


def test_a_flood_of_bad_rows_is_cut_short_on_stderr_but_whole_in_json(
    run: Run, tmp_path: Path
) -> None:
    manifest = manifest_of(tmp_path, *["{bad"] * 120)
    status, out, err = run("build", manifest, "--out", tmp_path / "ix", "--json")
    assert status == 1
    assert len(json.loads(out)["problems"]) == 120
    assert len(err.splitlines()) == 51
    assert "and 70 more" in err


def test_names_in_a_manifest_cannot_steer_the_terminal(run: Run, tmp_path: Path) -> None:
    manifest = manifest_of(
        tmp_path,
        {"file": "0.png", "lat": 1, "lon": 2, "license": "[red]\u001b[31mCC0\u001b[0m\u202e"},
        '{"file": "x\\u001b[2J.png", "lat": 1, "lon": 2}',
    )
    _, _, err = run("build", manifest, "--out", tmp_path / "ix")
    out = run("search", tmp_path / "ix", tmp_path / "0.png")[1]
    assert "[red]" in out
    assert not {"\x1b", "\u202e"} & set(out + err)


@pytest.mark.parametrize("command", ["build", "add", "info", "search"])
def test_help_says_what_it_does(run: Run, command: str) -> None:
    status, out, _ = run(command, "--help")
    assert status == 0
    assert "Usage" in out
    assert "Exit status" in out


def test_failures_are_one_line_with_an_exit_status(
    run: Run, manifest: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "ix"
    run("build", manifest, "--out", folder)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "mine.jpg").write_bytes(b"precious")
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    for file in folder.iterdir():
        (damaged / file.name).write_bytes(file.read_bytes()[:-1])
    empty = tmp_path / "empty"
    empty.mkdir()
    for status, *arguments in [
        (2, "build", tmp_path / "none.jsonl", "--out", folder),
        (2, "build", empty, "--out", folder),
        (2, "build", manifest, "--out", tmp_path / "photos"),
        (2, "build", manifest, "--out", manifest),
        (2, "build", manifest),
        (1, "add", tmp_path / "none", manifest),
        (1, "info", tmp_path / "none"),
        (1, "info", manifest),
        (1, "info", damaged),
        (1, "search", damaged, tmp_path / "0.png"),
        (1, "search", folder, tmp_path / "none.png"),
        (1, "search", folder, manifest),
        (2, "search", folder, tmp_path / "0.png", "-k", "0"),
    ]:
        left, out, err = run(*arguments)
        assert (left, out) == (status, ""), (arguments, err)
        assert len(err.splitlines()) == 1, arguments
    assert (tmp_path / "photos" / "mine.jpg").read_bytes() == b"precious"
    assert run("info", folder)[0] == 0


def test_queries_and_references_are_shrunk_alike() -> None:
    default = {field.name: field.default for field in fields(Toolbox)}["encoder_max_side"]
    assert default == RETRIEVER_MAX_SIDE_PX


def test_an_interrupted_build_goes_on(tmp_path: Path) -> None:
    """A real Ctrl-C: the child says so in one line, keeps what it has, and resumes."""
    rows = []
    for i in range(64):
        Image.fromarray(np.full((8, 8, 3), 50 + i, np.uint8)).save(tmp_path / f"{i}.png")
        rows.append({"file": f"{i}.png", "lat": 1, "lon": 2, "country": "PT"})
    path = tmp_path / "m.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    code = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from geoagent_graph.cli import app
from geoagent_graph.cli.index import tools
from geoagent_graph.images.decode import decode_photo
from geoagent_graph.retrieval.make_of_photos import PhotoEmbedder
from geoagent_graph.settings import Settings
from geoagent_graph.testing import MeanColourEncoder
decode = lambda data, name: decode_photo(data, name, Settings()).pixels
tools.open_embedder = lambda encoder=None: PhotoEmbedder(MeanColourEncoder(), decode, 1_000_000)
app.main(["index", "build", sys.argv[2], "--out", sys.argv[3], "--json"])
"""
    command: list[str | Path] = [sys.executable, "-c", code, ROOT, path, tmp_path / "ix"]
    log = tmp_path / ".ix.embeddings"
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as child:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not (log.exists() and log.stat().st_size > 1000):
            time.sleep(0.01)
        os.killpg(child.pid, signal.SIGINT)  # a terminal signals the decoding children too
        out, err = child.communicate(timeout=120)
    assert child.returncode == 130, err
    assert out == ""
    assert "Traceback" not in err
    assert "the same command goes on" in err
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    report = json.loads(again.stdout)
    assert (report["indexed"], report["skipped"]) == (64, 0)
    assert report["resumed"] >= 10
    assert not log.exists()


def test_a_country_that_is_not_understood_is_said_and_costs_no_row(
    tmp_path: Path, run: Run
) -> None:
    rows = ["FILE,Latitude,LNG,Country", "0.png,38.7,-9.1,PRT", "1.png,1,1,Österreich"]
    manifest = manifest_of(tmp_path, *rows, "2.png,1,1,Atlantis", name="photos.csv")
    code, out, err = run("build", manifest, "--out", tmp_path / "ix", "--json")
    assert (code, json.loads(out)["indexed"]) == (0, 3)
    assert [(note["line"], note["problem"]) for note in json.loads(out)["notes"]] == [
        (4, "Country: 'Atlantis' is no country that is known; taken from the position")
    ]
    assert f"not all understood: {manifest}, line 4" in err
    _, out, _ = run("info", tmp_path / "ix", "--json")
    assert json.loads(out)["countries"] == {"AT": 1, "ES": 1, "PT": 1}
    code, _, err = run("build", manifest, "--out", tmp_path / "strict", "--strict")
    assert code != 0
    assert "'Atlantis' is no country" in err


def test_merge_and_slice(run: Run, manifest: Path, tmp_path: Path) -> None:
    assert run("build", manifest, "--out", tmp_path / "a")[0] == 0
    rows = [{"file": "2.png", "lat": 40.4, "lon": -3.7, "id": "azure"}]
    more = manifest_of(tmp_path, *rows, name="more.jsonl")
    assert run("build", more, "--out", tmp_path / "b")[0] == 0
    status, out, err = run("merge", tmp_path / "a", tmp_path / "b", "--out", tmp_path / "c")
    assert (status, err) == (0, "")
    assert out == f"{tmp_path / 'c'}: it holds 3 photos; 1 came in once\n"
    status, out, _ = run("slice", tmp_path / "c", "--country", "pt", "--out", tmp_path / "pt")
    assert (status, out) == (0, f"{tmp_path / 'pt'}: it holds 1 photo of PT\n")
    status, out, _ = run(
        "slice", tmp_path / "c", "--country", "ES", "--out", tmp_path / "es", "--json"
    )
    assert (status, json.loads(out)["count"]) == (0, 1)
    status, _, err = run("slice", tmp_path / "c", "--country", "JP", "--out", tmp_path / "jp")
    assert status == 2
    assert "holds no photo from JP" in err
    status, _, err = run("merge", tmp_path / "a", "--out", tmp_path / "d")
    assert (status, (tmp_path / "d").exists()) == (2, False)
    assert "two or more indexes" in err


def test_plan_and_building_from_embeddings(run: Run, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    status, out, err = run("plan", 10_000_000, "--dimension", 256)
    assert (status, err) == (0, "")
    assert "IndexIVFPQFastScan, 4096 lists, 10 shards" in out
    status, out, _ = run("plan", 20_000, "--json")
    assert (status, json.loads(out)["kind"]) == (0, "IndexFlat")
    flat = pa.array([1.0, 0, 0, 0, 1, 0, 0, 0, 1], pa.float32())
    table = pa.table(
        {
            "id": ["red", "green", "blue"],
            "lat": [38.7, 48.8, 40.4],
            "lon": [-9.1, 2.3, -3.7],
            "country": ["PT", "FR", None],
            "embedding": pa.FixedSizeListArray.from_arrays(flat, 3),
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    given = ["build", tmp_path / "t.parquet", "--vectors", "embedding", "--out", tmp_path / "ix"]
    status, out, _ = run(*given, "--dry-run")
    assert (status, (tmp_path / "ix").exists()) == (0, False)
    assert out.startswith("3 x 3: IndexFlat; ")
    status, out, err = run(*given)
    assert (status, out) == (0, f"{tmp_path / 'ix'}: it holds 3 photos (IndexFlat)\n")
    assert "on disk" in err
    status, out, _ = run("info", tmp_path / "ix", "--json")
    assert json.loads(out)["countries"] == {"ES": 1, "FR": 1, "PT": 1}
    status, _, err = run(
        "build", tmp_path / "t.parquet", "--vectors", "id", "--out", tmp_path / "b"
    )
    assert status == 2
    assert "no column of lists" in err
