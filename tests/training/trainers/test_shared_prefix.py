"""Answers that share their prompt: the same log-probabilities and gradients as each alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from geoagent_training.errors import ConfigError
from geoagent_training.grpo import run_grpo
from geoagent_training.miniature.data import vocabulary
from geoagent_training.models.families import check_family, family_of
from geoagent_training.models.loading import load_processor
from geoagent_training.recipe import GrpoRecipe
from geoagent_training.trainers.packed_groups import pack_batch, pack_group, unpack_scores
from PIL import Image
from pydantic import ValidationError

from benchmarks.training_counts import Shape
from tests.support.prefix_scorer import Scorer, adapted_model
from tests.support.tiny_families import BUILDERS
from tests.support.tiny_runs import LENGTH, adapter_weights, grpo_recipe

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("default"),  # torch, transformers and TRL warn of their own doings
]
WIDTH = 9
LENGTHS = (9, 4, 1, 7, 0, 9, 5)
GROUPS = ((0, 2, 5), (1, 4, 6), (3,))


def _answers(folder: Path, *, photos: bool = True) -> dict[str, Any]:
    """Return seven answers in three groups, mixed: two photos, two lengths of prompt, padding."""
    processor = load_processor(str(folder), 40_000)
    wide, tall = Image.new("RGB", (170, 60), "teal"), Image.new("RGB", (60, 120), "red")
    asked = [("Where?", wide), ("Where was this?", tall), ("Where?", tall)]
    numbers = {row: number for number, members in enumerate(GROUPS) for row in members}
    rows = [asked[numbers[row]] for row in range(len(LENGTHS))]
    mark = processor.image_token
    texts = [f"{mark * photos}<|im_start|>{words}<|im_end|>" for words, _ in rows]
    given: dict[str, Any] = {"images": [[photo] for _, photo in rows]} if photos else {}
    made = processor(text=texts, padding=True, padding_side="left", return_tensors="pt", **given)
    torch.manual_seed(0)
    ids = torch.randint(20, 200, (len(rows), WIDTH))
    mask = torch.arange(WIDTH) < torch.tensor(LENGTHS)[:, None]
    kinds = {"mm_token_type_ids": made["mm_token_type_ids"]} if photos else {}
    more: dict[str, Any] = {
        name: torch.cat([kind, torch.zeros_like(ids)], 1) for name, kind in kinds.items()
    }
    if photos:
        more |= {name: made[name] for name in ("pixel_values", "image_grid_thw")}
        more["num_images"] = [1] * len(rows)
    return more | {
        "input_ids": torch.cat([made["input_ids"], ids.masked_fill(~mask, 0)], 1),
        "attention_mask": torch.cat([made["attention_mask"], mask.long()], 1),
        "logits_to_keep": WIDTH,
    }


def _scores_and_slopes(model: Any, answers: dict[str, Any], **how: Any) -> tuple[Any, ...]:
    """Return log-probabilities, entropies, and gradients of a loss in which every token weighs."""
    scores, entropies = Scorer(shares=how.pop("shares")).score(model, answers, **how)
    torch.manual_seed(2)
    (scores * torch.randn(scores.shape)).sum().backward()
    slopes = {n: w.grad.clone() for n, w in model.named_parameters() if w.grad is not None}
    model.zero_grad()
    return scores, entropies, slopes


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    root = tmp_path_factory.mktemp("families")

    def build(kind: str) -> Path:
        folder = root / kind
        return folder if folder.exists() else BUILDERS[kind](folder, vocabulary())

    return build


@pytest.mark.parametrize(
    ("kind", "attention", "photos", "batch_size"),
    [
        ("qwen2_5_vl", "sdpa", True, None),
        ("qwen2_5_vl", "eager", True, None),
        ("qwen2_5_vl", "sdpa", True, 3),
        ("qwen2_5_vl", "sdpa", False, None),
        ("qwen2_vl", "sdpa", True, None),
        ("qwen3_vl", "sdpa", True, None),
    ],
)
def test_log_probabilities_and_gradients_are_those_of_answers_alone(
    kind: str, attention: str, photos: bool, batch_size: int | None,
    models: Callable[[str], Path],
) -> None:  # fmt: skip
    folder = models(kind)
    plain, model = (
        adapted_model(str(folder), branches=branches, attention=attention)
        for branches in (False, True)
    )
    answers = _answers(folder, photos=photos)
    alone = _scores_and_slopes(plain, answers, shares=False, batch_size=batch_size)
    with _counted_tokens(model) as tokens:
        shared = _scores_and_slopes(model, answers, shares=True, batch_size=batch_size)
    assert alone[0].abs().sum() > 10  # there is something to compare
    for one, other in zip(alone[:2], shared[:2], strict=True):
        torch.testing.assert_close(other, one, atol=2e-5, rtol=1e-5)
        assert not other[~answers["attention_mask"][:, -WIDTH:].bool()].any()
    assert alone[2].keys() == shared[2].keys()
    largest = max(slope.abs().max() for slope in alone[2].values())
    for name, slope in alone[2].items():
        torch.testing.assert_close(shared[2][name], slope, atol=float(2e-5 * largest), rtol=1e-3)
    assert sum(tokens) < answers["input_ids"].numel()


@contextmanager
def _counted_tokens(model: Any) -> Iterator[list[int]]:
    """Fill a list with the tokens of every pass through the model."""
    seen: list[int] = []

    def count(_: Any, given: Any, named: dict[str, Any]) -> None:
        seen.append(named["input_ids"].numel())

    handle = model.register_forward_pre_hook(count, with_kwargs=True)
    yield seen
    handle.remove()


def test_a_prompt_is_packed_once_and_scores_come_back_to_their_answers() -> None:
    places = torch.arange(3).expand(3, -1)
    first = pack_group(torch.tensor([5, 6, 7]), [torch.tensor([8, 9]), torch.tensor([4])], places)
    assert first.ids.tolist() == [5, 6, 7, 8, 7]
    assert first.labels.tolist() == [-100, -100, 8, 9, 4]
    assert first.positions[0].tolist() == [0, 1, 2, 3, 2]
    groups = [first, pack_group(torch.tensor([5]), [torch.tensor([6])], places[:, :1])]
    batch = pack_batch(groups, 0)
    assert batch.branches == ((2, 2, 1), (0, 1))
    assert batch.ids.tolist() == [[5, 6, 7, 8, 7], [5, 0, 0, 0, 0]]
    scores = unpack_scores(batch.labels.float(), groups, 3)
    assert scores.tolist() == [[8, 9, 0], [4, 0, 0], [6, 0, 0]]


def test_answers_that_are_all_masked_out_still_train(models: Callable[[str], Path]) -> None:
    """`mask_truncated_completions` leaves no token of answers that were cut off."""
    folder = models("qwen2_5_vl")
    model, answers = adapted_model(str(folder), branches=True), _answers(folder)
    answers["attention_mask"][:, -WIDTH:] = 0
    scores, _, slopes = _scores_and_slopes(model, answers, shares=True)
    assert not scores.any()
    assert slopes
    assert not any(slope.any() for slope in slopes.values())


def test_a_step_of_grpo_is_the_same_step(kit: Path, tmp_path: Path) -> None:
    """Two groups of four in micro-batches of four; SGD, since Adam's first step is a sign."""
    steps = {"max_steps": 1, "gradient_accumulation_steps": 2, "optim": "sgd", "warmup_steps": 0}
    weights = []
    for shares in (False, True):
        recipe = grpo_recipe(kit, tmp_path / str(shares), [LENGTH], **steps, learning_rate=10.0)
        final = run_grpo(recipe.model_copy(update={"share_prefix": shares}))
        weights.append(adapter_weights(final))
    one, other = weights
    assert any(w.abs().max() > 1e-4 for n, w in one.items() if "lora_B" in n)
    for name in one:
        torch.testing.assert_close(other[name], one[name], atol=1e-5, rtol=1e-3)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"rollouts": "environment"}, "rollouts: environment puts pictures behind the prompt"),
        ({"attention": "flash_attention_2"}, "take attention: sdpa"),
        ({"attention": "eager"}, "eager knows no branches"),
        ({"trainer": {"num_generations": 8}}, "train_batch_size is 1, with groups of 8 answers"),
        ({"trainer": {"num_generations": 8, "per_device_train_batch_size": 6}}, "make it 8"),
    ],
)
def test_what_cannot_share_a_prompt_is_refused(change: dict[str, Any], part: str) -> None:
    given = {"model": "m", "data": {"path": "rows.jsonl"}, "share_prefix": True}
    with pytest.raises(ValidationError, match=part):
        GrpoRecipe(**given, **change)


