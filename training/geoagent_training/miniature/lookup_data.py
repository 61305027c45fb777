"""Data of the miniature with tools: what the base practises, what is taught, what is rewarded."""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

from datasets import Dataset, Features, List, Value
from datasets import Image as ImageFeature
from PIL import Image

from geoagent_training.data.rows import LocatedPhoto
from geoagent_training.miniature.chains import SYSTEM
from geoagent_training.miniature.lookup_scenes import (
    HELD_BACK,
    TAUGHT,
    SignScene,
    draw_sign_scene,
    sign_of,
    thumbnail_of,
)
from geoagent_training.miniature.lookup_words import (
    call_turns,
    caption_turns,
    plain_turns,
    random_places,
    record_turns,
    reply_words,
    sign_turns,
    tool_steps,
    town_place,
    words_for_clues,
)
from geoagent_training.miniature.world import Land
from geoagent_training.rollouts.tool_transcripts import tool_transcript

_FEATURES: Final = Features({"conversation": Value("string"), "images": List(ImageFeature())})


@dataclass(frozen=True, slots=True)
class PracticeRow:
    """A conversation, and the picture in it."""

    turns: list[dict[str, Any]]
    picture: Image.Image | None = None


def practice_rows(
    captions: int, signs: int, calls: int, copies: int, seed: int
) -> Iterator[PracticeRow]:
    """Yield what a policy practises before it hears of places, in four kinds.

    It names what a photo shows, reads signs close up, writes calls, and copies answers out of
    look-ups. Every town's name is read, none is told where it lies.
    """
    chooser = random.Random(seed)  # noqa: S311
    everywhere = (*TAUGHT, *HELD_BACK)
    for _ in range(captions):
        scene = draw_sign_scene(chooser, chooser.choice(everywhere))
        yield PracticeRow(caption_turns(words_for_clues(scene.clues)), thumbnail_of(scene.picture))
    for _ in range(signs):
        scene = draw_sign_scene(chooser, chooser.choice(everywhere))
        yield PracticeRow(sign_turns(scene.written), sign_of(scene.picture))
    for _ in range(calls):
        yield PracticeRow(call_turns(chooser))
    for _ in range(copies):
        yield PracticeRow(record_turns(chooser, random_places(chooser)))


def practice_table(rows: Iterable[PracticeRow]) -> Dataset:
    """Return practice rows as a table."""
    table = [
        {
            "conversation": json.dumps(row.turns, ensure_ascii=False),
            "images": [] if row.picture is None else [row.picture],
        }
        for row in rows
    ]
    return Dataset.from_list(table, features=_FEATURES)


def lesson_table(lessons: int, rehearsals: int, seed: int, *, tools: bool) -> Dataset:
    """Return conversations to be fine-tuned on: of the same scenes with tools and without.

    Args:
        lessons: whole conversations, from the photo to the place, about the towns that are taught.
        rehearsals: how many texts are copied on, and as many photos of all towns: with tools up to
            the call that looks the name up, without them what can be seen.
        seed: of the scenes.
        tools: which of both.
    """
    chooser = random.Random(seed)  # noqa: S311
    rows = [_lesson_row(scene, tools=tools) for scene in sign_scenes(lessons, seed, TAUGHT)]
    for scene in sign_scenes(rehearsals, seed, (*TAUGHT, *HELD_BACK)):
        rows.append(_rehearsal_row(scene, tools=tools))
        turns = record_turns(chooser, random_places(chooser))
        rows.append({"conversation": json.dumps(turns, ensure_ascii=False), "images": []})
    return Dataset.from_list(rows, features=_FEATURES)


def _rehearsal_row(scene: SignScene, *, tools: bool) -> dict[str, Any]:
    """Return what says nothing of where a town lies."""
    if not tools:
        turns = caption_turns(words_for_clues(scene.clues))
        return {"conversation": json.dumps(turns), "images": [thumbnail_of(scene.picture)]}
    row = tool_transcript(scene.picture, tool_steps(scene), "", system=SYSTEM)
    turns = json.loads(row["conversation"])
    last_call = max(number for number, turn in enumerate(turns) if "tool_calls" in turn)
    shown = turns[: last_call + 1]
    pictures = sum(part["type"] == "image" for turn in shown for part in _parts(turn))
    return {"conversation": json.dumps(shown), "images": row["images"][:pictures]}


def _parts(turn: dict[str, Any]) -> list[dict[str, Any]]:
    content = turn["content"]
    return content if isinstance(content, list) else []


def _lesson_row(scene: SignScene, *, tools: bool) -> dict[str, Any]:
    place = town_place(scene.town)
    if tools:
        reply = reply_words(scene.written, scene.clues, place)
        return tool_transcript(scene.picture, tool_steps(scene), reply, system=SYSTEM)
    turns = plain_turns(reply_words(None, scene.clues, place))
    return {"conversation": json.dumps(turns, ensure_ascii=False), "images": [scene.picture]}


def sign_scenes(count: int, seed: int, places: Sequence[tuple[Land, str]]) -> Iterator[SignScene]:
    """Yield scenes: every town once, in random order, before any comes again."""
    chooser = random.Random(seed)  # noqa: S311
    order = (place for _ in cycle([0]) for place in chooser.sample(places, len(places)))
    for place in islice(order, count):
        yield draw_sign_scene(chooser, place)


def write_sign_scenes(
    folder: Path, count: int, seed: int, places: Sequence[tuple[Land, str]]
) -> Path:
    """Write scenes with the places they were drawn for; return the JSONL that lists them."""
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    path = folder / "rows.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number, scene in enumerate(sign_scenes(count, seed, places)):
            name = f"photos/{number:05}.png"
            scene.picture.save(folder / name)
            place = town_place(scene.town)
            row = LocatedPhoto.model_validate(
                {
                    "image": name,
                    "lat_deg": place.lat_deg,
                    "lon_deg": place.lon_deg,
                    "country": place.country,
                    "region": place.region,
                    "precise": place.name,
                }
            )
            file.write(row.model_dump_json() + "\n")
    return path
