"""Training of geolocation policies: for now, the rows a training set is made of."""

from geoagent_training.data.rows import (
    ChainOfThought,
    LevelOfChain,
    LocatedPhoto,
    ReasonedPhoto,
    read_rows,
)

__all__ = ["ChainOfThought", "LevelOfChain", "LocatedPhoto", "ReasonedPhoto", "read_rows"]
