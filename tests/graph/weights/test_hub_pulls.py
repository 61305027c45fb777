"""Pulls from a hub on loopback: what is pinned, refused, resumed, and never fetched twice."""

import errno
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from geoagent_graph.errors import InputError, StorageError, WeightsError
from geoagent_graph.installation import extra_command
from geoagent_graph.weights.entry import Entry
from geoagent_graph.weights.pulling import Pulled, open_supplier, pull
from geoagent_graph.weights.store import WeightStore
from tests.support.loopback_hub import LoopbackHub, loopback_hub, point_library_at
from tests.support.paths import ROOT
from tests.support.weight_rows import NON_COMMERCIAL, REPOSITORY, digest, row, tiny_weights

DATA = tiny_weights()
PINNED = [{"path": "model.safetensors", "sha256": digest(DATA), "size_bytes": len(DATA)}]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackHub]:
    with loopback_hub() as running:
        point_library_at(monkeypatch, running.endpoint)
        running.add(REPOSITORY, {"model.safetensors": DATA, "README.md": b"# tiny"})
        yield running


@pytest.fixture
def store(tmp_path: Path) -> WeightStore:
    return WeightStore(tmp_path / "weights")


def bring(entry: Entry, store: WeightStore, *, accept_licence: bool = False) -> Pulled:
    supplier = open_supplier(entry, None, offline=False)
    return pull(entry, store, supplier, accept_licence=accept_licence)


def _left_over(store: WeightStore) -> list[str]:
    return [
        path.name for path in store.folder.rglob("*") if path.is_file() and path.suffix != ".lock"
    ]


def test_a_row_is_pulled_pinned_and_found_there(hub: LoopbackHub, store: WeightStore) -> None:
    entry = row()
    assert store.state(entry) == "absent"
    done = bring(entry, store)
    assert (done.outcome, done.size_bytes) == ("pulled", len(DATA))
    assert (store.require(entry) / "model.safetensors").read_bytes() == DATA
    pin = store.pin("tiny")
    assert pin is not None
    assert pin.revision == hub.branches[REPOSITORY, "main"]
    assert pin.files["model.safetensors"].sha256 == digest(DATA)
    assert bring(entry, store).outcome == "already there"
    assert [name for name, _ in hub.asked] == ["model.safetensors"]  # once, and no README
    assert sorted(_left_over(store)) == ["model.safetensors", "weights.lock.json"]


def test_a_wrong_digest_stops_before_a_byte_is_fetched(
    hub: LoopbackHub, store: WeightStore
) -> None:
    pinned = [{"path": "model.safetensors", "sha256": digest(b"another")}]
    with pytest.raises(
        WeightsError, match=r"tiny: model\.safetensors is not the file that was pinn"
    ):
        bring(row(files=pinned), store)
    assert hub.asked == []
    assert store.state(row(files=pinned)) == "absent"


def test_a_file_whose_bytes_differ_from_what_is_pinned_is_deleted(
    hub: LoopbackHub, store: WeightStore
) -> None:
    entry = row(files=PINNED)
    commit = hub.branches[REPOSITORY, "main"]
    good = hub.listing(REPOSITORY, commit)
    hub.repositories[REPOSITORY][commit]["model.safetensors"] = tiny_weights(seed=1)
    hub.listing = lambda repository, commit: good  # type: ignore[method-assign]
    with pytest.raises(
        WeightsError, match=f"where {digest(DATA)} is pinned; nothing of it was kept"
    ):
        bring(entry, store)
    assert _left_over(store) == ["weights.lock.json"]
    assert store.state(entry) != "there"


def test_a_short_file_is_kept_to_go_on_with(hub: LoopbackHub, store: WeightStore) -> None:
    whole = row(files=PINNED)
    commit = hub.branches[REPOSITORY, "main"]
    good = hub.listing(REPOSITORY, commit)
    hub.repositories[REPOSITORY][commit]["model.safetensors"] = DATA[:1000]
    hub.listing = lambda repository, commit: good  # type: ignore[method-assign]
    with pytest.raises(WeightsError, match=f"arrived short, 1000 of {len(DATA)} bytes"):
        bring(whole, store)
    hub.repositories[REPOSITORY][commit]["model.safetensors"] = DATA
    assert bring(whole, store).outcome == "pulled"
    assert hub.asked[-1] == ("model.safetensors", "bytes=1000-")
    assert store.verify(whole) == []


