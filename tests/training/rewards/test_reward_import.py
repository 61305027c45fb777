"""A reward of one's own: a file in the working folder, named in a recipe."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from geoagent_training.errors import ConfigError, ServiceError
from geoagent_training.recipe import GrpoRecipe
from geoagent_training.recipe_file import load_recipe
from geoagent_training.rewards.reward_choice import RewardChoice
from geoagent_training.rewards.reward_list import load_reward_models, reward_functions
from pydantic import ValidationError

from tests.support.paths import ROOT

REWARDS = """
from geoagent_training.rewards import parse_completions


def right_country(completions, country, **columns):
    answers = [one.answer for one in parse_completions(completions)]
    return [float(a is not None and a.fields[0] == c) for a, c in zip(answers, country)]


class RightCountry:
    def __init__(self, value=0.0):
        self.value = value

    def __call__(self, completions, **columns):
        return [self.value] * len(completions)


class Asked:
    async def __call__(self, completions, **columns):
        return [0.5] * len(completions)


class Broken:
    def __init__(self):
        raise OSError("no server")


async def asked_later(completions, **columns):
    return [0.0] * len(completions)


async def never_ready(completions, **columns):
    return [float("nan")] * len(completions)


def scaled(completions, factor=1.0, **columns):
    return [factor] * len(completions)


def closed(completions):
    return [0.0] * len(completions)


weight = 1.0
right_region = RightCountry()
"""


def write_recipe(folder: Path, function: str) -> Path:
    rows = folder / "rows.jsonl"
    rows.write_text("")
    path = folder / "recipe.yaml"
    path.write_text(
        f"model: nowhere\ndevice: cpu\ndata: {{path: {rows}}}\n"
        f"rewards:\n  - {{function: well_formed}}\n  - {{function: {function}}}\n"
    )
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a module of its own name: modules are remembered by name."""
    (tmp_path / f"{tmp_path.name}_rewards.py").write_text(REWARDS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    return tmp_path


def found(folder: Path, name: str) -> list[Any]:
    recipe = load_recipe(write_recipe(folder, f"{folder.name}_rewards.{name}"), GrpoRecipe)
    return reward_functions(recipe.rewards)[0]


def test_a_function_of_the_working_folder_is_called_as_trl_calls_it(folder: Path) -> None:
    reward = found(folder, "right_country")[1]
    answer = "<think></think><answer>Portugal; Lisbon</answer>"
    completions = [answer, [{"role": "assistant", "content": answer}]]
    columns = {"prompts": [1, 2], "country": ["Portugal", "Spain"], "trainer_state": None}
    assert reward(completions=completions, **columns) == [1.0, 0.0]
    assert reward.__name__ == "right_country"


def test_an_object_that_can_be_called_has_the_name_of_the_recipe(folder: Path) -> None:
    reward = found(folder, "right_region")[1]
    assert (reward.__name__, reward(completions=["a"])) == ("right_region", [0.0])


def test_a_class_becomes_an_object_and_a_function_gets_its_arguments(folder: Path) -> None:
    module = f"{folder.name}_rewards"
    chosen = [
        RewardChoice(function=f"{module}.RightCountry"),
        RewardChoice(function=f"{module}.RightCountry", arguments={"value": 0.25}),
        RewardChoice(function=f"{module}.scaled", arguments={"factor": 3.0}, weight=2.0),
    ]
    rewards, weights = reward_functions(chosen)
    assert [one(completions=["a"])[0] for one in rewards] == [0.0, 0.25, 3.0]
    assert [one.__name__ for one in rewards] == ["RightCountry", "RightCountry", "scaled"]
    assert weights == [1.0, 1.0, 2.0]


@pytest.mark.parametrize(
    ("function", "name", "part"),
    [
        ("geo_similarity", "foo", "geo_similarity takes no arguments; what can be set stands in"),
        ("tool_use", "tau_km", r"takes no arguments: write reward_settings: \{tau_km: "),
        ("geoagent_training.rewards.functions.spatial", "tau", "did you mean tau_km"),
        ("scaled", "factr", "has no such parameter; it takes factor; did you mean factor"),
        ("scaled", "completions", "TRL hands completions to .*scaled itself; it takes factor"),
    ],
)
def test_an_argument_that_nothing_would_read_is_refused(
    folder: Path, function: str, name: str, part: str
) -> None:
    path = f"{folder.name}_rewards.scaled" if function == "scaled" else function
    choice = RewardChoice(function=path, arguments={name: 1})
    choice.locate("r.yaml:4: rewards")
    with pytest.raises(ConfigError, match=rf"^r\.yaml:4: rewards: arguments\.{name}: .*{part}"):
        reward_functions([choice])


@pytest.mark.parametrize("name", ["..", ".x", "a..b", "a.", " "])
def test_a_name_with_a_part_of_nothing_is_one_plain_sentence(name: str) -> None:
    with pytest.raises(ConfigError, match="names no function: write one such as geo_similarity"):
        reward_functions([RewardChoice(function=name)])


def test_what_is_asynchronous_is_awaited_and_guarded(folder: Path) -> None:
    from trl.trainer.utils import is_async_callable

    names = ("asked_later", "Asked", "never_ready")
    rewards = [found(folder, name)[1] for name in names]
    assert all(map(is_async_callable, rewards))
    assert asyncio.run(rewards[0](completions=["a", "b"])) == [0.0, 0.0]
    assert asyncio.run(rewards[1](completions=["a"])) == [0.5]
    with pytest.raises(ServiceError, match="the reward never_ready returned nan for 1 of 1"):
        asyncio.run(rewards[2](completions=["a"]))


def test_a_reward_is_a_function_or_a_model() -> None:
    for wrong in ({}, {"function": "spatial", "model": "m"}, {"model": "m", "arguments": {"a": 1}}):
        with pytest.raises(ValidationError):
            RewardChoice(**wrong)
    assert RewardChoice(model="some/reward-model").name == "reward-model"
    with pytest.raises(ConfigError, match=r"the reward model /nowhere/model cannot be loaded"):
        load_reward_models(["/nowhere/model"])


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("right_countri", "has no 'right_countri'; did you mean right_country?"),
        ("Broken", "is a class whose object cannot be made: OSError: no server"),
        ("weight", "is no function: float"),
        ("closed", r"must take `completions` and `\*\*columns`"),
    ],
)
def test_what_is_no_reward_function_is_one_line_with_its_place(
    folder: Path, name: str, part: str
) -> None:
    with pytest.raises(ConfigError, match=part) as caught:
        found(folder, name)
    assert str(caught.value).startswith(f"{folder / 'recipe.yaml'}:6: rewards: ")
    assert f"{folder.name}_rewards.{name}" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("import not_installed_anywhere\n", "No module named 'not_installed_anywhere' (FILE:1)"),
        ("x = 1\nx.y\n", "AttributeError: 'int' object has no attribute 'y' (FILE:2)"),
        ("def broken(:\n", "SyntaxError: invalid syntax (NAME, line 1)"),
        ("raise SystemError('a\\nb')\n", "SystemError: a b (FILE:1)"),
    ],
)
def test_an_error_inside_the_module_names_its_line(folder: Path, text: str, part: str) -> None:
    path = folder / f"{folder.name}_broken.py"
    path.write_text(text)
    recipe = load_recipe(write_recipe(folder, f"{folder.name}_broken.any"), GrpoRecipe)
    with pytest.raises(ConfigError) as caught:
        reward_functions(recipe.rewards)
    said = str(caught.value)
    assert said.startswith(f"{folder / 'recipe.yaml'}:6: rewards: there is no reward function")
    assert part.replace("FILE", str(path)).replace("NAME", path.name) in said
    assert "\n" not in said


