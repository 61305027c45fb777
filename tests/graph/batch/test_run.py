"""A batch from its folder to its last shard: resumed, retried, refused, full."""

import csv
import errno
import gzip
import json
import os
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fsspec
import pytest

from geoagent_graph.batch import run as run_module
from geoagent_graph.batch.shards import ShardFolder
from geoagent_graph.errors import InputError, PolicyError, StorageError
from geoagent_graph.protocols import Photo
from geoagent_graph.testing import ScriptedPolicy
from geoagent_graph.types import Clue
from geoagent_graph.whole_files import replace_file
from tests.support.batches import kept_rows, locate_here, make_photos, run, use_tools


class Away(ScriptedPolicy):
    """A policy whose server is away for the photos from `begin` to `end`, counted as they come."""

    def __init__(self, begin: int, end: int) -> None:
        super().__init__(ScriptedPolicy.towards_lisbon().candidates)
        self.away, self.asked = range(begin, end), 0

    async def draft(self, photo: Photo, clues: Sequence[Clue]) -> list[Clue]:
        """Return clues, or fail while the server is away."""
        self.asked += 1
        if self.asked - 1 in self.away:
            raise PolicyError("the server is away")
        return await super().draft(photo, clues)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Locate in this process."""
    locate_here(monkeypatch)


def test_every_photo_has_a_row_and_a_trace(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: None
) -> None:
    use_tools(monkeypatch)
    photos = make_photos(tmp_path / "photos", 60)
    report = run(photos, tmp_path / "out")
    rows = kept_rows(tmp_path / "out")
    assert [row["row"] for row in rows] == list(range(60))
    assert [Path(row["photo"]).name for row in rows] == sorted(p.name for p in photos.iterdir())
    assert (report.counts.levels["city"], dict(report.counts.failures)) == (59, {"PhotoError": 1})
    with gzip.open(tmp_path / "out" / rows[17]["trace"], "rt") as file:
        lines = [json.loads(line) for line in file]
    assert lines[1]["row"] == 17
    assert lines[1]["answer"]["image"]["name"] == rows[17]["photo"]
    assert rows[50]["trace"] is None


def test_a_finished_batch_is_left_alone_and_takes_new_photos(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: None
) -> None:
    use_tools(monkeypatch)
    photos = make_photos(tmp_path / "photos", 20)
    run(photos, tmp_path / "out")
    assert run(photos, tmp_path / "out").located == 0
    (photos / "0000a.jpg").write_text("good and new")
    (photos / "0000b.jpg").write_text("good 7")  # a copy of one that is known
    assert run(photos, tmp_path / "out").located == 1
    rows = kept_rows(tmp_path / "out")
    assert [Path(row["photo"]).name for row in rows[20:]] == ["0000a.jpg", "0000b.jpg"]
    assert rows[21]["copy_of"] == 7
    assert rows[21]["trace"] == rows[7]["trace"]


def test_photos_with_the_same_bytes_are_located_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: None
) -> None:
    policy = Away(0, 0)
    use_tools(monkeypatch, policy=policy)
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(48):
        (folder / f"{number:02d}.jpg").write_text(f"good {number % 5}")
    report = run(folder, tmp_path / "out", shard_rows=16)
    assert (policy.asked, report.counts.copies) == (5, 43)
    rows = kept_rows(tmp_path / "out")
    assert [row["copy_of"] for row in rows[5:]] == [n % 5 for n in range(5, 48)]
    assert {row["trace"] for row in rows} == {"traces/part-000000.jsonl.gz"}


def test_what_a_server_failed_is_tried_again_in_its_shard(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: None
) -> None:
    policy = Away(10, 30)
    use_tools(monkeypatch, policy=policy)
    report = run(make_photos(tmp_path / "photos", 40), tmp_path / "out", shard_rows=16)
    assert (report.located, policy.asked) == (60, 60)
    assert report.counts.levels["city"] == 40
    with gzip.open(tmp_path / "out" / "traces" / "part-000000.jsonl.gz", "rt") as file:
        assert [json.loads(line)["row"] for line in file] == list(range(16))


def test_a_server_that_stays_away_stops_the_run_and_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: None
) -> None:
    monkeypatch.setattr(run_module, "MAX_POLICY_FAILURES_IN_A_ROW", 16)
    monkeypatch.setattr(run_module, "OUTAGE_WAITS_SECONDS", ())
    policy = Away(16, 1000)
    use_tools(monkeypatch, policy=policy)
    photos = make_photos(tmp_path / "photos", 49)
    with pytest.raises(PolicyError, match="in a row; finished shards are kept"):
        run(photos, tmp_path / "out", shard_rows=16)
    policy.away = range(0)
    report = run(photos, tmp_path / "out", shard_rows=16)
    assert (report.located, report.counts.levels["city"]) == (33, 49)


def test_a_server_that_goes_away_for_a_while_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: None
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(run_module, "MAX_POLICY_FAILURES_IN_A_ROW", 16)
    monkeypatch.setattr("geoagent_graph.batch.run.time.sleep", waits.append)
    policy = Away(10, 40)
    use_tools(monkeypatch, policy=policy)
    report = run(make_photos(tmp_path / "photos", 49), tmp_path / "out", shard_rows=16)
    assert report.counts.levels["city"] == 49
    assert waits == [60.0]
    policy.away, policy.asked = range(10, 1000), 0
    with pytest.raises(PolicyError, match="in a row; finished shards are kept"):
        run(make_photos(tmp_path / "more", 49), tmp_path / "other", shard_rows=16)
    assert waits == [60.0, 60.0, 120.0, 240.0]


def test_a_full_disk_leaves_what_is_whole(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: None
) -> None:
    use_tools(monkeypatch)
    photos = make_photos(tmp_path / "photos", 40)
    written: list[Path] = []

    def fill_up(path: Path, *arguments: Any) -> None:
        written.append(path)
        if len(written) > 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        replace_file(path, *arguments)

    monkeypatch.setattr("geoagent_graph.batch.shards.replace_file", fill_up)
    with pytest.raises(StorageError, match="free some space and run the same command again"):
        run(photos, tmp_path / "out", shard_rows=16)
    monkeypatch.setattr("geoagent_graph.batch.shards.replace_file", replace_file)
    assert run(photos, tmp_path / "out").located == 24
    assert [row["row"] for row in kept_rows(tmp_path / "out")] == list(range(40))


def test_a_damaged_shard_is_made_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: None
) -> None:
    use_tools(monkeypatch)
    photos = make_photos(tmp_path / "photos", 40)
    run(photos, tmp_path / "out", shard_rows=16)
    shard = tmp_path / "out" / "shards" / "part-000001.parquet"
    content = bytearray(shard.read_bytes())
    content[200] ^= 0xFF
    shard.write_bytes(content)
    assert run(photos, tmp_path / "out").located == 16
    assert len(kept_rows(tmp_path / "out")) == 40


def test_a_manifest_may_only_grow_at_its_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: None
) -> None:
    use_tools(monkeypatch)
    make_photos(tmp_path, 3)
    manifest = tmp_path / "list.csv"
    manifest.write_text("file\n0000.jpg\n0001.jpg\n0000.jpg\n")
    run(manifest, tmp_path / "out")
    manifest.write_text("file\n0000.jpg\n0001.jpg\n0000.jpg\n0000.jpg\n0002.jpg\n")
    assert run(manifest, tmp_path / "out").located == 1
    assert [row["copy_of"] for row in kept_rows(tmp_path / "out")] == [None, None, 0, 0, None]
    manifest.write_text("file\n0001.jpg\n")
    with pytest.raises(InputError, match="have changed since"):
        run(manifest, tmp_path / "out")


def test_another_batch_or_other_files_in_the_folder_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: None
) -> None:
    use_tools(monkeypatch)
    photos = make_photos(tmp_path / "photos", 2)
    with pytest.raises(InputError, match="holds other files"):
        run(photos, photos)
    run(photos, tmp_path / "out")
    with pytest.raises(InputError, match="with other input"):
        run(make_photos(tmp_path / "others", 2), tmp_path / "out")


def test_an_input_without_photos_leaves_the_folder_free(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: None
) -> None:
    use_tools(monkeypatch)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no photos in it"):
        run(tmp_path / "empty", tmp_path / "out")
    run(make_photos(tmp_path / "photos", 2), tmp_path / "out")


def test_a_photo_that_a_manifest_must_not_reach_is_not_even_compared(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: None
) -> None:
    use_tools(monkeypatch)
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "a.jpg").write_text("good")
    fsspec.filesystem("memory").pipe("/elsewhere/b.jpg", b"good")
    (tmp_path / "secret.jpg").write_text("good")
    outside = ["memory://elsewhere/b.jpg", str(tmp_path / "secret.jpg")]
    (folder / "list.csv").write_text("\n".join(["file", "a.jpg", *outside]))
    run(folder / "list.csv", tmp_path / "out")
    rows = kept_rows(tmp_path / "out")
    assert [row["copy_of"] for row in rows] == [None, None, None]
    assert ["--root" in (row["error"] or "") for row in rows] == [False, True, True]


def test_a_name_that_is_not_utf8_is_said_and_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: None
) -> None:
    use_tools(monkeypatch)
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "a.jpg").write_text("good")
    (folder / os.fsdecode(b"caf\xe9.jpg")).write_text("good too")
    run(folder, tmp_path / "out")
    good, bad = kept_rows(tmp_path / "out")
    assert good["error"] is None
    assert Path(bad["photo"]).name == "caf\\udce9.jpg"
    assert "not UTF-8" in bad["error"]


def test_every_row_is_one_row_of_the_table_whatever_its_name_has(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: None
) -> None:
    use_tools(monkeypatch)
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a,b.jpg", "b\nc.jpg", "c\rd.jpg", 'd"e.jpg'):
        (folder / name).write_text(f"good {name}")
    report = run(folder, tmp_path / "out")
    table = ShardFolder(tmp_path / "out").write_csv(report.shards)
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [Path(row["photo"]).name for row in rows] == [
        "a,b.jpg", "b\nc.jpg", "c\\rd.jpg", 'd"e.jpg',
    ]  # fmt: skip
    assert {row["level"] for row in rows} == {"city"}


@pytest.mark.parametrize("kind", ["folder", "tar"])
def test_an_input_that_is_called_otherwise_the_next_time_is_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: None, kind: str
) -> None:
    use_tools(monkeypatch)
    monkeypatch.chdir(tmp_path)
    make_photos(tmp_path / "photos", 3)
    name = "photos"
    if kind == "tar":
        name = "photos.tar"
        with tarfile.open(name, "w") as archive:
            archive.add("photos")
    run(name, tmp_path / "out")
    before = kept_rows(tmp_path / "out")
    for given in (f"./{name}", str(tmp_path / name), f"photos/../{name}"):
        assert run(given, tmp_path / "out").located == 0
    assert kept_rows(tmp_path / "out") == before
    assert before[0]["photo"].startswith(f"{name}/")


def test_another_root_is_another_input(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, engine: None
) -> None:
    use_tools(monkeypatch)
    photos = make_photos(tmp_path / "photos", 1)
    (tmp_path / "lists").mkdir()
    manifest = tmp_path / "lists" / "list.csv"
    manifest.write_text(f"file\n{photos / '0000.jpg'}\n")
    run(manifest, tmp_path / "out")
    with pytest.raises(InputError, match="made with other input"):
        run(manifest, tmp_path / "out", roots=(str(photos),))
    for _ in range(2):
        run(manifest, tmp_path / "new", roots=(str(photos),))
    assert [row["error"] for row in kept_rows(tmp_path / "new")] == [None]
