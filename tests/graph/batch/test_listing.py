"""Which photos an input holds, and why a row names none."""

import io
import json
import os
import tarfile
from itertools import islice
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from geoagent_graph.batch.listed_photo import ListedPhoto
from geoagent_graph.batch.listing import open_input
from geoagent_graph.errors import InputError


def _listed(source: object, *roots: str) -> list[ListedPhoto]:
    return list(open_input(str(source), roots).list_photos())


def _tar_bytes(names: list[str]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = len(name)
            archive.addfile(member, io.BytesIO(name.encode()))
    return file.getvalue()


def test_a_folder_is_listed_with_its_folders_and_tars(tmp_path: Path) -> None:
    (tmp_path / "b" / "c").mkdir(parents=True)
    for name in ("z.jpg", "b/c/y.PNG", "b/notes.txt", "b/x.heif"):
        (tmp_path / name).write_text(name)
    (tmp_path / "b" / "t.tar").write_bytes(_tar_bytes(["k.jpg", "k.json"]))
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    (tmp_path / "b" / "c" / "link.jpg").symlink_to(tmp_path / "z.jpg")
    (tmp_path / "b" / "c" / "lost.jpg").symlink_to(tmp_path / "nowhere.jpg")
    source = open_input(str(tmp_path))
    listed = {row.photo.removeprefix(f"{tmp_path}/"): row.problem for row in source.list_photos()}
    *photos, lost, last = listed
    assert [*photos, last] == ["z.jpg", "b/t.tar/k.jpg", "b/x.heif", "b/c/link.jpg", "b/c/y.PNG"]
    assert (lost, listed.pop(lost)) == ("b/c/lost.jpg", "is a link to nothing")
    assert set(listed.values()) == {None}
    assert dict(source.skipped) == {".txt": 1, ".json": 1, "link to a folder": 1}


def test_a_pipe_that_is_called_like_a_photo_is_said(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    [row] = _listed(tmp_path)
    assert row.problem == "is a pipe, no file"


def test_names_are_as_the_input_was_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_text("a")
    monkeypatch.chdir(tmp_path)
    [photo] = _listed("photos")
    assert photo.photo == "photos/a.jpg"
    assert photo.location == str(tmp_path / "photos" / "a.jpg")


def test_a_tar_gives_the_places_of_its_photos(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(_tar_bytes(["one.jpg", "../../two.png", "one.json"]))
    photos = _listed(path)
    assert [photo.photo for photo in photos] == [f"{path}/one.jpg", f"{path}/../../two.png"]
    content = path.read_bytes()
    for photo, inside in zip(photos, (b"one.jpg", b"../../two.png"), strict=True):
        assert photo.offset is not None
        assert content[photo.offset : photo.offset + (photo.length or 0)] == inside


def test_an_unreadable_tar_is_a_row_that_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(_tar_bytes(["one.jpg", "two.jpg"])[:1400])
    assert [photo.problem is None for photo in _listed(path)] == [True, False]
    path.write_bytes(os.urandom(4096))
    [row] = _listed(path)
    assert "cannot be read to its end" in (row.problem or "")


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz"])
def test_a_compressed_tar_is_called_so_whatever_its_name(tmp_path: Path, kind: str) -> None:
    (tmp_path / "photo.jpg").write_text("a")
    with tarfile.open(tmp_path / "a.tar", f"w:{kind}") as archive:  # type: ignore[call-overload]
        archive.add(tmp_path / "photo.jpg", "photo.jpg")
    [row] = _listed(tmp_path / "a.tar")
    assert "is compressed" in (row.problem or "")


def test_no_photo_of_a_tar_is_left_out_silently(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name, kind in (("b.jpg", tarfile.LNKTYPE), ("c.jpg", tarfile.SYMTYPE)):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "a.jpg"
            archive.addfile(member)
        holes = tarfile.TarInfo("d.jpg")
        holes.type = tarfile.GNUTYPE_SPARSE
        archive.addfile(holes)
        folder = tarfile.TarInfo("e.jpg")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    hard, soft, sparse = _listed(tmp_path / "a.tar")
    assert "is a link" in (hard.problem or "")
    assert "is a link" in (soft.problem or "")
    assert "--sparse" in (sparse.problem or "")


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_manifest_lists_photos_in_its_order(tmp_path: Path, ending: str) -> None:
    names = ["sub/b.jpg", "a.jpg", str(tmp_path / "c.jpg")]
    path = tmp_path / f"list.{ending}"
    if ending == "csv":
        path.write_text("\n".join(["Photo", *names]))
    elif ending == "jsonl":
        path.write_text("\n".join(json.dumps({"file": name}) for name in names))
    else:
        pq.write_table(pa.table({"path": names, "other": [1, 2, 3]}), path)
    photos = _listed(path)
    assert [photo.photo for photo in photos] == names
    assert [photo.location for photo in photos] == [
        str(tmp_path / name) for name in ("sub/b.jpg", "a.jpg", "c.jpg")
    ]


@pytest.mark.parametrize(
    "name", ["../out.jpg", "/etc/a.jpg", "http://127.0.0.1/a.jpg", "a/../../b.jpg", "s3://b/a.jpg"]
)
def test_a_manifest_reaches_nothing_outside_its_folder(tmp_path: Path, name: str) -> None:
    path = tmp_path / "list.jsonl"
    path.write_text(json.dumps({"file": name}))
    [row] = _listed(path)
    assert "--root" in (row.problem or "")


@pytest.mark.parametrize(
    "name",
    ["%2e%2e/a.jpg", ".%2E/a.jpg", "b/..%2f..%2fa.jpg", "b%5c..%5c..%5ca.jpg", "../p2/a.jpg"],
)
def test_no_escape_in_an_address_leads_out_of_its_root(tmp_path: Path, name: str) -> None:
    path = tmp_path / "list.jsonl"
    path.write_text(json.dumps({"file": name}))
    [row] = _listed(path, "https://example.org/p")
    assert "--root" in (row.problem or "")


def test_addresses_keep_their_queries_and_keys_their_empty_names(tmp_path: Path) -> None:
    names = ["https://example.org/p/a.jpg?u=http://b//c/../d#e", "memory://box//b.jpg"]
    names += ["https://example.org/p/b/../a%20b.jpg"]
    path = tmp_path / "list.jsonl"
    path.write_text("\n".join(json.dumps({"file": name}) for name in names))
    listed = _listed(path, "https://example.org/p", "memory://box")
    assert [row.location for row in listed] == [*names[:2], "https://example.org/p/a%20b.jpg"]
    assert [row.problem for row in listed] == [None, None, None]


def test_a_name_with_control_characters_is_not_said_to_lie_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "list.jsonl"
    path.write_text(json.dumps({"file": "a\0.jpg"}))
    [row] = _listed(path)
    assert "control characters" in (row.problem or "")


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"x": [1]}, "has no column of files"),
        ({"file": [1]}, "file is int64, not the paths"),
        ({"image": [{"bytes": b"a", "path": "a.jpg"}]}, "image is struct<"),
    ],
)
def test_a_table_without_names_of_files_is_refused_at_once(
    tmp_path: Path, columns: dict[str, list[Any]], words: str
) -> None:
    pq.write_table(pa.table(columns), tmp_path / "list.parquet")
    with pytest.raises(InputError, match=words):
        _listed(tmp_path / "list.parquet")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_two_columns_of_one_name_are_refused(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"list.{ending}"
    if ending == "csv":
        path.write_text("file,note,note,file\na.jpg,1,2,b.jpg\n")
    else:
        columns = [pa.array(["a.jpg"]), pa.array(["b.jpg"])]
        pq.write_table(pa.Table.from_arrays(columns, names=["file", "file"]), path)
    with pytest.raises(InputError, match="two columns file"):
        _listed(path)


def test_a_root_that_was_given_may_be_named(tmp_path: Path) -> None:
    path = tmp_path / "list.jsonl"
    path.write_text('{"file": "a.jpg"}\n{"file": "memory://box/b.jpg"}\n{"id": 1}\nno json')
    listed = _listed(path, "memory://box")
    assert [row.location for row in listed[:2]] == ["memory://box/a.jpg", "memory://box/b.jpg"]
    assert "names no file" in (listed[2].problem or "")
    assert "no JSON" in (listed[3].problem or "")


def test_other_file_systems_are_reached_by_their_address() -> None:
    with fsspec.open("memory://box/in/a.jpg", "wb") as file:
        file.write(b"good")
    [photo] = _listed("memory://box/in")
    assert photo == ListedPhoto("memory://box/in/a.jpg", "memory://box/in/a.jpg", size=4)


@pytest.mark.parametrize(
    ("name", "words"),
    [("a.tar.gz", "unpack it"), ("a.txt", "is no folder, tar or manifest"), ("b", "nothing there")],
)
def test_what_is_no_input_is_refused(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "a.tar.gz").write_bytes(b"")
    (tmp_path / "a.txt").write_bytes(b"")
    with pytest.raises(InputError, match=words):
        _listed(tmp_path / name)


def test_an_unknown_file_system_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be opened"):
        open_input("nosuchfs://box/a")


def test_a_pipe_is_no_input(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "list.csv")
    with pytest.raises(InputError, match="device, pipe or socket"):
        open_input(str(tmp_path / "list.csv"))


@pytest.mark.parametrize("root", [(), ("../photos",)])
def test_a_manifest_and_a_root_may_be_given_from_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: tuple[str, ...]
) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "work").mkdir()
    folder = "work" if root else "photos"
    (tmp_path / folder / "list.csv").write_text("file\na.jpg\n../b.jpg\n")
    monkeypatch.chdir(tmp_path / "work")
    inside, outside = _listed(f"../{folder}/list.csv", *root)
    assert (inside.location, inside.problem) == (str(tmp_path / "photos" / "a.jpg"), None)
    assert "--root" in (outside.problem or "")


