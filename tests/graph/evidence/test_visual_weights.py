"""Weights of a model that sees, as a user fitted them, come back from their file or are refused."""

import json
from pathlib import Path

import pytest

from geoagent_graph.errors import InputError
from geoagent_graph.evidence.visual_weights import (
    VisualWeights,
    read_visual_weights,
    visual_file_text,
)

WEIGHTS = VisualWeights(
    how="fitted on nothing", country_temperature=1.5, city_temperature=0.8, region_share=0.2,
    country_share=0.15, continent_share=0.05, uninformative=0.1,
)  # fmt: skip


def test_a_file_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "visual.json"
    path.write_text(visual_file_text(WEIGHTS, "geoclip/1"))
    found = read_visual_weights(path, "geoclip/1")
    assert (found.country_temperature, found.city_temperature) == (1.5, 0.8)
    assert found.shares == pytest.approx((0.5, 0.2, 0.15, 0.05, 0.1))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"places_id": "other"}, "was fitted for 'other', but geoclip/1 is in use"),
        ({"format": "x"}, "is no file of tools/fit_visual.py"),
        ({"city_temperature": 0}, "city_temperature is 0, not 0.05 to 100.0"),
        ({"country_temperature": float("nan")}, "country_temperature is nan"),
        ({"region_share": 0.9}, "its shares sum to more than 1"),
        ({"uninformative": True}, "uninformative is True"),
        ({"uninformative": "0.1"}, "uninformative is '0.1'"),
    ],
)
def test_another_file_is_refused_in_one_line(
    changes: dict[str, object], said: str, tmp_path: Path
) -> None:
    path = tmp_path / "visual.json"
    path.write_text(json.dumps(json.loads(visual_file_text(WEIGHTS, "geoclip/1")) | changes))
    with pytest.raises(InputError, match=said) as caught:
        read_visual_weights(path, "geoclip/1")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("text", "said"), [("{", "is not JSON"), ("[" * 90_000, "is not JSON")])
def test_what_is_no_json_is_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "visual.json").write_text(text)
    with pytest.raises(InputError, match=said):
        read_visual_weights(tmp_path / "visual.json", "geoclip/1")
    with pytest.raises(InputError, match="cannot be read"):
        read_visual_weights(tmp_path / "absent.json", "geoclip/1")
