"""The line at the end of a run over several photos."""

from geoagent_graph.cli.run_summary import RunSummary
from geoagent_graph.errors import InputError, PhotoError
from tests.support.answers import porto_answer, unknown_answer


def test_every_photo_is_in_the_sum_and_failures_have_their_reasons() -> None:
    summary = RunSummary(copies=2)
    for error in (PhotoError("a"), PhotoError("b"), InputError("c")):
        summary.add_failure(error)
    answers = [porto_answer(), porto_answer(), porto_answer(), unknown_answer()]
    assert summary.sentence(answers, 75.2) == (
        "7 photos in 75 s: 3 to a city, 1 without a claim, 3 failed (no readable photo: 2, "
        "other: 1); 2 came more than once"
    )


def test_what_did_not_happen_is_not_said() -> None:
    assert RunSummary().sentence([porto_answer()], 1.0) == "1 photo in 1 s: 1 to a city"
