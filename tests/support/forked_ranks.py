"""Two processes on one machine that train together; forked, for imports cost more than steps.

python -m tests.support.forked_ranks KIT OUT [WAY ...]: runs every way that is installed, and whole
runs with replaced groups and evaluations, and prints JSON. A process of its own: a fork must come
before the first backward pass. Not a test.
"""

import importlib.util
import json
import os
import shutil
import socket
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch

RANKS = 2
STEPS = 2
_FSDP = {
    "ACCELERATE_USE_FSDP": "true",
    "ACCELERATE_USE_CPU": "true",
    "FSDP_VERSION": "2",
    "FSDP_AUTO_WRAP_POLICY": "TRANSFORMER_BASED_WRAP",
    "FSDP_TRANSFORMER_CLS_TO_WRAP": "Qwen2_5_VLDecoderLayer",
    "FSDP_RESHARD_AFTER_FORWARD": "true",
    "FSDP_STATE_DICT_TYPE": "FULL_STATE_DICT",
}
_ZERO = {
    "ACCELERATE_USE_DEEPSPEED": "true",
    "ACCELERATE_DEEPSPEED_ZERO_STAGE": "3",
    "ACCELERATE_DEEPSPEED_ZERO3_INIT": "false",
    "ACCELERATE_DEEPSPEED_ZERO3_SAVE_16BIT_MODEL": "true",
    "DS_ACCELERATOR": "cpu",
}
WAYS: dict[str, dict[str, str]] = {
    "ddp": {"ACCELERATE_USE_CPU": "true"},
    "fsdp": _FSDP,
    "zero3": _ZERO,
}


