"""The command `geoagent-train`."""

import logging
import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from geoagent_graph.errors import GeoAgentError
from geoagent_graph.settings import prepare_process

app = typer.Typer(
    help="Train geolocation policies: supervised, then GRPO with geographic rewards.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

ConfigFile = Annotated[Path, typer.Option("--config", help="Recipe in YAML.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint.")]


@app.command()
def sft(config: ConfigFile, *, resume: Resume = False) -> None:
    """Learn chains of thought."""
    from geoagent_training.recipe import SftRecipe, load_recipe

    recipe = load_recipe(config, SftRecipe)
    from geoagent_training.sft import run_sft

    typer.echo(run_sft(recipe, resume=resume))


@app.command()
def grpo(config: ConfigFile, *, resume: Resume = False) -> None:
    """Learn from rewards."""
    from geoagent_training.recipe import GrpoRecipe, load_recipe

    recipe = load_recipe(config, GrpoRecipe)
    from geoagent_training.grpo import run_grpo

    typer.echo(run_grpo(recipe, resume=resume))


@app.command()
def export(
    trained: Annotated[Path, typer.Argument(help="Folder `final` of a run.")],
    out: Annotated[Path, typer.Argument(help="Folder to write.")],
    license_id: Annotated[str, typer.Option("--license")] = "apache-2.0",
) -> None:
    """Merge the adapter and write a plain model with a model card."""
    from geoagent_training.export import export_model

    typer.echo(export_model(trained, out, license_id=license_id))


def main() -> NoReturn:
    """Run the command; errors raised on purpose are one line on stderr."""
    prepare_process()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        code = app(standalone_mode=False)
    except GeoAgentError as error:
        typer.echo(f"geoagent-train: {error}", err=True)
        sys.exit(error.exit_code)
    except typer.Exit as done:
        sys.exit(done.exit_code)
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
