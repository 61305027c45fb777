"""A file is held by one run at a time, and by no run that has ended."""

import subprocess
import sys
from pathlib import Path

import pytest

from geoagent_graph import held_file
from geoagent_graph.errors import InputError, StorageError
from geoagent_graph.held_file import hold_file

HOLDS = """
import pathlib, sys
from geoagent_graph.held_file import hold_file
with hold_file(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_another_run_is_told_which_process_holds_it_until_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    program = [sys.executable, "-c", HOLDS, str(path)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        # where locks are listed, its number is said
        with (
            pytest.raises(InputError, match=rf"(process {holder.pid}|another run) adds to it"),
            hold_file(path),
        ):
            pass
        holder.kill()
    with hold_file(path):
        assert path.read_bytes() == b""


def test_the_process_is_found_in_the_table_of_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept.jsonl"
    with hold_file(path):
        found = path.stat()
        device = f"{found.st_dev >> 8 & 0xFF:02x}:{found.st_dev & 0xFF:02x}"
        table = tmp_path / "locks"
        table.write_text(
            "1: POSIX  ADVISORY  WRITE 1 08:01:5 0 EOF\nhalf a line\n"
            f"2: FLOCK  ADVISORY  WRITE 4711 {device}:{found.st_ino} 0 EOF\n"
        )
        monkeypatch.setattr(held_file, "LOCK_TABLE", table)
        with pytest.raises(InputError, match=r"process 4711 adds to it\. Wait"), hold_file(path):
            pass


def test_a_file_that_cannot_be_there_is_a_storage_error(tmp_path: Path) -> None:
    with (
        pytest.raises(StorageError, match="cannot be written"),
        hold_file(tmp_path / "no" / "file"),
    ):
        pass
