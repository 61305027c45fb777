"""What users type, against a real vLLM: doctor, a folder with --keep, resuming, the example."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.paths import ROOT

pytest.importorskip("openai")

GEOAGENT = [sys.executable, "-m", "geoagent_graph.cli"]
NOBODY = "http://127.0.0.1:9/v1"  # a port where nothing listens


@pytest.fixture(scope="module")
def folder(photos: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("folder")
    for photo in photos[:2] + photos[-1:]:
        (made / photo.name).write_bytes(photo.read_bytes())
    return made


def _run(*arguments: object, limit: int = 240) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(argument) for argument in arguments],
        capture_output=True, text=True, timeout=limit, check=False, cwd=ROOT,
    )  # fmt: skip


def _locate(folder: Path, base_url: str, keep: Path) -> list[object]:
    served = ["--policy", "served", "--base-url", base_url, "--model", "tiny"]
    return [*GEOAGENT, "locate", folder, *served, "--keep", keep, "--jsonl", "-q"]


def test_the_doctor_finds_nothing_missing(base_url: str) -> None:
    served = ["--policy", "served", "--base-url", base_url, "--model", "tiny"]
    done = _run(*GEOAGENT, "doctor", *served, "--json")
    assert done.returncode == 0, done.stderr
    model = json.loads(done.stdout)["model"]
    assert [finding["state"] for finding in model] == ["ok"] * 7


def test_a_folder_is_located_and_kept_and_completed_after_a_kill(
    base_url: str, folder: Path, tmp_path: Path
) -> None:
    keep = tmp_path / "answers.jsonl"
    command = [str(part) for part in _locate(folder, base_url, keep)]
    with subprocess.Popen(
        [*command, "--in-flight", "1"], cwd=ROOT, stdout=subprocess.DEVNULL
    ) as run:
        deadline = time.monotonic() + 200
        while run.poll() is None and not (keep.exists() and keep.read_bytes().count(b"\n")):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        run.send_signal(signal.SIGKILL)
    first = keep.read_bytes()
    assert 1 <= first.count(b"\n") < 3, "it was killed too late"
    done = _run(*_locate(folder, base_url, keep))
    assert done.returncode in (0, 3), done.stderr
    names = sorted(str(photo) for photo in folder.iterdir())
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["image"]["name"] for answer in answers] == names
    assert all(answer["usage"]["images"] > 0 for answer in answers)
    assert keep.read_bytes().startswith(first[: first.rfind(b"\n") + 1])
    # every answer is kept: nothing is asked, so it does not matter that nobody is there
    again = _run(*_locate(folder, NOBODY, keep))
    assert again.stdout == done.stdout
    assert keep.read_bytes().count(b"\n") == 3


def test_without_a_server_the_other_policy_finishes(folder: Path, tmp_path: Path) -> None:
    keep = tmp_path / "answers.jsonl"
    failed = _run(*_locate(folder, NOBODY, keep))
    assert failed.returncode == 1
    assert failed.stderr.count("it cannot be reached") == 3
    assert "Traceback" not in failed.stderr
    done = _run(*_locate(folder, NOBODY, keep), "--fallback")
    assert done.returncode in (0, 3), done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert {answer["policy"] for answer in answers} == {"evidence (without served)"}
    assert all("without the policy served (tiny)" in " ".join(a["warnings"]) for a in answers)
    streets = [answer for answer in answers if "street" in Path(answer["image"]["name"]).name]
    assert {answer["place"]["country_code"] for answer in streets} == {"PT"}


def test_the_example_application_runs(base_url: str, photos: list[Path]) -> None:
    done = _run(
        sys.executable, "examples/vllm_app.py", photos[0], "--base-url", base_url, "--model", "tiny"
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "caption:" in done.stdout
    assert "calls" in done.stdout
