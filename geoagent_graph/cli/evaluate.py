"""`geoagent eval`: the evaluation harness, whose own command line gets everything after the word.

`geoagent eval score ...` does what `geoagent-eval score ...` does.
"""

import typer

eval_app = typer.Typer(name="eval", add_help_option=False)


@eval_app.command(
    "eval",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
def evaluate(context: typer.Context) -> None:
    """Measure predictions: score, compare and report them (`geoagent eval --help`)."""
    from geoagent_evaluation.cli import main

    raise typer.Exit(main(context.args, program="geoagent eval"))
