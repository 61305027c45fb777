"""Writes scenes as data sets that the recipes read: PNG files and one JSONL."""

import json
import random
from pathlib import Path
from typing import TypeVar

from geoagent_training.data.chat_rows import chain_text, conversation
from geoagent_training.data.rows import LocatedPhoto, ReasonedPhoto
from geoagent_training.miniature.chains import (
    CAPTION_SYSTEM,
    RECORD_SYSTEM,
    SYSTEM,
    caption,
    write_chain,
)
from geoagent_training.miniature.scenes import PLACES, VISIBLE, Scene, draw_scene
from geoagent_training.miniature.world import LANDS, City, Clues, Land

WordT = TypeVar("WordT", bound=str)


def write_scenes(
    folder: Path, count: int, seed: int, *, chains: bool, balanced: bool = False
) -> Path:
    """Draw scenes into a folder and return the JSONL that lists them.

    Args:
        folder: gets `rows.jsonl` and `photos/`.
        count: how many.
        seed: different seeds give different scenes.
        chains: write the chain of thought into each row.
        balanced: every city once, in random order, before any comes again.
    """
    chooser = random.Random(seed)  # noqa: S311
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    path = folder / "rows.jsonl"
    waiting: list[tuple[Land, City]] = []
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            if balanced and not waiting:
                waiting = chooser.sample(PLACES, len(PLACES))
            scene = draw_scene(chooser, waiting.pop() if balanced else None)
            name = f"photos/{number:05}.png"
            scene.picture.save(folder / name)
            file.write(_scene_row(scene, name, chains=chains).model_dump_json() + "\n")
    return path


def write_captions(folder: Path, count: int, records: int, seed: int) -> Path:
    """Draw scenes with captions, and write records at random; return the conversations.

    It is what a model sees before it is fine-tuned: it learns to name what is drawn, to write and
    copy JSON, and which city lies in which country, but nothing of which clue stands for which.
    """
    chooser = random.Random(seed)  # noqa: S311
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    path = folder / "captions.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            scene = draw_scene(chooser)
            name = f"photos/{number:05}.png"
            scene.picture.save(folder / name)
            turns = _caption_turns(scene.clues)
            file.write(json.dumps({"conversation": turns, "image": name}) + "\n")
        for _ in range(records):
            file.write(json.dumps({"conversation": _record_turns(chooser), "image": None}) + "\n")
    return path


def vocabulary() -> list[str]:
    """Return texts with every word of the miniature, for its tokenizer."""
    texts = []
    for land in LANDS:
        for city in land.cities:
            clues = Clues(land.word, land.plate, land.side, land.sun, city.walls, city.tree)
            for seen in (clues, Clues(None, None, None, None, None, None)):
                chain = write_chain(seen, land, city)
                texts.append(conversation(chain, "think_answer", SYSTEM))
                texts.append(json.loads(texts[-1])[-1]["content"])
                texts.append(_caption_turns(seen))
    texts.append(RECORD_SYSTEM)
    return texts


def _record_turns(chooser: random.Random) -> str:
    """Return a chain of thought to no photo: a real place that its clues say nothing of."""
    lands = [chooser.choice(LANDS) for _ in range(5)]
    cities = [chooser.choice(land.cities) for land in lands]
    clues = Clues(
        _hide_at_random(lands[0].word, chooser),
        _hide_at_random(lands[1].plate, chooser),
        _hide_at_random(lands[2].side, chooser),
        _hide_at_random(lands[3].sun, chooser),
        _hide_at_random(cities[0].walls, chooser),
        _hide_at_random(cities[1].tree, chooser),
    )
    record = chain_text(write_chain(clues, lands[4], cities[4]), "think_answer")
    turns = [
        {"role": "system", "content": RECORD_SYSTEM},
        {"role": "user", "content": caption(clues)},
        {"role": "assistant", "content": record},
    ]
    return json.dumps(turns, ensure_ascii=False)


def _hide_at_random(word: WordT, chooser: random.Random) -> WordT | None:
    return word if chooser.random() < VISIBLE else None


def _caption_turns(clues: Clues) -> str:
    picture = [{"type": "image"}]
    turns = [
        {"role": "system", "content": CAPTION_SYSTEM},
        {"role": "user", "content": picture},
        {"role": "assistant", "content": caption(clues)},
    ]
    return json.dumps(turns, ensure_ascii=False)


def _scene_row(scene: Scene, name: str, *, chains: bool) -> LocatedPhoto:
    place = {
        "image": name,
        "lat_deg": scene.city.lat_deg,
        "lon_deg": scene.city.lon_deg,
        "country": scene.land.name,
        "region": scene.city.region,
        "precise": scene.city.name,
    }
    if not chains:
        return LocatedPhoto.model_validate(place)
    chain = write_chain(scene.clues, scene.land, scene.city)
    return ReasonedPhoto.model_validate({**place, "chain": chain})