def _head_of(name: str, size: bytes) -> bytes:
    """Return the head of a tar member that says this of its size, which `tarfile` never writes."""
    head = bytearray(tarfile.TarInfo(name).tobuf(tarfile.USTAR_FORMAT))
    head[124:136], head[148:156] = size, b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head)


@pytest.mark.parametrize(
    "size", [b"\xff" * 10 + b"\xfe\x00", b"\x80" + b"\0" * 3 + b"\x7f" + b"\xff" * 7]
)
def test_a_tar_whose_sizes_lie_ends_with_a_row_that_says_so(tmp_path: Path, size: bytes) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(_tar_bytes(["one.jpg"])[:1024] + _head_of("two.jpg", size) + bytes(1024))
    listed = list(islice(open_input(str(path)).list_photos(), 10))
    assert "cannot be read to its end" in (listed[-1].problem or "")
    assert [row.photo for row in listed if row.problem is None][:1] == [f"{path}/one.jpg"]


def test_a_folder_that_goes_away_while_it_is_listed_is_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "a.jpg").write_text("a")
    source = open_input(str(tmp_path))
    list_folder = source.fs.ls

    def lose_inner(path: str, detail: bool = True) -> Any:
        if path.endswith("/in"):
            raise FileNotFoundError(2, "gone")
        return list_folder(path, detail=detail)

    monkeypatch.setattr(source.fs, "ls", lose_inner)
    assert [row.problem is None for row in source.list_photos()] == [True, False]