@pytest.mark.parametrize("data", [b"\x80\x02}q\x00.", DATA[:-4], DATA + b"more", b"", b"[" * 5000])
def test_what_is_no_safetensors_file_is_refused_under_that_name(
    hub: LoopbackHub, store: WeightStore, data: bytes
) -> None:
    hub.add(REPOSITORY, {"model.safetensors": data})
    with pytest.raises(WeightsError, match=r"model\.safetensors is refused"):
        bring(row(), store)
    assert _left_over(store) == ["weights.lock.json"]


def test_a_file_of_a_format_that_may_hold_code_is_refused(
    hub: LoopbackHub, store: WeightStore
) -> None:
    hub.add(REPOSITORY, {"pytorch_model.bin": b"\x80\x02}q\x00."})
    with pytest.raises(WeightsError, match="its format is not allowed"):
        bring(row(files=[{"path": "pytorch_model.bin"}]), store)


def test_a_moved_branch_changes_nothing_of_what_was_pulled(
    hub: LoopbackHub, store: WeightStore
) -> None:
    entry = row()
    bring(entry, store)
    hub.add(REPOSITORY, {"model.safetensors": tiny_weights(seed=2)})
    (store.folder_of("tiny") / "model.safetensors").unlink()
    assert bring(entry, store).outcome == "pulled"  # the pinned revision again, not the newest
    assert (store.folder_of("tiny") / "model.safetensors").read_bytes() == DATA


def test_a_revision_that_is_gone_stops_with_one_sentence(
    hub: LoopbackHub, store: WeightStore
) -> None:
    entry = row()
    bring(entry, store)
    commit = hub.branches[REPOSITORY, "main"]
    del hub.repositories[REPOSITORY][commit]
    hub.add(REPOSITORY, {"model.safetensors": tiny_weights(seed=2)})
    (store.folder_of("tiny") / "model.safetensors").unlink()
    with pytest.raises(WeightsError, match=f"no longer has revision {commit}, which is pinned"):
        bring(entry, store)


def test_a_hub_that_answers_with_another_revision_is_refused(
    hub: LoopbackHub, store: WeightStore
) -> None:
    pinned = row(source={"kind": "hub", "repository": REPOSITORY, "revision": "ab" * 20})
    hub.branches[REPOSITORY, "ab" * 20] = hub.branches[REPOSITORY, "main"]
    with pytest.raises(WeightsError, match=f"where {'ab' * 20} is pinned; nothing was fetched"):
        bring(pinned, store)
    assert hub.asked == []


def test_a_catalogue_that_pins_anew_says_so(hub: LoopbackHub, store: WeightStore) -> None:
    bring(row(), store)
    newer = row(source={"kind": "hub", "repository": REPOSITORY, "revision": "cd" * 20})
    assert store.state(newer) == "changed"
    with pytest.raises(WeightsError, match="geoagent weights remove tiny"):
        bring(newer, store)
    with pytest.raises(InputError, match="pins another revision"):
        store.require(newer)


def test_a_whole_folder_is_pulled_by_patterns(hub: LoopbackHub, store: WeightStore) -> None:
    files = {
        "config.json": b"{}", "model-1.safetensors": DATA, "modeling_tiny.py": b"print('code')",
        "original/consolidated.pth": b"\x80\x02.", ".gitattributes": b"",
    }  # fmt: skip
    hub.add(REPOSITORY, files)
    source = {"kind": "hub", "repository": REPOSITORY, "patterns": ["*.json", "*.safetensors"]}
    bring(row(source=source, files=[]), store)
    there = sorted(path.name for path in store.folder_of("tiny").iterdir())
    assert there == ["config.json", "model-1.safetensors"]


