"""The command `geoagent-train`."""

import logging
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from geoagent_graph.settings import prepare_process
from geoagent_training.data.sources import SourceFormat
from geoagent_training.errors import ConfigError
from geoagent_training.exit_status import exit_status_of

app = typer.Typer(
    help="Train geolocation policies: supervised, then GRPO with geographic rewards.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

MAX_SAMPLED_PHOTOS: Final = 1_000_000_000

ConfigFile = Annotated[Path, typer.Option("--config", help="Recipe in YAML.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on from the last checkpoint.")]


@app.command()
def sft(config: ConfigFile, *, resume: Resume = False) -> None:
    """Learn chains of thought."""
    from geoagent_training.recipe import SftRecipe
    from geoagent_training.recipe_file import load_recipe

    recipe = load_recipe(config, SftRecipe)
    from geoagent_training.sft import run_sft

    typer.echo(run_sft(recipe, resume=resume))


@app.command()
def grpo(config: ConfigFile, *, resume: Resume = False) -> None:
    """Learn from rewards."""
    from geoagent_training.recipe import GrpoRecipe
    from geoagent_training.recipe_file import load_recipe

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
    from geoagent_training.models.export import export_model

    typer.echo(export_model(trained, out, license_id=license_id))


@app.command()
def tiny(folder: Annotated[Path, typer.Argument(help="Folder to write.")]) -> None:
    """Draw a few scenes and write tiny random models, for the *_tiny_cpu recipes."""
    _refuse_file(folder)
    from geoagent_training.miniature.tiny_kit import write_tiny_kit

    typer.echo(write_tiny_kit(folder))


@app.command()
def miniature(
    folder: Annotated[Path, typer.Argument(help="Folder of the run; goes on where it stopped.")],
    seeds: Annotated[int, typer.Option(min=1, max=20)] = 3,
    variants: Annotated[
        list[str] | None,
        typer.Option(
            help="GRPO runs by name, such as GRPO; all of the paper's by default. `with tools` and "
            "`without tools` are a world of their own, in a folder of its own."
        ),
    ] = None,
) -> None:
    """Train the miniature of the paper, or the one with tools, and redraw its table."""
    _refuse_file(folder)
    from geoagent_training.miniature.lookup_run import lookup_variants, run_lookup
    from geoagent_training.miniature.report import write_report
    from geoagent_training.miniature.run import run_miniature
    from geoagent_training.miniature.stages import VARIANTS

    if variants and lookup_variants(variants):
        typer.echo(write_report(run_lookup(folder, range(seeds), variants)))
        return
    results = run_miniature(folder, range(seeds), variants or tuple(VARIANTS))
    typer.echo(write_report(results))


@app.command()
def check(
    data: Annotated[
        Path,
        typer.Argument(
            help="Data set: JSONL, CSV, Parquet, a folder, hub:owner/name. Or a recipe: YAML."
        ),
    ],
    source: Annotated[
        SourceFormat, typer.Option("--format", help="Whose columns it has.")
    ] = "geoagent",
    images: Annotated[Path | None, typer.Option(help="Folder of the photos.")] = None,
    split: Annotated[str | None, typer.Option(help="Which files of a folder: train, test.")] = None,
) -> None:
    """Report every bad row with file and line; exit 1 if there is one.

    The truths of the first five rows are shown as they are read; doubtful ones are faults.
    Of a recipe, keys, reward functions and TRL's arguments are checked first, then its rows; what
    its model makes of a photo is said where the model is on this machine.
    """
    from geoagent_training.data.validation import check_source

    if data.suffix in (".yaml", ".yml"):
        from geoagent_training.models.photo_tokens import photo_words
        from geoagent_training.recipe_check import check_recipe

        recipe = check_recipe(data)
        typer.echo(photo_words(recipe.model, recipe.max_pixels), err=True)
        rows = recipe.data
        data, source, images, split = rows.path, rows.format, rows.images, rows.split
    summary = check_source(
        data,
        source,
        images,
        report=typer.echo,
        show=partial(typer.echo, err=True),
        split=split,
    )
    typer.echo(str(summary), err=True)
    raise typer.Exit(1 if summary.bad else 0)


@app.command()
def sample(
    data: Annotated[Path, typer.Argument(help="Pool of located photos.")],
    countries: Annotated[
        Path, typer.Option(help="CSV per country: iso2, roadways_km, population, land_km2.")
    ],
    count: Annotated[int, typer.Option(min=1, max=MAX_SAMPLED_PHOTOS)],
    out: Annotated[Path, typer.Option(help="JSONL to write; a map is drawn beside it.")],
    source: Annotated[SourceFormat, typer.Option("--format")] = "geoagent",
    images: Annotated[Path | None, typer.Option()] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
) -> None:
    """Draw a training set with the paper's bias-reducing sampler."""
    from geoagent_training.data.sampling_run import sample_source

    typer.echo(sample_source(data, source, images, countries, count, out, seed))


@app.command()
def leaks(
    training: Annotated[Path, typer.Argument(help="Training rows.")],
    evaluation: Annotated[Path, typer.Argument(help="Evaluation rows.")],
    source: Annotated[SourceFormat, typer.Option("--format")] = "geoagent",
    evaluation_source: Annotated[SourceFormat, typer.Option("--evaluation-format")] = "geoagent",
    within_km: Annotated[float, typer.Option(min=0)] = 0.1,
    bits: Annotated[int, typer.Option(min=0, max=64)] = 6,
) -> None:
    """List training rows too near to an evaluation row, by place or by picture; exit 1 if any."""
    from geoagent_training.data.leakage import find_leaks_in_files

    found = find_leaks_in_files(training, source, evaluation, evaluation_source, within_km, bits)
    for leak in found:
        typer.echo(str(leak))
    rows = len({leak.training for leak in found})  # one may be near by place and by picture
    typer.echo(f"{rows} rows of {training} are too near to {evaluation}", err=True)
    raise typer.Exit(1 if found else 0)


@app.command()
def evaluate(
    model: Annotated[str, typer.Argument(help="Folder or hub name.")],
    data: Annotated[Path, typer.Argument(help="Located photos.")],
    source: Annotated[SourceFormat, typer.Option("--format")] = "geoagent",
    images: Annotated[Path | None, typer.Option()] = None,
    max_tokens: Annotated[int, typer.Option(min=1)] = 1024,
    limit: Annotated[int | None, typer.Option(min=1)] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(help="Write the answers for `geoagent-eval score`, truth.jsonl beside them."),
    ] = None,
) -> None:
    """Answer every photo and print accuracy by distance and both GeoScores as JSON."""
    from geoagent_training.evaluation import evaluate_files

    typer.echo(evaluate_files(model, data, source, images, max_tokens, limit, predictions))


def _refuse_empty_words(words: Sequence[str]) -> None:
    """Refuse an argument of nothing, which would be taken for the current folder."""
    for before, word in zip(("", *words), words, strict=False):
        option, equals, value = word.partition("=")
        nothing_behind = option.startswith("--") and equals and not value.strip()
        if not word.strip() or nothing_behind:
            behind = option.strip() or before
            place = f" behind {behind}" if behind else ""
            raise ConfigError(f"there is an empty argument{place}: write what it should name")


def _run_command() -> object:
    _refuse_empty_words(sys.argv[1:])
    command = typer.main.get_command(app)
    return command.main(prog_name="geoagent-train", standalone_mode=False)


def _refuse_file(folder: Path) -> None:
    """Refuse a folder to write that is a file, or lies in one."""
    for part in (folder, *folder.parents):
        if part.exists() and not part.is_dir():
            raise ConfigError(f"{folder}: {part} is a file: name a folder to write")


def main() -> NoReturn:
    """Run the command; errors raised on purpose are one line on stderr."""
    prepare_process()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    sys.exit(exit_status_of(_run_command))


if __name__ == "__main__":
    main()
