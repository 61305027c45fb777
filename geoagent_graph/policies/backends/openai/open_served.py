"""Opens the policy `served`: a model behind an OpenAI-compatible server."""

import importlib.util
from pathlib import Path

from geoagent_graph.errors import InputError
from geoagent_graph.installation import extra_command
from geoagent_graph.policies.backends.openai.client import OpenAIChat, ServerOptions
from geoagent_graph.policies.model.calibration import Calibration
from geoagent_graph.policies.model.open_model import PolicyTools, open_model_policy
from geoagent_graph.policies.model.options import ModelPolicyOptions
from geoagent_graph.policies.model.policy import ModelPolicy
from geoagent_graph.policies.options import PAPER_MAX_PIXELS, PolicyOptions


def server_options(options: PolicyOptions) -> ServerOptions:
    """Return the server that the options name.

    Raises:
        InputError: its address or the model's name is missing.
    """
    if not options.base_url or not options.model:
        raise InputError(
            "--policy served needs --base-url, such as http://127.0.0.1:8000/v1, and --model"
        )
    return ServerOptions(
        base_url=options.base_url,
        model=options.model,
        api_key=options.api_key,
        call_seconds=options.call_seconds,
        question_seconds=options.question_seconds,
        max_calls=options.max_calls,
    )


def open_served_policy(
    server: ServerOptions,
    tools: PolicyTools,
    *,
    options: ModelPolicyOptions | None = None,
    max_pixels: int = PAPER_MAX_PIXELS,
    calibration: Calibration | Path | None = None,
    reference_photos: Path | None = None,
) -> ModelPolicy:
    """Return the policy `served`; nothing is sent before its first question.

    Args:
        server: which server and model, and how long they may take.
        tools: the tools of the run.
        options: how the model is used.
        max_pixels: largest picture the model is shown, in pixels.
        calibration: temperatures fitted for this model, or a file of them.
        reference_photos: the manifest the reference index was built from.

    Raises:
        InputError: the `openai` package is missing, or a file cannot be used.
    """
    if importlib.util.find_spec("openai") is None:
        raise InputError(f"the policy `served` needs the openai client: {extra_command('served')}")
    return open_model_policy(
        "served",
        OpenAIChat(server),
        tools,
        options=options,
        max_pixels=max_pixels,
        calibration=calibration,
        reference_photos=reference_photos,
    )
