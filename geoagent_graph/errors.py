"""Every error this package raises on purpose.

GeoAgentError
├── InputError            the caller can mend it: a wrong argument or option
│   ├── CaseHeld          a case that another process works on
│   ├── CaseNotFound      a case or a branch that is not there, or not any more
│   ├── PhotoError        a photo that is missing, unreadable, too large or not a photo
│   └── PlaceNotFound     a name or a point that no place answers to
├── ReferenceIndexError   a reference index that is missing, damaged or made by another encoder
├── GazetteerError        the compiled place table cannot be built, read or written
├── WeightsError          weights that cannot be fetched, or are not what was pinned
├── ToolError             a tool that failed while it worked on a good input
├── PolicyError           a policy that failed or replied with something unusable
├── CheckpointError       a stored run that this version refuses to continue
└── StorageError          disk full, read-only folder, a file that cannot be written

`str(error)` is one line for people: what was wrong, with which input, and what to do.
"""


class GeoAgentError(Exception):
    """Base of all errors raised on purpose; `exit_code` is what the command line returns."""

    exit_code = 1


class InputError(GeoAgentError):
    """The caller can mend it: a wrong argument, option or input file."""

    exit_code = 2


class CaseHeld(InputError):
    """A case that another process works on."""


class CaseNotFound(InputError):
    """A case or a branch that is not there, or not any more."""


class PhotoError(InputError):
    """A photo that is missing, unreadable, too large or not a photo."""

    exit_code = 1


class PlaceNotFound(InputError):
    """A name or a point that no place answers to."""

    exit_code = 1


class ReferenceIndexError(GeoAgentError):
    """A reference index that is missing, damaged, newer, or made by another encoder."""


class GazetteerError(GeoAgentError):
    """The compiled place table cannot be built, read or written."""


class WeightsError(GeoAgentError):
    """Weights that cannot be fetched, or are not what was pinned."""


class ToolError(GeoAgentError):
    """A tool that failed while it worked on a good input."""


class PolicyError(GeoAgentError):
    """A policy that failed or replied with something unusable."""


class CheckpointError(GeoAgentError):
    """A stored run that this version refuses to continue."""


class StorageError(GeoAgentError):
    """Disk full, read-only folder, a file that cannot be written."""
