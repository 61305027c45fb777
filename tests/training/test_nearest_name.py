"""A hint where a name is nearly right, and none where it is not."""

from geoagent_training.nearest_name import did_you_mean


def test_the_nearest_name_is_offered() -> None:
    known = ["spatial", "semantic", "step_budget"]
    assert did_you_mean("spacial", known) == "; did you mean spatial?"
    assert did_you_mean("stepbudget", iter(known)) == "; did you mean step_budget?"


def test_a_name_that_is_near_to_none_gets_no_hint() -> None:
    assert did_you_mean("weather", ["spatial", "semantic"]) == ""
    assert did_you_mean("spatial", []) == ""
