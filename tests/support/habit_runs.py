"""A photo located by a server with habits: how it ends."""

from collections.abc import Sequence

from geoagent_graph import locate
from geoagent_graph.errors import PolicyError
from geoagent_graph.policies.backends.openai.client import ServerOptions
from geoagent_graph.policies.backends.openai.open_served import open_served_policy
from geoagent_graph.policies.model.open_model import PolicyTools
from geoagent_graph.protocols import Geocoder
from geoagent_graph.testing import MemoryImages, scripted_toolbox
from geoagent_graph.testing.mock_server import MODEL
from geoagent_graph.testing.server_habits import KEY, Habit, HabitServer
from geoagent_graph.types import Answer


def options_of(server: HabitServer, **changes: object) -> ServerOptions:
    """Return options that ask the server without long waits."""
    return ServerOptions.model_validate(
        {
            "base_url": server.client_url, "model": MODEL, "api_key": KEY, "attempts": 3,
            "limited_attempts": 3, "backoff_seconds": 0.001, **changes,
        }
    )  # fmt: skip


async def locate_with(habits: Sequence[Habit], geocoder: Geocoder) -> Answer | PolicyError:
    """Return the answer that a server with these habits leads to, or the error that ends it."""
    async with HabitServer(habits) as server:
        images = MemoryImages()
        tools = PolicyTools(images=images, geocoder=geocoder)
        policy = open_served_policy(options_of(server), tools)
        toolbox = scripted_toolbox(policy=policy, images=images, geocoder=geocoder)
        try:
            return await locate(b"photo", toolbox=toolbox)
        except PolicyError as error:
            return error
        finally:
            await toolbox.aclose()


def can_be_combined(habits: Sequence[Habit]) -> bool:
    """Return whether one server can have all the habits."""
    parts = [habit.part for habit in habits if habit.part]
    return len(set(parts)) == len(parts)


def effect_of(habits: Sequence[Habit]) -> tuple[tuple[str, ...], ...]:
    """Return which habits act on each step of a mock server, in order."""
    return tuple(
        tuple(habit.name for habit in habits if getattr(habit, step))
        for step in ("refuse", "edit", "send", "models", "address")
    )


def unexpected(habits: Sequence[Habit], end: Answer | PolicyError) -> str:
    """Return what is wrong with how a run ended; empty where it is as the habits say."""
    says = [words for habit in habits for words in habit.sentences]
    if isinstance(end, PolicyError):
        text = str(end)
        if "\n" in text or KEY in text or len(text) > 600:
            return f"not one short line without the key: {text}"
        return "" if any(words in text for words in says) else text
    if says:
        return "an answer in spite of a habit that allows none"
    notes = [habit.notes for habit in habits if habit.notes]
    missing = [note for note in notes if not any(note in text for text in end.warnings)]
    if len(habits) == 1 and missing:
        return f"the answer does not say {missing}: {end.warnings}"
    return "" if end.place.city == "Lisbon" else f"the answer is {end.place}"