def test_a_recipe_made_in_python_has_no_line(folder: Path) -> None:
    recipe = GrpoRecipe(
        **yaml.safe_load("{model: m, data: {path: x}, rewards: [{function: nowhere.reward}]}")
    )
    told = rf"^rewards: .*'nowhere\.reward': no module 'nowhere' in {folder} or installed$"
    with pytest.raises(ConfigError, match=told):
        reward_functions(recipe.rewards)


def run_command(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the console script as it is installed: its own folder is on the path, not this one."""
    script = folder.parent / "bin" / "geoagent-train"
    script.parent.mkdir(exist_ok=True)
    script.write_text("from geoagent_training.cli import main\nmain()\n")
    paths = os.pathsep.join(str(ROOT / part) for part in ("", "kernels", "training"))
    return subprocess.run(
        [sys.executable, "-P", str(script), *words],
        env=os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("command", [("check",), ("grpo", "--config")])
def test_the_command_finds_the_file_and_says_what_is_wrong(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "my_rewards.py").write_text(REWARDS)
    write_recipe(folder, "my_rewards.right_countri")
    done = run_command(folder, *command, "recipe.yaml")
    last = done.stderr.splitlines()[-1]
    assert (done.returncode, done.stdout) == (2, "")
    assert last == (
        "geoagent-train: recipe.yaml:6: rewards: there is no reward function "
        "'my_rewards.right_countri': my_rewards has no 'right_countri'; did you mean right_country?"
    )


def test_check_goes_on_with_the_rows_once_the_rewards_are_there(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "my_rewards.py").write_text(REWARDS)
    write_recipe(folder, "my_rewards.right_country")
    (folder / "rows.jsonl").write_text('{"image": "a.png", "lat_deg": 1, "lon_deg": 2}\n')
    done = run_command(folder, "check", "recipe.yaml")
    assert done.returncode == 1, done.stderr
    assert done.stdout == f"{folder}/rows.jsonl:1: the image {folder}/a.png is missing\n"
    assert done.stderr.splitlines()[-1] == "0 rows are good, 1 are not"
