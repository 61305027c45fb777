"""Model and scenes for the `*_tiny_cpu` recipes and the tests: seconds on a CPU, no download."""

from pathlib import Path

from geoagent_graph.testing.tiny_model import build_tiny_model
from geoagent_training.miniature.data import vocabulary, write_scenes
from geoagent_training.rollouts.tool_prompts import AGENT_WORDS, GRAPH_WORDS


def write_tiny_kit(folder: Path, scenes: int = 12) -> Path:
    """Write `model`, `agent_model`, `chains` and `places` under a folder and return it.

    The two models differ in their vocabulary: the second knows the words of the tools.
    """
    build_tiny_model(folder / "model", vocabulary())
    build_tiny_model(folder / "agent_model", [*vocabulary(), *AGENT_WORDS, *GRAPH_WORDS])
    write_scenes(folder / "chains", scenes, seed=0, chains=True)
    write_scenes(folder / "places", scenes, seed=1, chains=False)
    return folder
