"""Errors of the harness: one line each, that says which file and row, and what to do.

EvaluationError
├── ContractError      a file of predictions or truth that breaks the contract
└── DatasetError       a data set that is not what its adapter states
"""


class EvaluationError(Exception):
    """Base of all errors raised on purpose; `exit_code` is what the command line returns."""

    exit_code = 2


class ContractError(EvaluationError):
    """A file of predictions or truth that breaks the contract: file, row, field, what is wrong."""


class DatasetError(EvaluationError):
    """A data set that is missing or not what its adapter states."""
