"""Which rows a recipe trains or evaluates on."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from geoagent_training.data.data_files import hub_problem
from geoagent_training.data.sources import SourceFormat

Positive = Annotated[int, Field(gt=0)]


class DataChoice(BaseModel):
    """Where the rows are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: Path
    """A JSONL, CSV or Parquet file, a folder of them or one that `datasets` saved; or a data set
    on the Hub, `hub:owner/name@revision`, with a folder in it if wanted."""

    split: str | None = None
    """Which files of a folder, where their names tell; `train` where not given."""

    format: SourceFormat = "geoagent"
    """Whose columns they have."""

    images: Path | None = None
    """Folder of the photos; the folder of the file where not given."""

    check_images: bool = True
    """Decode every photo before the first step; those that do not decode are left out."""

    limit: Positive | None = None
    """Use the first rows only."""

    @field_validator("path")
    @classmethod
    def _check_hub_name(cls, path: Path) -> Path:
        problem = hub_problem(path)
        if problem:
            raise ValueError(problem)
        return path
