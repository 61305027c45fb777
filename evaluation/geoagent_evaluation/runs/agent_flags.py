"""Options of the command line that say which agent runs: policy, index, sources, EXIF."""

import argparse
import math
from collections.abc import Mapping
from dataclasses import dataclass
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
    "weights": ("NAME", "the model, from what `geoagent weights pull NAME` brought"),
    "mode": (
        "MODE",
        "`graph` (the default), `conversation` or `draft`: one question to the model, no tools",
    ),
    "retriever": ("NAME", "a plug-in that finds reference photos in its own way"),
}
_PATH_FLAGS: Final = {
    "index": ("DIR", "reference photos made by `geoagent index build`"),
    "draft-system": ("FILE", "your words in place of the first system message"),
    "draft-question": ("FILE", "your words in place of the first question"),
    "calibration": ("FILE", "temperatures fitted for the model"),
    "reference-photos": ("MANIFEST", "what --index was built from: the model is shown the photos"),
}
_NUMBER_FLAGS: Final = {
    "draft-tokens": ("TOKENS", "longest first reply, as the model was trained"),
    "picture-pixels": ("PIXELS", "largest picture shown, as the model was trained"),
    "max-calls": ("N", "stop after so many calls to the server"),
}
MIN_BUDGET_STEPS: Final = 6
MAX_BUDGET_STEPS: Final = 1000
MAX_NUMBER: Final = 1_000_000_000
POLICY_FIELDS: Final = (
    *(name.replace("-", "_") for name in (*_TEXT_FLAGS, *_PATH_FLAGS, *_NUMBER_FLAGS)),
    "vision", "fallback",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WholeNumber:
    """What reads an argument that is a whole number between two bounds."""

    low: int
    high: int

    def __call__(self, text: str) -> int:
        """Return the number.

        Raises:
            argparse.ArgumentTypeError: it is none, or out of bounds.
        """
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
        if not self.low <= number <= self.high:
            raise argparse.ArgumentTypeError(f"{text!r}: give {self.low} to {self.high}")
        return number


def price(text: str) -> float:
    """Return a price that is finite and not negative.

    Raises:
        argparse.ArgumentTypeError: it is not.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r}: give a number of dollars")
    return value


def add_agent_flags(parser: argparse.ArgumentParser) -> None:
    """Add the options of a policy, and what the agent may hear and use."""
    for name, (metavar, text) in _TEXT_FLAGS.items():
        parser.add_argument(f"--{name}", metavar=metavar, help=text)
    for name, (metavar, text) in _PATH_FLAGS.items():
        parser.add_argument(f"--{name}", metavar=metavar, type=Path, help=text)
    for name, (metavar, text) in _NUMBER_FLAGS.items():
        number = WholeNumber(0, MAX_NUMBER)
        parser.add_argument(f"--{name}", metavar=metavar, type=number, help=text)
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
    parser.add_argument(
        "--budget",
        type=WholeNumber(MIN_BUDGET_STEPS, MAX_BUDGET_STEPS),
        metavar="STEPS",
        help="most steps one photo may take",
    )
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
