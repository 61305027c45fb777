"""Writing an index: whole or not at all, whatever fails on the way."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geoagent_graph.errors import InputError, ReferenceIndexError, StorageError
from geoagent_graph.retrieval import index_folder
from geoagent_graph.retrieval.faiss_retriever import FaissRetriever
from geoagent_graph.retrieval.index_folder import IndexParts, lock_index, save_index
from geoagent_graph.retrieval.index_format import HashingFile
from geoagent_graph.retrieval.reference_table import ReferenceRow
from geoagent_graph.retrieval.vector_index import make_index
from geoagent_graph.testing import MeanColourEncoder
from tests.support.paths import ROOT

ENCODER = "test-encoder/1"


def save(folder: Path, count: int) -> None:
    vectors = np.random.default_rng(count).standard_normal((count, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = [
        ReferenceRow(f"p{i:04}", 1.0, 2.0, "PT", "", "", "", "0" * 64, "") for i in range(count)
    ]
    with lock_index(folder):
        save_index(folder, IndexParts(ENCODER, make_index(vectors, np.arange(count)), rows))


def count_of(folder: Path) -> int:
    return FaissRetriever.load(folder, MeanColourEncoder(ENCODER)).manifest.count


def left_beside(folder: Path) -> set[str]:
    return {path.name for path in folder.parent.iterdir()} - {folder.name, f".{folder.name}.lock"}


def outcome(folder: Path, count: int) -> str | None:
    """Return the message of the error that saving ran into, or None."""
    try:
        save(folder, count)
    except StorageError as error:
        return str(error)
    return None


def reset(folder: Path, count: int) -> None:
    shutil.rmtree(folder)
    if count:
        save(folder, count)


class Failing:
    """Lets the first `good` calls through and fails the others the way a full disk does."""

    def __init__(self, call: Callable[..., Any], good: int) -> None:
        self.call, self.good, self.calls = call, good, 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        if self.calls > self.good:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self.call(*args, **kwargs)


def fail_from(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, good: int) -> Failing:
    failing = Failing(getattr(owner, name), good)
    monkeypatch.setattr(owner, name, lambda *a, **k: failing(*a, **k))
    return failing


@pytest.mark.parametrize("old_count", [0, 5])
def test_a_disk_that_is_full_at_any_write_leaves_the_old_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old_count: int
) -> None:
    folder = tmp_path / "photos.index"
    if old_count:
        save(folder, old_count)
    failures = 0
    for owner, name in [
        (HashingFile, "write"),
        (os, "fsync"),
        (Path, "mkdir"),
        (index_folder, "_exchange_folders"),
        (Path, "rename"),
        (Path, "open"),
    ]:
        for good in range(100):
            with monkeypatch.context() as patch:
                failing = fail_from(patch, owner, name, good)
                message = outcome(folder, 7)
            failures += message is not None
            if failing.calls <= good:
                break  # it got through: every call of this kind has failed once
            if message:
                assert "No space left" in message
                assert str(folder) in message
                assert "\n" not in message
            if message and not old_count:
                assert not folder.exists()
            else:  # a folder's own entry that cannot be synced is not an error
                assert count_of(folder) == (old_count if message else 7)
                assert message or name == "fsync"
            assert left_beside(folder) == set()
            if not message:
                reset(folder, old_count)
        else:
            pytest.fail(f"{name} never got through")
        reset(folder, old_count)
    assert failures > 20


def test_a_real_write_error_at_any_size_leaves_the_old_index(tmp_path: Path) -> None:
    """The system itself refuses to write beyond a size; the child reports what it saw."""
    pytest.importorskip("resource")
    folder = tmp_path / "photos.index"
    save(folder, 5)
    code = """
        import resource, signal, sys
        from pathlib import Path
        sys.path.insert(0, sys.argv[1])
        import importlib.util
        spec = importlib.util.spec_from_file_location("cases", sys.argv[2])
        cases = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(cases)
        folder = Path(sys.argv[3])
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        for limit in [0, 1, 44, 100, 200, 500, 1000, 2000, 2900]:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
            try:
                cases.save(folder, 90)
            except cases.StorageError:
                outcome = "refused"
            else:
                outcome = "written"
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            assert outcome == "refused", limit
            assert cases.count_of(folder) == 5, limit
            assert cases.left_beside(folder) == set(), limit
        print("all refused")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), ROOT, __file__, folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "all refused", done.stderr


def test_a_kill_at_any_moment_leaves_a_whole_index(tmp_path: Path) -> None:
    folder = tmp_path / "photos.index"
    save(folder, 5)
    code = """
        import sys
        from pathlib import Path
        sys.path.insert(0, sys.argv[1])
        import importlib.util
        spec = importlib.util.spec_from_file_location("cases", sys.argv[2])
        cases = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(cases)
        print("ready", flush=True)
        while True:
            cases.save(Path(sys.argv[3]), 3000)
            cases.save(Path(sys.argv[3]), 5)
    """
    arguments = [str(ROOT), __file__, str(folder)]
    rng = np.random.default_rng(0)
    for _ in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code), *arguments], stdout=subprocess.PIPE
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"ready\n"
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(float(rng.uniform(0.05, 0.4)))
            child.send_signal(signal.SIGKILL)
        assert count_of(folder) in {5, 3000}
    save(folder, 6)
    assert count_of(folder) == 6
    assert left_beside(folder) == set()


def test_without_an_exchange_the_folder_is_replaced_in_two_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_folder, "_exchange_folders", lambda made, target: False)
    folder = tmp_path / "photos.index"
    save(folder, 5)
    save(folder, 7)
    assert count_of(folder) == 7
    assert left_beside(folder) == set()
    with monkeypatch.context() as patch:
        calls = []
        rename = Path.rename

        def second_fails(self: Path, to: Path) -> Path:
            calls.append(to)
            if len(calls) == 2:
                raise OSError(errno.EIO, "input/output error")
            return rename(self, to)

        patch.setattr(Path, "rename", second_fails)
        with pytest.raises(StorageError):
            save(folder, 9)
    assert len(calls) == 3  # aside, into place (failed), back
    assert count_of(folder) == 7
    assert left_beside(folder) == set()


def test_a_writer_killed_between_the_two_steps_is_made_good_by_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "photos.index"
    save(folder, 5)
    folder.rename(tmp_path / ".photos.index.old")
    (tmp_path / ".photos.index.tmp-123456").mkdir()
    with lock_index(folder):
        assert count_of(folder) == 5
    assert left_beside(folder) == set()


def test_a_second_writer_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_folder, "_LOCK_SECONDS", 0.1)
    folder = tmp_path / "photos.index"
    with (
        lock_index(folder),
        pytest.raises(ReferenceIndexError, match="another process"),
        lock_index(folder),
    ):
        pass
    with lock_index(folder):
        pass


def test_other_peoples_folders_are_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "beach.jpg").write_bytes(b"photo")
    with pytest.raises(InputError, match=r"beach\.jpg"):
        save(tmp_path / "holiday", 3)
    with pytest.raises(InputError, match="is a file"):
        save(tmp_path / "holiday" / "beach.jpg", 3)
    assert (tmp_path / "holiday" / "beach.jpg").read_bytes() == b"photo"


def test_an_empty_folder_and_a_damaged_index_are_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "photos.index"
    folder.mkdir(parents=True)
    save(folder, 3)
    for name in ("manifest.json", "index.faiss"):
        (folder / name).write_bytes(b"damaged")
        save(folder, 4)
        assert count_of(folder) == 4


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be written"):
        save(tmp_path / ("x" * 300), 3)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="cannot be written"):
        save(tmp_path / "file" / "photos.index", 3)