def test_gemma_is_refused(kit: Path, tmp_path: Path, models: Callable[[str], Path]) -> None:
    recipe = grpo_recipe(kit, tmp_path, [LENGTH]).model_copy(update={"share_prefix": True})
    with pytest.raises(ConfigError, match="share_prefix: it needs the tokens of a Qwen-VL"):
        check_family(recipe, family_of(str(models("gemma3"))))


@pytest.mark.parametrize("shares", [False, True])
def test_what_is_counted_is_what_is_computed(shares: bool, models: Callable[[str], Path]) -> None:
    """Matrix products of a pass as PyTorch counts them, which takes every pair for seen."""
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.utils.flop_counter import FlopCounterMode

    model = adapted_model(str(models("qwen2_5_vl")), branches=shares, attention="eager")
    answers, shape = _answers(models("qwen2_5_vl")), Shape.of(model.get_base_model().config)
    products = sdpa_kernel(SDPBackend.MATH)  # of fused kernels PyTorch counts some
    with torch.no_grad(), products, FlopCounterMode(display=False) as counter:
        Scorer(shares=shares).score(model, answers)
    mask = answers["attention_mask"].bool()
    rows, width = list(range(len(mask))), mask.shape[1]
    scored = len(rows) * (width - 1)  # on a CPU every place is scored
    pairs = len(rows) * width**2
    if shares:
        rows = [members[0] for members in GROUPS]
        behind = [sum(LENGTHS[row] for row in members) for members in GROUPS]
        prompts = mask[rows, :-WIDTH].sum(dim=1).tolist()
        width = max(prompt - 1 + n for prompt, n in zip(prompts, behind, strict=True))
        scored = len(rows) * width
        pairs = sum((prompt - 1) ** 2 for prompt in prompts)
        for prompt, members in zip(prompts, GROUPS, strict=True):
            longest = max(LENGTHS[row] for row in members)
            pairs += len(members) * longest * (prompt - 1 + longest)
    counted = shape.text.pass_flops(len(rows) * width, pairs, rank=4)
    counted += 2 * scored * shape.head_weights()
    photos = answers["image_grid_thw"][rows].prod(dim=1) // shape.merged
    counted += sum(shape.photo_flops(photo) for photo in photos.tolist())
    assert counter.get_total_flops() == pytest.approx(counted, rel=0.01)
