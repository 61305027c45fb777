"""Commands that write files: one option for every format in the table."""

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer
from typer.core import TyperCommand

if TYPE_CHECKING:
    from geoagent_graph.render.formats.format import Subject

_KEY = "geoagent.files"


class FormatCommand(TyperCommand):
    """A command with an option per format; what was given is found by `chosen_files`."""

    subject: ClassVar["Subject"] = "photo"

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters of the command and the options of the formats, as they are now."""
        *own, help_option = super().get_params(ctx)
        return [*own, *_options_for(self.subject), help_option]

    def invoke(self, ctx: Any) -> Any:
        """Run the command; the files go beside its parameters, not among them."""
        given = {option.name: ctx.params.pop(option.name) for option in _options_for(self.subject)}
        ctx.meta[_KEY] = {name: Path(path) for name, path in given.items() if path is not None}
        return super().invoke(ctx)


class CaseFormatCommand(FormatCommand):
    """A command with an option per format of a case or a trip."""

    subject: ClassVar["Subject"] = "case"


def chosen_files(ctx: typer.Context) -> dict[str, Path]:
    """Return the files that were asked for, by the name of their format."""
    files: dict[str, Path] = ctx.meta[_KEY]
    return files


def _options_for(subject: "Subject") -> list[Any]:
    """Return the options of the formats, made by Typer from a function that has them all."""
    from geoagent_graph.render.formats.table import formats_for

    def write_files() -> None: ...

    kinds: dict[str, Any] = {
        row.name: Annotated[
            Path | None, typer.Option(f"--{row.name}", metavar="FILE", help=row.help or row.title)
        ]
        for row in formats_for(subject)
    }
    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in kinds.items()
    ]
    write_files.__annotations__ = kinds
    write_files.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    app = typer.Typer(add_completion=False)
    app.command()(write_files)
    return [param for param in typer.main.get_command(app).params if param.name in kinds]
