"""Every family that can be trained, on tiny random models: SFT, export, GRPO, refusals."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from geoagent_training.cli import check
from geoagent_training.data.chat_rows import ConversationCollator
from geoagent_training.errors import ConfigError
from geoagent_training.grpo import run_grpo
from geoagent_training.miniature.data import vocabulary
from geoagent_training.models.export import export_model
from geoagent_training.models.families import FAMILIES, check_family, family_of
from geoagent_training.models.loading import load_model, load_processor
from geoagent_training.models.photo_tokens import photo_words
from geoagent_training.recipe import GrpoRecipe, SftRecipe
from geoagent_training.recipe_check import check_recipe
from geoagent_training.sft import run_sft
from geoagent_training.trainers.place_trainer import PlaceTrainer
from PIL import Image

from tests.support.tiny_families import BUILDERS, GEMMA_TOKENS
from tests.support.tiny_runs import LENGTH, adapter_weights, grpo_recipe, sft_recipe

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("default"),  # torch, transformers and TRL warn of their own doings
]

PHOTO = Image.new("RGB", (600, 400), "teal")
Models = Callable[[str], Path]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """Return the folder of a family's tiny model, made once; nobody writes to it."""
    root = tmp_path_factory.mktemp("families")

    def build(kind: str) -> Path:
        folder = root / kind
        return folder if folder.exists() else BUILDERS[kind](folder, vocabulary())

    return build


def _conversation() -> str:
    photo = {"type": "image"}
    turns = [
        {"role": "system", "content": "Say where."},
        {"role": "user", "content": [photo, {"type": "text", "text": "Where is this?"}]},
        {"role": "assistant", "content": "RUA, palm\n"},
        {"role": "user", "content": [{"type": "text", "text": "Closer:"}, photo]},
        {"role": "assistant", "content": "Portugal; São Tomé"},
    ]
    return json.dumps(turns)


@pytest.mark.parametrize(
    ("kind", "learned"),
    [
        *[
            (kind, "RUA, palm\n<|im_end|>Portugal; São Tomé<|im_end|>")
            for kind in ("qwen2_vl", "qwen2_5_vl", "qwen3_vl")
        ],
        ("gemma3", "RUA, palm<end_of_turn>Portugal; São Tomé<end_of_turn>"),
    ],
)
def test_the_replies_are_learned_and_nothing_else(kind: str, learned: str, models: Models) -> None:
    processor = load_processor(str(models(kind)), 40_000)
    short = json.dumps([{"role": "user", "content": "?"}, {"role": "assistant", "content": "RUA"}])
    rows = [
        {"conversation": _conversation(), "images": [PHOTO, PHOTO]},
        {"conversation": _conversation(), "images": [PHOTO.resize((40, 90)), PHOTO]},
    ]
    for row in ConversationCollator(processor)(rows)["labels"]:
        assert processor.tokenizer.decode(row[row >= 0]) == learned
    (row,) = ConversationCollator(processor)([{"conversation": short, "images": []}])["labels"]
    assert processor.tokenizer.decode(row[row >= 0]) == f"RUA{learned[learned.rindex('<') :]}"


@pytest.mark.parametrize("kind", ["qwen2_vl", "qwen3_vl", "gemma3"])
def test_a_family_goes_through_sft_export_and_grpo(
    kind: str, kit: Path, tmp_path: Path, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"model": str(models(kind))}
    taught = run_sft(sft_recipe(kit, tmp_path / "sft", max_steps=2).model_copy(update=given))
    trained = adapter_weights(taught)
    assert len([name for name in trained if "lora_B" in name and trained[name].any()]) == 14
    assert not [name for name in trained if "language_model" not in name]
    plain = export_model(taught, tmp_path / "plain")
    assert json.loads((plain / "config.json").read_text())["model_type"] == kind
    ends = json.loads((plain / "generation_config.json").read_text())["eos_token_id"]
    marker = "<end_of_turn>" if kind == "gemma3" else "<|im_end|>"
    assert load_processor(str(plain)).tokenizer.convert_tokens_to_ids(marker) in ends
    seen = _watch_tokens(monkeypatch)
    recipe = grpo_recipe(kit, tmp_path / "grpo", [LENGTH], max_steps=1, warmup_steps=0)
    final = run_grpo(recipe.model_copy(update={"model": str(plain), "max_pixels": 20_000}))
    assert any(w.any() for n, w in adapter_weights(final).items() if "lora_B" in n)
    picture = json.loads((plain / "config.json").read_text())
    number = picture.get("image_token_id", picture.get("image_token_index"))
    assert seen
    for ids, kinds in seen:  # a picture's tokens see each other: the marks must lie on them
        assert kinds.tolist() == (ids == number).long().tolist()
        assert kinds.any()


