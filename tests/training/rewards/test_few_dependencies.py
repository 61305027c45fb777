"""The rewards work where only what they need is installed: no agent, no index, no text reader."""

import json
import re
import subprocess
import sys
import tomllib

from tests.support.paths import ROOT

EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
SCRIPT = """
import importlib.metadata, json, sys
from tests.support.reward_fakes import completion
from geoagent_training.rewards import answer_format, geo_similarity, well_formed

row = {"lat_deg": [38.7], "lon_deg": [-9.1], "country": ["Portugal"], "region": ["Lisbon"]}
answers = [completion("Portugal", "Lisbon", "Lisbon")]
earned = [f(completions=answers, **row)[0] for f in (geo_similarity, well_formed, answer_format)]
found = importlib.metadata.packages_distributions()
names = {name.split(".")[0] for name in sys.modules}
print(json.dumps([earned, sorted({d for name in names for d in found.get(name, [])})]))
"""
# of the agent and its tools: none of them may be needed
HEAVY = {"langgraph", "langchain-core", "langsmith", "faiss-cpu", "rapidocr", "onnxruntime"}
HEAVY |= {"opencv-python-headless", "shapely", "pyarrow", "pillow", "typer", "transformers", "trl"}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_rewards_import_nothing_of_the_agent() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    earned, imported = json.loads(done.stdout.splitlines()[-1])
    assert earned[0] > 2.0
    assert earned[1:] == [1.0, 1.0]
    assert not {*map(normal, imported)} & HEAVY


def test_the_list_for_pip_is_the_extra_and_agrees_with_the_rest() -> None:
    assert _requirements() == EXTRAS["rewards"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    ranges = {*project["dependencies"], *EXTRAS["kernels"], *EXTRAS["train"]}
    assert {*EXTRAS["rewards"]} <= ranges


def test_rollouts_by_vllm_and_zero_are_locked_with_the_versions_they_run_with() -> None:
    locked = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    versions: dict[str, set[str]] = {}
    for package in locked:
        if "version" in package:
            versions.setdefault(package["name"], set()).add(package["version"])
    (vllm,) = versions["vllm"]
    assert vllm.startswith("0.31.")  # the newest that TRL 1.16 takes
    assert any(version.startswith("1.7.") for version in versions["llguidance"])
    assert versions["torch"] == {"2.13.0"}
    assert versions["transformers"] == {"5.17.0"}
    assert "deepspeed" in versions


def _requirements() -> list[str]:
    text = (ROOT / "training" / "requirements" / "rewards.txt").read_text()
    return [line for line in text.splitlines() if not line.startswith("#")]
