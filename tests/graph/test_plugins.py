"""Plug-ins on the command line: listed by `doctor`, one line where they are broken."""

import inspect
import json
from pathlib import Path

import pytest

from tests.support import outside_policy
from tests.support.cases import photo_bytes
from tests.support.plugin_folder import install_plugin, run_command

BROKEN = "\n\ndef open_broken(toolbox, options):\n    raise ValueError('no\\n light')\n"
HALF = "\n\ndef open_half(toolbox, options):\n    return object()\n"


@pytest.fixture(scope="module")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("plugins")
    names = {name: f"bright:open_{name}" for name in ("bright", "broken", "half")}
    entries = {"geoagent_graph.policies": {**names, "gone": "no_such_module:thing"}}
    code = inspect.getsource(outside_policy) + BROKEN + HALF
    install_plugin(folder, "bright", entries, code)
    (folder / "photo.png").write_bytes(photo_bytes())
    return folder


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("broken", "broken: the plug-in cannot be opened (ValueError: no light)"),
        ("half", "the policy half object has no name, model, identity, draft"),
        ("gone", "gone: the plug-in no_such_module:thing of bright cannot be loaded"),
        ("none", "--policy none: no such policy; there is: evidence, served, transformers, bright"),
    ],
)
def test_a_broken_policy_is_one_line(warm_python: str, plugins: Path, name: str, said: str) -> None:
    failed = run_command(warm_python, plugins, "photo.png", "-q", "--policy", name)
    assert (failed.returncode, failed.stdout) == (2, ""), failed.stderr
    assert said in failed.stderr
    assert len(failed.stderr.splitlines()) == 1


def test_the_doctor_lists_plug_ins_and_says_which_are_broken(
    warm_python: str, plugins: Path
) -> None:
    text = run_command(warm_python, plugins, "doctor").stdout
    assert "Plug-ins" in text
    found = json.loads(run_command(warm_python, plugins, "doctor", "--json").stdout)["plugins"]
    states = {finding["name"]: finding["state"] for finding in found}
    wanted = {"policy bright": "ok", "policy gone": "missing"}
    assert {name: states[name] for name in wanted} == wanted
    assert run_command(warm_python, plugins, "doctor", "--policy", "bright").returncode == 0
    assert run_command(warm_python, plugins, "doctor", "--policy", "gone").returncode == 1
