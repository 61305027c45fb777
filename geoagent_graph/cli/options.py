"""Options that several commands take, worded once."""

from pathlib import Path
from typing import Annotated

import typer

Home = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Where cases are kept; else GEOAGENT_HOME, else XDG's."),
]
Index = Annotated[Path | None, typer.Option(metavar="DIR", help="Reference photos.")]
PolicyName = Annotated[
    str,
    typer.Option(metavar="NAME", help="Who decides: `evidence`, `served` or `transformers`."),
]
BaseUrl = Annotated[str | None, typer.Option(metavar="URL", help="Server of the policy `served`.")]
Model = Annotated[
    str | None, typer.Option(metavar="NAME", help="The server's model, or a model's folder.")
]
Vision = Annotated[
    bool, typer.Option("--vision/--no-vision", help="The model sees photos, or reads only.")
]
Fallback = Annotated[
    bool,
    typer.Option("--fallback", help="Finish with `evidence` where the model cannot be used."),
]