def test_a_licence_that_forbids_commercial_use_is_asked_for_once(
    hub: LoopbackHub, store: WeightStore
) -> None:
    entry = row(licence=NON_COMMERCIAL)
    with pytest.raises(
        InputError, match=r"CC-BY-NC-4\.0 forbids commercial use .* --accept-licence"
    ):
        bring(entry, store)
    assert hub.asked == []
    bring(entry, store, accept_licence=True)
    (store.folder_of("tiny") / "model.safetensors").unlink()
    assert bring(entry, store).outcome == "pulled"


def test_without_a_network_one_sentence_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, store: WeightStore
) -> None:
    point_library_at(monkeypatch, "http://127.0.0.1:9")
    with pytest.raises(WeightsError, match=r"the hub cannot be reached .* --from FOLDER"):
        bring(row(), store)


def test_offline_by_its_own_switch_nothing_is_asked(
    monkeypatch: pytest.MonkeyPatch, hub: LoopbackHub, store: WeightStore
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsError, match="HF_HUB_OFFLINE switches the network off"):
        bring(row(), store)
    assert hub.asked == []


def test_without_the_library_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, store: WeightStore
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match=re.escape(extra_command("weights"))):
        bring(row(), store)


def test_two_pulls_at_once_fetch_everything_once(hub: LoopbackHub, store: WeightStore) -> None:
    entry, hub.gate = row(), threading.Event()
    outcomes: list[str] = []

    def work(note: threading.Event | None) -> None:
        def on_note(words: str) -> None:
            if "another process" in words and note is not None:
                note.set()

        supplier = open_supplier(entry, None, offline=False)
        outcomes.append(pull(entry, store, supplier, note=on_note).outcome)

    threads = [threading.Thread(target=work, args=(hub.gate,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["already there", "pulled"]
    assert len(hub.asked) == 1
    assert store.verify(entry) == []


def test_a_killed_download_goes_on_where_it_was(hub: LoopbackHub, store: WeightStore) -> None:
    large = tiny_weights(count=60_000)  # more than one read of the library
    hub.add(REPOSITORY, {"model.safetensors": large})
    hub.cut_at = 50_000
    code = (
        "import sys; from pathlib import Path\n"
        "from tests.support.weight_rows import row\n"
        "from geoagent_graph.weights.store import WeightStore\n"
        "from geoagent_graph.weights.pulling import open_supplier, pull\n"
        "import huggingface_hub.constants as c; c.DOWNLOAD_CHUNK_SIZE = 10_000\n"
        "pull(row(), WeightStore(Path(sys.argv[1])), open_supplier(row(), None, offline=False))\n"
    )
    child = subprocess.Popen(  # an interpreter of its own: the library reads its address once
        [sys.executable, "-c", code, str(store.folder)],
        cwd=ROOT,
        env={**os.environ, "HF_ENDPOINT": hub.endpoint},
    )
    part = store.arrivals_of("tiny") / "model.safetensors.part"
    assert hub.cut_reached.wait(60)
    while not (part.is_file() and part.stat().st_size > 0):
        assert child.poll() is None
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    arrived = part.stat().st_size
    assert 0 < arrived < len(large)
    hub.cut_at = None
    assert bring(row(), store).outcome == "pulled"
    assert hub.asked[-1] == ("model.safetensors", f"bytes={arrived}-")
    assert (store.folder_of("tiny") / "model.safetensors").read_bytes() == large


def test_a_full_disk_is_told_before_and_while_it_fills(
    hub: LoopbackHub, store: WeightStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = row(files=PINNED)
    with monkeypatch.context() as patch:
        usage = type("Usage", (), {"free": 1000})
        patch.setattr("shutil.disk_usage", lambda path: usage)
        with pytest.raises(StorageError, match="GB are free; make room"):
            bring(entry, store)
    assert hub.asked == []

    supplier = open_supplier(entry, None, offline=False)

    def fill(plan: object, file: object, part: Path) -> None:
        part.write_bytes(DATA[:700])
        raise OSError(errno.ENOSPC, "No space left on device", str(part))

    with monkeypatch.context() as patch:
        patch.setattr(supplier, "fetch", fill)
        with pytest.raises(StorageError, match="the disk is full; make room and pull tiny again"):
            pull(entry, store, supplier)
    assert store.state(entry) == "partly"
    assert bring(entry, store).outcome == "pulled"
    assert hub.asked == [("model.safetensors", "bytes=700-")]
