"""The agent of a run: its tools, opened once, and what its predictions depend on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from geoagent_evaluation.errors import EvaluationError
from geoagent_graph.allocator import bound_memory
from geoagent_graph.errors import GeoAgentError
from geoagent_graph.policies.options import PolicyOptions
from geoagent_graph.settings import Settings, load_settings, prepare_process
from geoagent_graph.state import RunOptions, dump
from geoagent_graph.toolbox import Toolbox


class AgentFailure(EvaluationError):
    """What the agent raised, with its exit status."""

    def __init__(self, error: GeoAgentError) -> None:
        super().__init__(str(error))
        self.exit_code = error.exit_code


@dataclass(frozen=True, slots=True)
class Agent:
    """Tools, options of every run, and how many photos at a time keep them busy."""

    toolbox: Toolbox
    options: RunOptions
    in_flight: int
    policy: PolicyOptions

    def codes_of_country(self, name: str) -> list[str]:
        """Return the codes of the countries that bear a name."""
        places = self.toolbox.geocoder.countries_named(name)
        return [place.country_code for place in places if place.country_code is not None]

    def described(self) -> dict[str, Any]:
        """Return what its predictions depend on, as plain JSON."""
        from geoagent_graph.kept_answers import answer_conditions

        return {
            "policy": self.policy.request(),
            "options": dump(self.options),
            "tools": answer_conditions(self.toolbox),
        }


def open_agent(
    policy: PolicyOptions,
    *,
    use_exif: bool = False,
    budget: int | None = None,
    without_sources: Sequence[str] = (),
    in_flight: int | None = None,
    settings: Settings | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> Agent:
    """Return the agent that the options name; what they leave open the settings decide.

    Raises:
        GeoAgentError: a tool, a source, an index or a policy cannot be opened.
    """
    bound_memory()
    prepare_process()
    from geoagent_graph.default_tools import open_toolbox
    from geoagent_graph.policies.open_policy import check_options, photos_in_flight, with_policy

    chosen = settings if settings is not None else load_settings()
    if without_sources:
        chosen = chosen.model_copy(update={"without_sources": ",".join(without_sources)})
    whole = policy.complete(chosen)
    check_options(whole)  # what is missing is said before the tools are loaded
    toolbox = open_toolbox(chosen, index=whole.index, retriever=whole.retriever, progress=progress)
    return Agent(
        toolbox=with_policy(toolbox, whole),
        options=RunOptions(use_exif=use_exif, budget=budget or chosen.budget),
        in_flight=in_flight or photos_in_flight(whole),
        policy=policy,
    )
