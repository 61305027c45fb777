"""The exit statuses are distinct, and the text of `--help` explains each of them."""

import re

from geoagent_graph.cli import exit_codes


def codes() -> dict[str, int]:
    return {name: code for name, code in vars(exit_codes).items() if isinstance(code, int)}


def test_each_status_means_one_thing_and_fits_a_shell() -> None:
    assert len(set(codes().values())) == len(codes())
    assert all(0 <= code < 256 for code in codes().values())


def test_statuses_of_signals_are_those_of_a_shell() -> None:
    assert exit_codes.INTERRUPTED == 128 + 2
    assert exit_codes.BROKEN_PIPE == 128 + 13


def test_what_a_script_may_meet_is_explained() -> None:
    explained = {int(number) for number in re.findall(r"\b(\d+) [a-z]", exit_codes.EXPLAINED)}
    assert explained >= set(codes().values()) - {exit_codes.BROKEN_PIPE}
