"""Errors of training, on top of the project's tree.

InputError
├── ConfigError       a recipe that cannot be run as written
└── DataError         a data set without the columns, rows or photos it needs
ToolError
└── ServiceError      a judge, geocoder or encoder that does not answer
GeoAgentError
└── TrainingStopped   a run that was ended to protect what was trained
"""

from geoagent_graph.errors import GeoAgentError, InputError, ToolError


class ConfigError(InputError):
    """A recipe that cannot be run as written; the message names the key."""


class DataError(InputError):
    """A data set that lacks columns, rows or photos; the message names file and line."""


class ServiceError(ToolError):
    """A judge, geocoder or encoder that does not answer; the message names it."""


class TrainingStopped(GeoAgentError):
    """A run that was ended on purpose; the message says why and where the checkpoint lies."""