def _watch_tokens(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return a list that fills with what the trainer scores: ids, and the kind of each token."""
    from trl import GRPOTrainer

    seen: list[Any] = []
    score = GRPOTrainer._get_per_token_logps_and_entropies

    def watch(self: PlaceTrainer, model: Any, ids: Any, *rest: Any, **options: Any) -> Any:
        kinds = options.get("token_type_ids")
        seen.append((ids, options.get("mm_token_type_ids") if kinds is None else kinds))
        return score(self, model, ids, *rest, **options)

    monkeypatch.setattr(GRPOTrainer, "_get_per_token_logps_and_entropies", watch)
    return seen


def test_a_photo_of_fixed_size_has_no_budget_and_no_crops(models: Models) -> None:
    folder = str(models("gemma3"))
    for pixels in (None, 1, 1_000_000):
        processor = load_processor(folder, pixels)
        turn = [{"role": "user", "content": [{"type": "image", "image": PHOTO}]}]
        made = processor.apply_chat_template(
            [turn], tokenize=True, return_dict=True, return_tensors="pt"
        )
        soft = processor.tokenizer.convert_tokens_to_ids("<image_soft_token>")
        assert made["input_ids"][0].tolist().count(soft) == GEMMA_TOKENS
        assert made["pixel_values"].shape == (1, 3, 56, 56)


def test_the_budget_is_said_in_the_tokens_of_the_family(models: Models) -> None:
    assert photo_words(str(models("gemma3")), 200_000).endswith(
        "Gemma 3: every photo becomes 56 x 56 pixels and 4 tokens, without crops (pan and scan is "
        "off); max_pixels, 200000, changes nothing"
    )
    assert "200000 pixels (max_pixels) and 255 tokens" in photo_words(
        str(models("qwen2_5_vl")), 200_000
    )
    assert "195 tokens, one for 32 x 32" in photo_words(str(models("qwen3_vl")), 200_000)
    assert "it is not here" in photo_words("nobody/nothing", 200_000)


def test_the_tokens_that_are_said_are_those_of_a_large_photo(models: Models) -> None:
    large = PHOTO.resize((1600, 1600))
    turn = [{"role": "user", "content": [{"type": "image", "image": large}]}]
    for kind in ("qwen2_vl", "qwen2_5_vl", "qwen3_vl"):
        processor = load_processor(str(models(kind)), 200_704)
        ids = processor.apply_chat_template([turn], tokenize=True, return_dict=True)["input_ids"]
        words = photo_words(str(models(kind)), 200_704)
        assert f" {ids[0].count(processor.image_token_id)} tokens" in words


def test_check_says_what_a_model_makes_of_a_photo(
    kit: Path, tmp_path: Path, models: Models, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe, data = tmp_path / "recipe.yaml", kit / "places" / "rows.jsonl"
    recipe.write_text(f"model: {models('gemma3')}\ndata: {{path: {data}}}\n")
    with pytest.raises(typer.Exit):
        check(recipe)
    first = capsys.readouterr().err.splitlines()[0]
    assert first == photo_words(str(models("gemma3")), 200_000)


def test_another_family_is_refused_in_one_line_that_names_what_is_supported(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "llava"}')
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(f"model: {tmp_path}\ndata: {{path: missing.jsonl}}\n")
    for load in (
        lambda: load_processor(str(tmp_path)),
        lambda: load_model(str(tmp_path), dtype="float32"),
        lambda: check_recipe(recipe),
    ):
        with pytest.raises(ConfigError) as raised:
            load()
        assert str(raised.value) == (
            f"model {tmp_path}: models of the kind llava were never tried; choose one of Qwen2-VL, "
            "Qwen2.5-VL, Qwen3-VL, Gemma 3"
        )


def test_an_adapter_is_of_the_family_of_its_base(models: Models, tmp_path: Path) -> None:
    base = {"base_model_name_or_path": str(models("gemma3"))}
    (tmp_path / "adapter_config.json").write_text(json.dumps(base))
    assert family_of(str(tmp_path)) is FAMILIES["gemma3"]
    (tmp_path / "adapter_config.json").write_text("[]")
    assert family_of(str(tmp_path)) is None


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        (SftRecipe(model="m", data={"path": "x"}, target="graph"), "target: graph"),
        (SftRecipe(model="m", data={"path": "x"}, target="environment"), "target: environment"),
        (GrpoRecipe(model="m", data={"path": "x"}, rollouts="graph"), "rollouts: graph"),
        (GrpoRecipe(model="m", data={"path": "x"}, rollouts="environment"), "rollouts: env"),
        (GrpoRecipe(model="m", data={"path": "x"}, vllm={}), "vllm: .* leave vllm out"),
    ],
)
def test_what_only_qwen_can_do_is_refused_of_gemma(
    recipe: SftRecipe | GrpoRecipe, said: str
) -> None:
    for kind in ("qwen2_vl", "qwen2_5_vl", "qwen3_vl"):
        check_family(recipe, FAMILIES[kind])
    with pytest.raises(ConfigError, match=said):
        check_family(recipe, FAMILIES["gemma3"])
