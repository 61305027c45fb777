"""`geoagent index`: an index of reference photos is built, changed, looked at and searched."""

import typer

from geoagent_graph.cli.index.build import add, build
from geoagent_graph.cli.index.export import export
from geoagent_graph.cli.index.look import info, search
from geoagent_graph.cli.index.merge import merge
from geoagent_graph.cli.index.options import EXPLAINED
from geoagent_graph.cli.index.plan import plan
from geoagent_graph.cli.index.remove import remove
from geoagent_graph.cli.index.slice import cut_slice

index_app = typer.Typer(
    name="index",
    help="Reference photos that `geoagent locate --index DIR` compares a photo with.",
    no_args_is_help=True,
    epilog=EXPLAINED,
)
for command in (build, add, remove, merge, plan, export, info, search):
    index_app.command(epilog=EXPLAINED)(command)
index_app.command("slice", epilog=EXPLAINED)(cut_slice)
