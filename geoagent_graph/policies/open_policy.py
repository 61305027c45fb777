"""Opens the policy that was asked for by name: one of the project's, or a plug-in.

A plug-in of the group `geoagent_graph.policies` names a function with the signature of
`open_policy`: it gets the opened tools, whose policy is `evidence`, and the options, and returns
its policy.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from geoagent_graph.errors import InputError
from geoagent_graph.plugins import load_plugin, open_plugin, plugin_names
from geoagent_graph.policies.options import PolicyOptions
from geoagent_graph.protocols import Policy
from geoagent_graph.toolbox import Toolbox, require_members

if TYPE_CHECKING:
    from geoagent_graph.policies.model.options import ModelPolicyOptions

_GROUP: Final = "geoagent_graph.policies"
_OF_MODELS: Final = ("served", "transformers")
_MAX_IN_FLIGHT: Final = 8  # of this machine: each takes some 100 MB
_SERVED_IN_FLIGHT: Final = 32


def policy_names() -> tuple[str, ...]:
    """Return the names that `--policy` takes: the project's, the default first, then plug-ins."""
    return tuple(dict.fromkeys((*_OPENERS, *plugin_names(_GROUP))))


def check_options(options: PolicyOptions) -> None:
    """Refuse options that no policy can be opened with, before any tool is opened.

    Raises:
        InputError: there is no such policy, it cannot be imported, or it lacks an option.
    """
    if options.mode != "graph" and options.policy not in _OF_MODELS:
        raise InputError(
            f"--mode {options.mode}: asks a model; take --policy served or transformers"
        )
    if options.mode == "conversation" and options.reference_photos is not None:
        raise InputError("--mode conversation: shows one picture; leave --reference-photos out")
    if options.policy == "served":
        from geoagent_graph.policies.backends.openai.open_served import server_options

        server_options(options)
    elif options.policy not in _OPENERS:
        require_policy(options.policy)
        load_plugin(_GROUP, options.policy)


def photos_in_flight(options: PolicyOptions) -> int:
    """Return how many photos at a time keep the policy busy without flooding this machine."""
    if options.policy == "served":
        return _SERVED_IN_FLIGHT
    return max(2, min(os.cpu_count() or 2, _MAX_IN_FLIGHT))


def _notice_of(weights: str) -> str | None:
    from geoagent_graph.weights.catalogue import find_entry

    return find_entry(weights).notice


def with_policy(toolbox: Toolbox, options: PolicyOptions) -> Toolbox:
    """Return the toolbox with the chosen policy; its own must be `evidence`, which stays inside.

    Raises:
        InputError: what the policy needs is missing; the message says what.
    """
    policy = open_policy(toolbox, options)
    if policy is toolbox.policy:
        return toolbox
    notice = _notice_of(options.weights) if options.weights else None
    if options.mode == "draft":
        from geoagent_graph.policies.model.draft_policy import draft_tools

        toolbox = draft_tools(toolbox, vision=options.vision)
    elif options.mode == "conversation":
        from geoagent_graph.policies.model.conversation import conversation_tools

        toolbox = conversation_tools(toolbox)
    return replace(
        toolbox,
        policy=policy,
        fallback=toolbox.policy if options.fallback else None,
        notices=toolbox.notices + ((notice,) if notice else ()),
    )


def open_policy(toolbox: Toolbox, options: PolicyOptions) -> Policy:
    """Return the policy that the options name, over the tools of the toolbox.

    Raises:
        InputError: what the policy needs is missing; the message says what.
    """
    opener = _OPENERS.get(options.policy)
    if opener is not None:
        return opener(toolbox, options)
    require_policy(options.policy)
    policy: Policy = open_plugin(_GROUP, options.policy, toolbox, options)
    require_members(policy, Policy, f"policy {options.policy}")
    return policy


def require_policy(name: str) -> None:
    """Refuse a name that no policy has.

    Raises:
        InputError: the message lists those there are.
    """
    if name not in _OPENERS and name not in policy_names():
        there = ", ".join(policy_names())
        raise InputError(f"--policy {name}: no such policy; there is: {there}")


def _open_evidence(toolbox: Toolbox, options: PolicyOptions) -> Policy:
    del options
    return toolbox.policy


def _open_served(toolbox: Toolbox, options: PolicyOptions) -> Policy:
    from geoagent_graph.policies.backends.openai.open_served import (
        open_served_policy,
        server_options,
    )
    from geoagent_graph.policies.model.open_model import PolicyTools

    return open_served_policy(
        server_options(options),
        PolicyTools.of(toolbox),
        options=_model_options(options),
        max_pixels=_picture_pixels(options),
        calibration=options.calibration,
        reference_photos=options.reference_photos,
    )


def _open_transformers(toolbox: Toolbox, options: PolicyOptions) -> Policy:
    from geoagent_graph.policies.backends.transformers import (
        local_options,
        open_transformers_policy,
    )
    from geoagent_graph.policies.model.open_model import PolicyTools

    return open_transformers_policy(
        local_options(options),
        PolicyTools.of(toolbox),
        options=_model_options(options),
        max_pixels=_picture_pixels(options),
        calibration=options.calibration,
        reference_photos=options.reference_photos,
    )


def _picture_pixels(options: PolicyOptions) -> int:
    from geoagent_graph.policies.model.conversation import MAX_PICTURE_PIXELS

    given = "picture_pixels" in options.model_fields_set or options.mode != "conversation"
    return options.picture_pixels if given else MAX_PICTURE_PIXELS


def _model_options(options: PolicyOptions) -> "ModelPolicyOptions":
    from geoagent_graph.policies.model.draft import load_words
    from geoagent_graph.policies.model.options import ModelPolicyOptions

    return ModelPolicyOptions(
        vision=options.vision,
        seed=options.seed,
        mode=options.mode,
        draft_tokens=options.draft_tokens,
        draft_system=load_words("--draft-system", options.draft_system),
        draft_question=load_words("--draft-question", options.draft_question),
    )


_OPENERS: Final[dict[str, Callable[[Toolbox, PolicyOptions], Policy]]] = {
    "evidence": _open_evidence,
    "served": _open_served,
    "transformers": _open_transformers,
}
