"""The compiled areas of prefixes are those of libphonenumber."""

import re
from importlib import metadata
from pathlib import Path

import pytest
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from geoagent_graph.evidence.phones.area_table import area_table

PROJECT = Path(__file__).parents[4]


def test_the_table_is_of_the_version_that_is_tested() -> None:
    pins = (PROJECT / "constraints.txt").read_text(encoding="utf-8")
    pinned = re.search(r"^phonenumbers==(\S+)", pins, re.MULTILINE)
    assert pinned is not None
    assert area_table().version == pinned[1], "python -m tools.compile_phone_areas"


def test_all_of_it_is_what_the_package_says() -> None:
    if metadata.version("phonenumbers") != area_table().version:
        pytest.skip("another version is installed")
    from tools.compile_phone_areas import area_descriptions  # 0.7 s

    found = [row for code in COUNTRY_CODE_TO_REGION_CODE for row in area_table().of_code(str(code))]
    assert dict(found) == area_descriptions()


@pytest.mark.parametrize(
    ("digits", "prefix"),
    [("34981554123", "34981"), ("390352471180", "39035"), ("1201222", "1201222")],
)
def test_the_longest_prefix_counts(digits: str, prefix: str) -> None:
    found = area_table().longest_prefix(digits)
    assert found is not None
    assert found[0] == prefix


def test_prefixes_of_a_code_are_sorted_as_text() -> None:
    digits = [prefix for prefix, _ in area_table().of_code("351")]
    assert digits == sorted(digits)
    assert all(prefix.startswith("351") for prefix in digits)


def test_digits_that_no_prefix_begins_have_none() -> None:
    assert area_table().longest_prefix("9990123456") is None
    assert area_table().longest_prefix("") is None
