"""The shipped JSON Schemas say what the readers say, line by line."""

import json
from typing import Any

import jsonschema
import pytest
from geoagent_evaluation.contract.json_lines import parse_object
from geoagent_evaluation.contract.prediction_row import PREDICTION_FIELDS, check_prediction
from geoagent_evaluation.contract.read_predictions import ERROR_FIELD
from geoagent_evaluation.contract.row_checks import RowProblem
from geoagent_evaluation.contract.schemas import line_schema
from geoagent_evaluation.contract.truth_row import TRUTH_FIELDS, check_truth

from tests.support.prediction_files import BROKEN_LINES, GOOD, TRUTH

# What JSON Schema cannot say: sums, agreement of list members, other rows, bytes.
BEYOND_SCHEMA = {
    "probabilities above 1", "some probabilities", "repeated id", "unknown id", "key twice",
    "half a character in the id", "infinite",
}  # fmt: skip
GOOD_ROWS: list[dict[str, Any]] = [
    dict(GOOD),
    {"id": "b", "abstained": True},
    {"id": "b", "level": "none"},
    {"id": "b", "abstained": True, "lat_deg": 1, "lon_deg": 2, "level": None},
    {**GOOD, "candidates": ["PT", "PT-11", {"place": "2267057"}], "evidence": ["text"]},
    {**GOOD, "candidates": [], "unknown_field": {"a": [1]}, "region": None, "radius_km": 0},
]


def _validator(name: Any) -> Any:
    schema = line_schema(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_schemas_name_the_fields_of_the_readers_and_their_version() -> None:
    assert line_schema("prediction")["$id"] == "geoagent-prediction/1"
    fields = {*PREDICTION_FIELDS, ERROR_FIELD}
    assert set(line_schema("prediction")["properties"]) == fields
    assert line_schema("truth")["$id"] == "geoagent-truth/1"
    assert set(line_schema("truth")["properties"]) == set(TRUTH_FIELDS)


def test_what_the_reader_takes_the_schema_takes() -> None:
    validator = _validator("prediction")
    for row in GOOD_ROWS:
        assert check_prediction(row).id == row["id"]
        assert list(validator.iter_errors(row)) == []
    truth = _validator("truth")
    assert validator.is_valid({"id": "b", "error": "no reply"})
    for line in (*TRUTH, {"id": "d", "country": "PT"}):
        assert check_truth(line).id == line["id"]
        assert list(truth.iter_errors(line)) == []


@pytest.mark.parametrize("name", sorted(BROKEN_LINES.keys() - BEYOND_SCHEMA))
def test_what_the_reader_refuses_the_schema_refuses(name: str) -> None:
    line = BROKEN_LINES[name][0]
    try:
        row = parse_object(line.decode())
    except (RowProblem, UnicodeDecodeError):
        return  # no JSON that a schema could be asked about
    with pytest.raises(RowProblem):
        check_prediction(row)
    assert not _validator("prediction").is_valid(row)


def test_truth_needs_a_point_or_a_country() -> None:
    with pytest.raises(RowProblem):
        check_truth({"id": "d"})
    assert not _validator("truth").is_valid({"id": "d"})


@pytest.mark.parametrize("field", TRUTH_FIELDS)
def test_wrong_types_are_refused_by_both(field: str) -> None:
    row = {**TRUTH[0], field: [json.dumps(field)]}
    with pytest.raises(RowProblem):
        check_truth(row)
    assert not _validator("truth").is_valid(row)
