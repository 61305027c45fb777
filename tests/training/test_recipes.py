"""The recipes that come with the project, and what TRL makes of them."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from geoagent_training.errors import ConfigError
from geoagent_training.recipe import GrpoRecipe, Recipe, SftRecipe, VllmChoice
from geoagent_training.recipe_file import load_recipe
from geoagent_training.trainers.arguments import trainer_arguments

from tests.support.paths import ROOT

RECIPES = ROOT / "training" / "recipes"
SFT = {"model": "m", "data": {"path": "rows.jsonl"}}


def _kind(path: Path) -> type[Recipe]:
    return SftRecipe if path.name.startswith("sft") else GrpoRecipe


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_recipe_is_understood_and_trl_knows_its_arguments(path: Path, tmp_path: Path) -> None:
    from trl import GRPOConfig, SFTConfig

    recipe = load_recipe(path, _kind(path))
    kind = SFTConfig if isinstance(recipe, SftRecipe) else GRPOConfig
    given = {**recipe.trainer, "output_dir": str(tmp_path), "report_to": "none"}
    arguments = trainer_arguments(kind, given, {"use_cpu": True, "bf16": False})
    assert isinstance(arguments, kind)
    assert arguments.learning_rate == float(recipe.trainer["learning_rate"])


def test_the_paper_is_in_the_default_recipes() -> None:
    grpo = load_recipe(RECIPES / "grpo_geoagent.yaml", GrpoRecipe)
    weights = {choice.function: choice.weight for choice in grpo.rewards}
    assert weights == {
        "geo_similarity": 1.0,
        "consistency": 0.5,
        "well_formed": 1.0,
        "answer_format": 1.0,
    }
    assert weights == {choice.function: choice.weight for choice in GrpoRecipe(**SFT).rewards}
    assert grpo.lora is not None
    assert (grpo.lora.r, grpo.lora.alpha, grpo.max_pixels) == (64, 128, 200_000)
    wanted = {"learning_rate": 1e-5, "temperature": 0.7, "beta": 0.001, "num_generations": 8}
    assert wanted.items() <= grpo.trainer.items()
    sft = load_recipe(RECIPES / "sft_geoagent.yaml", SftRecipe)
    assert (sft.target, sft.max_pixels, sft.train_vision) == ("think_answer", 285_043, False)
    sampled = {"loss_type": "grpo", "top_p": 0.9, "top_k": 50, "lr_scheduler_type": "cosine"}
    assert sampled.items() <= grpo.trainer.items()
    assert grpo.trainer["vllm_importance_sampling_mode"] == "token_truncate"
    for recipe in (sft, grpo):
        assert {"weight_decay": 0.1, "adam_beta2": 0.95}.items() <= recipe.trainer.items()
        assert recipe.lora is not None
        assert recipe.lora.dropout == 0.05
    assert not sft.train_vision


WAYS_OF_SENDING = {
    "output_dir", "per_device_train_batch_size", "gradient_accumulation_steps",
    "steps_per_generation", "ddp_find_unused_parameters", "save_steps",
    "vllm_gpu_memory_utilization",
}  # fmt: skip


@pytest.mark.parametrize(("name", "answers"), [("sft_geoagent", 128), ("grpo_geoagent", 64)])
def test_plain_data_parallelism_learns_what_zero3_learns(name: str, answers: int) -> None:
    """The recipes of a stage differ in how weights and answers travel, in nothing else."""
    sharded, plain = (
        load_recipe(path, _kind(path))
        for path in (RECIPES / f"{name}.yaml", RECIPES / f"{name}_ddp.yaml")
    )
    assert sharded.model_dump(exclude={"trainer"}) == plain.model_dump(exclude={"trainer"})
    for key in {*sharded.trainer, *plain.trainer} - WAYS_OF_SENDING:
        assert sharded.trainer[key] == plain.trainer[key]
    for recipe in (sharded, plain):
        given = recipe.trainer
        rows, parts = given["per_device_train_batch_size"], given["gradient_accumulation_steps"]
        assert rows * parts * 8 == answers
    assert 4 <= plain.trainer["per_device_train_batch_size"] <= 8
    if isinstance(plain, GrpoRecipe):
        sampled = (
            plain.trainer["per_device_train_batch_size"] * plain.trainer["steps_per_generation"]
        )
        assert 32 <= sampled <= 64
        assert plain.trainer["save_steps"] % plain.trainer["steps_per_generation"] == 0
        GrpoRecipe(**{**SFT, "trainer": plain.trainer, "share_prefix": True})


def test_accelerate_reads_its_configurations() -> None:
    from accelerate.commands.config.config_args import load_config_from_file

    kinds = {
        path.stem: str(load_config_from_file(str(path)).distributed_type).rpartition(".")[2]
        for path in (RECIPES / "accelerate").glob("*.yaml")
    }
    assert kinds == {
        "ddp": "MULTI_GPU", "fsdp": "FSDP", "zero3": "DEEPSPEED", "zero3_nodes": "DEEPSPEED",
    }  # fmt: skip


@pytest.mark.parametrize(("name", "answers"), [("server", 64), ("nodes", 960)])
def test_vllm_on_gpus_of_its_own_changes_nothing_else(name: str, answers: int) -> None:
    from accelerate.commands.config.config_args import load_config_from_file

    path = RECIPES / f"grpo_geoagent_{name}.yaml"
    there, here = (load_recipe(one, GrpoRecipe) for one in (path, RECIPES / "grpo_geoagent.yaml"))
    assert (there.vllm, here.vllm) == (VllmChoice(mode="server"), VllmChoice(mode="colocate"))
    left_out = {"trainer", "vllm", "reward_settings"}  # the judge's address
    assert there.model_dump(exclude=left_out) == here.model_dump(exclude=left_out)
    for key in {*there.trainer, *here.trainer} - WAYS_OF_SENDING - {"vllm_server_base_url"}:
        assert there.trainer[key] == here.trainer[key]
    text = path.read_text()
    [config] = re.findall(r"--config_file (\S+)", text)
    launched = re.search(r"--num_processes (\d+)", text)
    processes = launched[1] if launched else load_config_from_file(str(ROOT / config)).num_processes
    given = there.trainer
    rows, parts = given["per_device_train_batch_size"], given["gradient_accumulation_steps"]
    assert rows * parts * int(processes) == answers
    assert answers % given["num_generations"] == 0


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"modle": "m"}, "unknown key modle; did you mean model?"),
        ({"lora": {"rank": 3}}, r"unknown key lora\.rank"),
        ({"data": {"path": "x", "format": "coco"}}, r"data\.format"),
        ({"max_pixels": -1}, "max_pixels"),
        ({"trainer": {"num_generations": 1}}, "write a whole number from 2 on"),
        ({"rewards": []}, "rewards"),
        ({"agent": True}, "unknown key agent"),
        ({"rollouts": "graf"}, "write single, environment or graph"),
        ({"index": "folder"}, "index: it is of no use with rollouts: single"),
        ({"graph": {"steps": 9}}, "graph: it is of no use with rollouts: single"),
        ({"rollouts": "graph", "graph": {"steps": 2}}, r"graph\.steps"),
        ({"rollouts": "graph", "graph": {"turns": 2}}, r"unknown key graph\.turns"),
        ({"reward_settings": {"tau_km": float("nan")}}, r"reward_settings\.tau_km"),
        ({"reward_settings": {"judge": "x"}}, r"unknown key reward_settings\.judge"),
    ],
)
def test_a_recipe_with_a_fault_is_one_clear_sentence(
    tmp_path: Path, change: dict[str, Any], part: str
) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(yaml.safe_dump({**SFT, **change}))
    with pytest.raises(ConfigError, match=rf"r\.yaml: .*{part}") as caught:
        load_recipe(path, GrpoRecipe)
    assert "\n" not in str(caught.value)


def test_tools_are_refused_where_chains_alone_are_learned(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(yaml.safe_dump({**SFT, "index": "folder"}))
    with pytest.raises(ConfigError, match="index: it is of no use with target: think_answer"):
        load_recipe(path, SftRecipe)
    path.write_text(yaml.safe_dump({**SFT, "index": "folder", "target": "graph"}))
    assert load_recipe(path, SftRecipe).index == Path("folder")


@pytest.mark.parametrize(
    "text", ["- a list", "a: [", "\x00", "", "!!python/object/apply:os.system ['x']"]
)
def test_a_file_that_is_no_recipe_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.yaml").write_text(text)
    with pytest.raises(ConfigError, match=r"r\.yaml"):
        load_recipe(tmp_path / "r.yaml", SftRecipe)
    with pytest.raises(ConfigError, match="no such recipe"):
        load_recipe(tmp_path / "gone.yaml", SftRecipe)


def test_arguments_trl_does_not_know_are_named() -> None:
    from trl import GRPOConfig

    with pytest.raises(ConfigError, match=r"trainer\.learning_rat: .*did you mean learning_rate"):
        trainer_arguments(GRPOConfig, {"learning_rat": 1}, {})
    with pytest.raises(ConfigError, match=r"trainer: .*generation"):
        trainer_arguments(
            GRPOConfig,
            {"num_generations": 8, "per_device_train_batch_size": 3},
            {"use_cpu": True, "bf16": False},
        )


@pytest.mark.parametrize("tracker", ["wandb", "trackio"])
def test_a_tracker_that_is_not_installed_is_refused_before_anything_is_loaded(
    tmp_path: Path, tracker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    from geoagent_training.grpo import run_grpo
    from geoagent_training.sft import run_sft

    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *more: None if name == tracker else real(name, *more),
    )
    trainer = {"output_dir": str(tmp_path / "run"), "report_to": tracker, "use_cpu": True}
    recipe = {**SFT, "device": "cpu", "trainer": trainer}
    told = f"report_to: {tracker} is not installed: pip install {tracker}"
    with pytest.raises(ConfigError, match=told):
        run_sft(SftRecipe(**recipe))
    with pytest.raises(ConfigError, match=told):
        run_grpo(GrpoRecipe(**recipe))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"top_p": 0.9}, True),
        ({"top_k": 50}, True),
        ({"top_p": 0.9, "vllm_importance_sampling_mode": "token_truncate"}, False),
        ({"top_p": 0.9, "vllm_importance_sampling_correction": False}, False),
        ({}, False),
    ],
)
def test_a_part_of_the_distribution_is_not_corrected_by_the_sequence(
    tmp_path: Path, given: dict[str, Any], refused: bool
) -> None:
    from geoagent_training.grpo import run_grpo

    trainer = {"output_dir": str(tmp_path), **given}
    model = str(tmp_path / "gone")
    recipe = GrpoRecipe(model=model, device="cpu", data={"path": "x"}, vllm={}, trainer=trainer)
    part = "set it to token_truncate" if refused else "no processor can be loaded"
    with pytest.raises(ConfigError, match=part):
        run_grpo(recipe)