def run_ranks(count: int, environment: dict[str, str], work: Callable[[], object]) -> list[int]:
    """Fork, run the work in every process, and return the exit statuses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    children = []
    for rank in range(count):
        child = os.fork()
        if child == 0:
            os.environ.update(environment)
            if count > 1:
                os.environ.update(
                    RANK=str(rank),
                    LOCAL_RANK=str(rank),
                    WORLD_SIZE=str(count),
                    LOCAL_WORLD_SIZE=str(count),
                    MASTER_ADDR="127.0.0.1",
                    MASTER_PORT=str(port),
                )
            _run_and_exit(work)
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def _run_and_exit(work: Callable[[], object]) -> None:
    code = 1
    try:
        work()
        code = 0
    except BaseException:  # noqa: BLE001  (a forked process must never return)
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def split_on_cpu() -> None:
    """Make accelerate use FSDP on CPUs too, where it would copy the model instead."""
    from accelerate import state

    real = state.AcceleratorState.__init__

    def start(self: Any, *given: Any, **named: Any) -> None:
        real(self, *given, **named)
        plugin = named.get("fsdp_plugin")
        if plugin is not None and self.distributed_type == state.DistributedType.MULTI_CPU:
            self.distributed_type = state.DistributedType.FSDP
            self.fsdp_plugin = plugin
            state.PartialState._shared_state["distributed_type"] = self.distributed_type

    state.AcceleratorState.__init__ = start


def sample_by_place(probabilities: torch.Tensor, *_given: Any, **_named: Any) -> torch.Tensor:
    """Return the likeliest token for the first of four rows, the next for the second, and so on.

    In place of `torch.multinomial`: no random number that depends on the process.
    """
    places = torch.arange(len(probabilities)) % 4
    return probabilities.topk(4, dim=-1).indices.gather(1, places[:, None])


def train(kit: Path, out: Path, ranks: int, *, fault: bool = False) -> None:
    """Two steps of GRPO whose completions and rewards do not depend on how many processes run.

    The runs that are to fail share their prompts: their first step is that of the others.
    """
    from geoagent_training.errors import TrainingStopped
    from geoagent_training.grpo import run_grpo

    from tests.support.tiny_runs import grpo_recipe

    rewards = [f"tests.support.tiny_rewards.{'fault_of_one' if fault else 'place_in_group'}"]
    recipe = grpo_recipe(
        kit,
        out,
        rewards,
        max_steps=STEPS,
        per_device_train_batch_size=8 // ranks,
        max_completion_length=8,
        lr_scheduler_type="constant",
        logging_steps=1,
    )
    recipe = recipe.model_copy(update={"share_prefix": fault})
    setattr(torch, "multinomial", sample_by_place)  # noqa: B010  (mypy knows it as a function)
    try:
        run_grpo(recipe)
    except TrainingStopped as error:
        rank = os.environ.get("RANK", "0")
        (out / f"stopped-{rank}.txt").write_text(str(error))


def train_with_replaced_groups(kit: Path, out: Path, ranks: int) -> None:
    """Two steps of GRPO on four groups, some of them flat, with an evaluation after each."""
    from geoagent_training.grpo import run_grpo
    from geoagent_training.recipe import DataChoice

    from tests.support.tiny_runs import grpo_recipe

    recipe = grpo_recipe(
        kit,
        out,
        ["tests.support.tiny_rewards.flat_for_most_rows"],
        max_steps=STEPS,
        per_device_train_batch_size=16 // ranks,
        per_device_eval_batch_size=4 // ranks,
        eval_steps=1,
        max_completion_length=8,
        lr_scheduler_type="constant",
        logging_steps=1,
    )
    changes = {
        "flat_groups": "resample",
        "resample_tries": 2,
        "eval_data": DataChoice(path=kit / "chains" / "rows.jsonl", limit=4),
        "best_metric": "reward",
    }
    setattr(torch, "multinomial", sample_by_place)  # noqa: B010  (mypy knows it as a function)
    run_grpo(recipe.model_copy(update=changes))


def train_with_evaluations(kit: Path, out: Path, ranks: int) -> None:
    """Two steps of SFT with an evaluation after each; the better weights are the result."""
    from geoagent_training.recipe import DataChoice
    from geoagent_training.sft import run_sft

    from tests.support.tiny_runs import sft_recipe

    recipe = sft_recipe(
        kit,
        out,
        max_steps=STEPS,
        per_device_train_batch_size=2 // ranks,
        per_device_eval_batch_size=1,
        eval_steps=1,
        lr_scheduler_type="constant",
        warmup_steps=0,
    )
    held_out = DataChoice(path=kit / "chains" / "rows.jsonl", limit=4)
    run_sft(recipe.model_copy(update={"eval_data": held_out, "best_metric": "loss"}))


def train_in_two_parts(kit: Path, out: Path, ranks: int, *, stage: str) -> None:
    """Four steps of SFT or GRPO, from the checkpoint after two of them where there is one."""
    from geoagent_training.grpo import run_grpo
    from geoagent_training.sft import run_sft

    from tests.support.tiny_runs import grpo_recipe, sft_recipe

    rows = 2 if stage == "sft" else 8
    chosen: dict[str, Any] = {
        "max_steps": 2 * STEPS,
        "save_steps": STEPS,
        "per_device_train_batch_size": rows // ranks,
        "lr_scheduler_type": "constant",
        "logging_steps": 1,
    }
    if stage == "sft":
        run_sft(sft_recipe(kit, out, warmup_steps=0, **chosen), resume=True)
        return
    setattr(torch, "multinomial", sample_by_place)  # noqa: B010  (mypy knows it as a function)
    rewards = ["tests.support.tiny_rewards.place_in_group"]
    run_grpo(grpo_recipe(kit, out, rewards, max_completion_length=8, **chosen), resume=True)


def run_in_parts(kit: Path, out: Path, stage: str, first: int, then: int) -> list[int]:
    """Return the exit statuses of a whole run and of one that goes on from its checkpoint."""
    whole, rest = out / f"{stage}-whole", out / f"{stage}-rest"
    codes = []
    for ranks, folder in ((first, whole), (then, rest)):
        work = partial(train_in_two_parts, kit, folder, ranks, stage=stage)
        codes += run_ranks(ranks, WAYS["ddp"] if ranks > 1 else {}, work)
        if folder == whole:
            shutil.copytree(whole / f"checkpoint-{STEPS}", rest / f"checkpoint-{STEPS}")
    return codes


def main() -> None:
    """Run every way and print what came of it."""
    kit, out = Path(sys.argv[1]), Path(sys.argv[2])
    from geoagent_training import grpo  # noqa: F401  (imported before the forks)

    torch.set_num_threads(1)
    split_on_cpu()
    chosen = sys.argv[3:] or [*WAYS]
    ways = [way for way in chosen if way != "zero3" or importlib.util.find_spec("deepspeed")]
    found = {"one": run_ranks(1, {}, partial(train, kit, out / "one", 1))}
    for way in ways:
        found[way] = run_ranks(RANKS, WAYS[way], partial(train, kit, out / way, RANKS))
        found[f"{way} fault"] = run_ranks(
            RANKS, WAYS[way], partial(train, kit, out / f"{way}-fault", RANKS, fault=True)
        )
    for name, work in (
        ("resample", train_with_replaced_groups),
        ("sft", train_with_evaluations),
    ):
        if "ddp" in ways:
            found[f"{name} one"] = run_ranks(1, {}, partial(work, kit, out / f"{name}-1", 1))
            two = partial(work, kit, out / f"{name}-2", RANKS)
            found[f"{name} two"] = run_ranks(RANKS, WAYS["ddp"], two)
    if "ddp" in ways:
        found["sft parts"] = run_in_parts(kit, out, "sft", RANKS, 1)
        found["grpo parts"] = run_in_parts(kit, out, "grpo", 1, RANKS)
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()
