"""Options that several commands take, worded once.

The options of a policy are the fields of `PolicyFlags`. A command that runs a policy has a
parameter `flags: PolicyFlags` and is decorated with `takes_policy_flags`, nearest to the function.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geoagent_graph.cli.flag_groups import CommandT, takes_flags

if TYPE_CHECKING:
    from geoagent_graph.policies.options import PolicyOptions

Home = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Where cases are kept; else GEOAGENT_HOME, else XDG's."),
]


@dataclass(frozen=True, slots=True)
class PolicyFlags:
    """Who decides, the model it asks and the reference photos, as given; None is not given."""

    policy: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Who decides: `evidence` (the default), `served`, `transformers` or a plug-in.",
        ),
    ] = None
    base_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="OpenAI-compatible server, such as http://127.0.0.1:8000/v1."
        ),
    ] = None
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="The server's model, or a model's folder.")
    ] = None
    weights: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The model, from what `geoagent weights pull NAME` brought to this machine.",
        ),
    ] = None
    mode: Annotated[
        str | None,
        typer.Option(
            metavar="MODE",
            help="`graph` (the default); `conversation`: all of a run in one, as trained on runs; "
            "`draft`: one question, no tools.",
        ),
    ] = None
    draft_system: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Your words in place of the first system message."),
    ] = None
    draft_question: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Your words in place of the first question."),
    ] = None
    draft_tokens: Annotated[
        int | None,
        typer.Option(metavar="TOKENS", help="Longest first reply, as the model was trained."),
    ] = None
    picture_pixels: Annotated[
        int | None,
        typer.Option(metavar="PIXELS", help="Largest picture shown, as the model was trained."),
    ] = None
    max_calls: Annotated[
        int | None, typer.Option(metavar="N", help="Stop after so many calls to the server.")
    ] = None
    vision: Annotated[
        bool | None,
        typer.Option("--vision/--no-vision", help="The model sees photos, or reads only."),
    ] = None
    fallback: Annotated[
        bool | None,
        typer.Option(
            "--fallback",
            help="Where the model cannot be used, finish with the policy `evidence` and say so.",
        ),
    ] = None
    calibration: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Temperatures fitted for the model.")
    ] = None
    reference_photos: Annotated[
        Path | None,
        typer.Option(
            metavar="MANIFEST",
            help="What --index was built from: the model is shown the reference photos.",
        ),
    ] = None
    retriever: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="A plug-in that finds reference photos in its own way."),
    ] = None
    index: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Reference photos made by `geoagent index build`."),
    ] = None

    def options(self, begun_with: Mapping[str, Any] | None = None) -> "PolicyOptions":
        """Return the options, checked; what was not given is as a case was begun with.

        Args:
            begun_with: what the case keeps; None for a new run.

        Raises:
            InputError: there is no such policy, or it lacks an option.
        """
        from geoagent_graph.policies.options import PolicyOptions

        given = {field.name: getattr(self, field.name) for field in fields(self)}
        chosen = {name: value for name, value in given.items() if value is not None}
        return PolicyOptions.of_request({**(begun_with or {}), **chosen})


def takes_policy_flags(command: CommandT) -> CommandT:
    """Return the command with the fields of `PolicyFlags` as options in place of `flags`."""
    return takes_flags(PolicyFlags, "flags")(command)
