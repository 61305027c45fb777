"""Answers with their photos in the tracker."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from geoagent_training.grpo import run_grpo
from geoagent_training.trainers.completion_pictures import (
    MAX_SIDE_PIXELS,
    MAX_TIMES_A_RUN,
    is_time_for_pictures,
    send_pictures,
)
from PIL import Image

from tests.support.tiny_runs import LENGTH, grpo_recipe

pytestmark = pytest.mark.filterwarnings("default")  # torch, transformers and TRL warn


def test_pictures_are_small_and_their_texts_bounded() -> None:
    sent: dict[str, object] = {}
    writer = SimpleNamespace(
        add_image=lambda name, pixels, step, dataformats: sent.update({name: pixels.shape}),
        add_text=lambda name, words, step: sent.update({name: words}),
    )
    trainer = SimpleNamespace(
        state=SimpleNamespace(global_step=3),
        args=SimpleNamespace(report_to=["tensorboard"]),
        callback_handler=SimpleNamespace(callbacks=[object(), SimpleNamespace(tb_writer=writer)]),
    )
    photo = Image.new("L", (1600, 800))
    sample = {
        "row_id": "t:1",
        "rewards": {"length": 2.0},
        "completion": "# no heading\n" + "x" * 9999,
    }
    send_pictures(trainer, [sample], [photo])
    assert sent["completions/0/photo"] == (MAX_SIDE_PIXELS // 2, MAX_SIDE_PIXELS, 3)
    words = str(sent["completions/0/answer"])
    assert words.startswith('t:1: {"length": 2.0}\n\n    # no heading\n    xxx')
    assert len(words) < 4100
    assert photo.size == (1600, 800)


def test_pictures_are_sent_a_bounded_number_of_times() -> None:
    for steps in (1, 99, 100, 12_345):
        states = (SimpleNamespace(global_step=step, max_steps=steps) for step in range(steps))
        assert 1 <= sum(map(is_time_for_pictures, states)) <= MAX_TIMES_A_RUN


@pytest.mark.training
def test_photos_arrive_in_tensorboard(
    kit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENSORBOARD_LOGGING_DIR", str(tmp_path / "board"))
    run_grpo(grpo_recipe(kit, tmp_path / "run", [LENGTH], max_steps=1, report_to="tensorboard"))
    (events,) = tmp_path.rglob("events.out.tfevents*")
    content = events.read_bytes()
    assert content.count(b"\x89PNG") == 2
    assert b"completions/1/answer" in content
    lines = (tmp_path / "run" / "completions.jsonl").read_text().splitlines()
    assert json.loads(lines[0])["row_id"].encode() in content
