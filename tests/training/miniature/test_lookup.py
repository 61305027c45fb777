"""The miniature with tools: what must be zoomed and looked up, and how a policy is asked."""

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from geoagent_training.errors import ConfigError
from geoagent_training.miniature.lookup_answers import answer_with_tools
from geoagent_training.miniature.lookup_data import lesson_table, practice_rows, sign_scenes
from geoagent_training.miniature.lookup_run import (
    WITH,
    WITHOUT,
    LookupScale,
    lookup_variants,
    reward_recipe,
)
from geoagent_training.miniature.lookup_scenes import (
    HELD_BACK,
    SIGN_BOX,
    TAUGHT,
    draw_sign_scene,
    sign_of,
    thumbnail_of,
)
from geoagent_training.miniature.lookup_words import town_place
from geoagent_training.models.loading import load_processor
from PIL import Image


def test_a_name_is_written_where_only_a_zoom_shows_it() -> None:
    first, second = TAUGHT[0], (TAUGHT[0][0], "Larnaca")
    one, other = (draw_sign_scene(random.Random(3), place) for place in (first, second))
    assert (one.written, other.written) == ("Braga", "Larnaca")
    changed = [
        np.abs(np.asarray(view(one.picture), float) - np.asarray(view(other.picture), float))
        for view in (sign_of, thumbnail_of)
    ]
    assert changed[0].max() > 200  # whole strokes
    assert (changed[1] > 100).mean() < 0.0005  # next to nothing at the size the model sees
    assert {name for _, name in TAUGHT}.isdisjoint({name for _, name in HELD_BACK})


def test_every_town_is_found_where_its_scene_was_drawn() -> None:
    for land, name in (*TAUGHT, *HELD_BACK):
        assert town_place(name).country == land.name


def test_what_is_practised_says_nothing_of_where_a_town_lies() -> None:
    right = 0
    rows = [row.turns for row in practice_rows(0, 0, 0, 300, seed=2)]
    for turns in rows:
        country, _, name = turns[-1]["content"].rpartition("<answer>")[2][:-9].split("; ")
        places = {town_place(one).name: land.name for land, one in (*TAUGHT, *HELD_BACK)}
        right += places[name] == country
        assert f"{name}, " in turns[1]["content"]
    assert right / len(rows) < 0.2  # by chance: one of twelve


def test_the_same_scenes_are_taught_with_tools_and_without() -> None:
    scene = next(sign_scenes(1, 7, TAUGHT))
    with_tools, without = (lesson_table(1, 0, 7, tools=tools)[0] for tools in (True, False))
    used = json.loads(with_tools["conversation"])
    assert [t["tool_calls"][0]["function"]["name"] for t in used if "tool_calls" in t] == [
        "zoom", *(["verify"] if scene.written else [])
    ]  # fmt: skip
    assert len(with_tools["images"]) == 2
    plain = json.loads(without["conversation"])
    assert len(without["images"]) == 1
    ends = [turns[-1]["content"].partition("<answer>")[2] for turns in (used, plain)]
    assert ends[0] == ends[1] == f"{_words(scene.town)}</answer>"
    assert "sign none" in plain[-1]["content"]


def test_rehearsals_tell_the_place_of_no_town() -> None:
    names = {town_place(name).name for _, name in (*TAUGHT, *HELD_BACK)}
    for tools in (True, False):
        table = lesson_table(0, 36, 7, tools=tools)
        photos = [json.loads(row["conversation"]) for row in table if row["images"]]
        assert len(table) == 2 * len(photos) == 72
        if tools:  # up to the call: nothing of what it found
            assert all("tool_calls" in turns[-1] for turns in photos)
            calls = [turns[-1]["tool_calls"][0]["function"] for turns in photos]
            looked_up = [call["arguments"]["name"] for call in calls if call["name"] == "verify"]
            assert len(looked_up) > 24
            assert len(set(looked_up)) > len(TAUGHT)  # towns held back are read too
        else:
            assert not any(name in json.dumps(photos) for name in names)


def test_both_variants_see_photos_as_the_base_did(tmp_path: Path) -> None:
    for variant in (WITH, WITHOUT):
        recipe = reward_recipe(tmp_path, tmp_path, tmp_path, variant, 0, LookupScale())
        assert recipe.max_pixels == thumbnail_of(Image.new("RGB", (672, 672))).size[0] ** 2
        assert recipe.trainer["learning_rate"] == LookupScale().grpo_learning_rate


def _words(name: str) -> str:
    place = town_place(name)
    return f"{place.country}; {place.region}; {place.name}"


class Scripted:
    """A model that says its replies one after the other."""

    device = torch.device("cpu")

    def __init__(self, processor: Any, *replies: str) -> None:
        self.processor, self.replies = processor, list(replies)
        self.prompts: list[str] = []

    def eval(self) -> None:
        """Nothing changes."""

    def generate(self, input_ids: Any, **_: Any) -> Any:
        self.prompts.append(self.processor.tokenizer.decode(input_ids[0]))
        said = self.processor.tokenizer(self.replies.pop(0))["input_ids"]
        return torch.cat([input_ids, torch.tensor([said])], dim=1)


@pytest.mark.parametrize("name", ["Braga", "Nosuchtown"])
def test_tools_are_run_until_the_policy_answers(kit: Path, name: str) -> None:
    zoom = json.dumps({"thought": ["x"], "next": {"action": "zoom", **SIGN_BOX}})
    look = json.dumps({"thought": ["x"], "next": {"action": "verify", "name": name}})
    processor = load_processor(str(kit / "agent_model"))
    model = Scripted(processor, zoom, look, "<answer>Portugal; Braga</answer>")
    prompt = [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}]

    class Rows(list[Any]):
        def __getitem__(self, part: Any) -> Any:
            return {"prompt": [prompt], "image": [Image.new("RGB", (672, 672))]}

    (talk,) = answer_with_tools(model, processor, Rows([0]), max_new_tokens=9)
    assert talk.called == ["zoom", "verify"]
    assert talk.reply == "<answer>Portugal; Braga</answer>"
    found = "- Braga, Braga, Portugal" if name == "Braga" else "no such place"
    assert found in model.prompts[-1]
    assert model.prompts[-1].count("<|vision_start|>") == 2


def test_a_reply_without_a_call_and_a_bad_call_end_well(kit: Path) -> None:
    processor = load_processor(str(kit / "agent_model"))
    bad = json.dumps({"thought": ["x"], "next": {"action": "zoom", "wide": 1}})
    model = Scripted(processor, bad, "no idea")
    prompt = [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}]

    class Rows(list[Any]):
        def __getitem__(self, part: Any) -> Any:
            return {"prompt": [prompt], "image": [Image.new("RGB", (672, 672))]}

    (talk,) = answer_with_tools(model, processor, Rows([0]), max_new_tokens=9)
    assert talk.reply == "no idea"
    assert "failed: " in model.prompts[-1]


def test_worlds_are_not_mixed() -> None:
    assert lookup_variants(["with tools"])
    assert not lookup_variants(["GRPO"])
    with pytest.raises(ConfigError, match="run them in a folder of their own"):
        lookup_variants(["with tools", "GRPO"])
