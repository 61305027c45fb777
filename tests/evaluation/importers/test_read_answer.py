from typing import Any

import pytest
from geoagent_evaluation.importers.answer import Point
from geoagent_evaluation.importers.read_answer import read_answer

LYON = '{"latitude": 45.75, "longitude": "4.85", "city": "Lyon", "country": "France"}'


@pytest.mark.parametrize(
    "value",
    [
        {"lat": 45.75, "lon": 4.85},
        {"LAT": "45.75", "LON": "4.85"},
        {"latitude": "45.75", "longitude": "4.85"},
        {"lat": 45.75, "lng": 4.85, "formatted_address": "Lyon"},
        {"gt_lat": 1, "pred_lat": 45.75, "gt_long": 2, "pred_long": 4.85},
        {"LAT": 1, "LON": 2, "predicted_latitude": 45.75, "predicted_longitude": 4.85},
        {"LAT": 1, "LON": 2, "answer": {"latitude": 45.75, "longitude": 4.85}},
        {"latitude": "45.75 N", "longitude": "4°51' E"},
        {"location": "(45.75, 4.85)"},
        {"coordinates": [45.75, 4.85]},
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [4.85, 45.75]}},
        {"prediction": "45.75, 4.85"},
        {"response": f"Some thoughts first.\n```json\n{LYON}\n```"},
        {"response": f"<think>10.5, 20.5?</think><answer>{LYON}</answer>"},
        {"response": LYON[:-1]},
        {"response": "Latitude: 45.75° N\nLongitude: 4.85° E"},
        {"response": "I first thought of 48.85, 2.35 but it is 45.75, 4.85."},
        {"response": "45°45'00\"N 4°51'00\"E"},
        {"response": "https://www.google.com/maps/@45.75,4.85,17z"},
        {"output": {"choices": [{"message": {"role": "assistant", "content": LYON}}]}},
        {"pred_output": [
            {"role": "user", "content": "1.5, 2.5"},
            {"role": "assistant", "content": [{"type": "text", "text": f"<answer>{LYON}"}]},
        ]},
        {"location_info": {"reverse_geocoding": {
            "confidence": "5", "coordinates": {"latitude": "45.75", "longitude": "4.85"},
        }}},
    ],
)  # fmt: skip
def test_a_point_is_read_in_the_shapes_that_it_is_published_in(value: Any) -> None:
    assert read_answer(value).points == (Point(45.75, 4.85),)


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"city": "Lyon", "country": "France"}, "Lyon, France"),
        ({"response": "{'country': 'France', 'city': 'Lyon', 'reasons': ''}"}, "Lyon, France"),
        ({"response": "<answer>Lyon, France</answer>"}, "Lyon, France"),
        ({"response": "Trams.\n**Country:** France\n- City: Lyon"}, "Lyon, France"),
        ({"response": "Trams, a river.\nFinal answer: Lyon, France."}, "Lyon, France"),
        (
            {"raw_response": '{"ChainOfThought": {}, "FinalAnswer": "France; Rhône; Lyon"}'},
            "Lyon, Rhône, France",
        ),
        ({"address": {"city": "Not applicable", "state": "Unknown", "country": "USA"}}, "USA"),
        ({"answer": {"latitude": "Unknown", "longitude": "Unknown", "country": "USA"}}, "USA"),
    ],
)
def test_a_place_is_read_small_before_large(value: Any, place: str) -> None:
    answer = read_answer(value)
    assert (answer.points, answer.place) == ((), place)


@pytest.mark.parametrize(
    "value",
    [
        {"response": "I'm sorry, I cannot say where people are."},
        {"response": '{"latitude": null, "longitude": null}'},
        {"response": "Unknown"},
        {"lat": None, "lon": None},
        {"prediction": {"city": "", "country": ""}},
    ],
)
def test_a_refusal_is_an_abstention(value: Any) -> None:
    answer = read_answer(value)
    assert answer.abstained
    assert not answer.points
    assert not answer.place


@pytest.mark.parametrize(
    "value",
    [
        {"LAT": 1, "LON": 2, "answer": None},
        {
            "LAT": 1,
            "LON": 2,
            "response": "Somewhere in the mountains, with more goats than one could ever count.",
        },
        {"LAT": 1, "LON": 2, "raw_response": "", "city": "Lyon"},
    ],
)
def test_the_truth_beside_a_reply_is_never_taken_for_the_answer(value: Any) -> None:
    assert not read_answer(value).says_something


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"lat": True, "lon": 2}, "True is not a number"),
        ({"lat": "1e999", "lon": 2}, "is not a number of degrees"),
        ({"lat": [1.0], "lon": [1.0, 2.0]}, "has 1 latitudes and 2 longitudes"),
        ({"geometry": {"type": "Point", "coordinates": 3}}, "its geometry is no point"),
    ],
)
def test_what_is_no_point_is_said(value: Any, told: str) -> None:
    answer = read_answer(value)
    assert not answer.says_something
    assert told in answer.problem


def test_the_best_points_are_candidates() -> None:
    answer = read_answer({"top_pred_gps": [[45.75, 4.85], [48.85, 2.35]]})
    assert answer.points == (Point(45.75, 4.85), Point(48.85, 2.35))
    samples = read_answer({"lat": [1.0, 2.0], "lon": [3.0, 4.0], "probs": [0.5, "25%"]})
    assert samples.points == (Point(1.0, 3.0, 0.5), Point(2.0, 4.0, 0.25))


@pytest.mark.parametrize(
    "text",
    [
        "{" * 100_000, "[" * 100_000, "<answer>" * 50_000, "</think>" * 50_000, "1." * 90_000,
        "lat " * 60_000, "lat 1" + " " * 150_000 + "lon\n.", "City: " * 50_000, "{'a':" * 30_000,
        "9" * 200_000,
    ],
)  # fmt: skip
def test_a_hostile_reply_says_nothing(text: str) -> None:
    assert not read_answer({"response": text}).says_something
