"""Options of the command line that say which agent runs: policy, index, sources, EXIF."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from geoagent_graph.policies.options import PolicyOptions

_TEXT_FLAGS: Final = {
    "policy": (
        "NAME",
        "who decides: `evidence` (the default), `served`, `transformers`, a plug-in",
    ),
    "base-url": ("URL", "OpenAI-compatible server, such as http://127.0.0.1:8000/v1"),
    "model": ("NAME", "the server's model, or a model's folder"),
    "retriever": ("NAME", "a plug-in that finds reference photos in its own way"),
}
_PATH_FLAGS: Final = {
    "index": ("DIR", "reference photos made by `geoagent index build`"),
    "calibration": ("FILE", "temperatures fitted for the model"),
    "reference-photos": ("MANIFEST", "what --index was built from: the model is shown the photos"),
}
POLICY_FIELDS: Final = (
    *(name.replace("-", "_") for name in (*_TEXT_FLAGS, *_PATH_FLAGS)), "vision", "fallback",
)  # fmt: skip


def add_agent_flags(parser: argparse.ArgumentParser) -> None:
    """Add the options of a policy, and what the agent may hear and use."""
    for name, (metavar, text) in _TEXT_FLAGS.items():
        parser.add_argument(f"--{name}", metavar=metavar, help=text)
    for name, (metavar, text) in _PATH_FLAGS.items():
        parser.add_argument(f"--{name}", metavar=metavar, type=Path, help=text)
    parser.add_argument(
        "--vision",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="the model sees photos, or reads only",
    )
    parser.add_argument(
        "--fallback",
        action="store_true",
        default=None,
        help="where the model cannot be used, finish with the policy `evidence`",
    )
    parser.add_argument(
        "--exif",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="hear what the file claims about itself; off by default, for it often is the truth",
    )
    parser.add_argument("--budget", type=int, metavar="STEPS", help="most steps one photo may take")
    parser.add_argument(
        "--without-source",
        action="append",
        default=[],
        metavar="NAME",
        help="leave out a source of evidence (phones, languages, ...); may be given again",
    )


def policy_options(arguments: argparse.Namespace) -> PolicyOptions:
    """Return the options of the policy; what was not given is left to the settings.

    Raises:
        InputError: a value has another form.
    """
    return PolicyOptions.of_request({name: getattr(arguments, name) for name in POLICY_FIELDS})


def policy_options_of(description: Mapping[str, Any]) -> PolicyOptions:
    """Return the options that a run's description keeps; errors as `policy_options`."""
    return PolicyOptions.of_request(description.get("policy", {}))
