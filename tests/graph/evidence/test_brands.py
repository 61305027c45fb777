"""Names of brands in lines of text: the longest wins, one letter may be misread, words are none."""

import pytest

from geoagent_graph.evidence.brands import brand_table, brands_in


def names(text: str) -> dict[str, str]:
    return {brand.name: reading for brand, reading in brands_in(text).items()}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ROSSMANN", {"rossmann": "alone"}),
        ("OTP Bank ATM", {"otp bank": "among"}),
        ("中国农业银行", {"中国农业银行": "alone"}),
        ("R0SSMANN", {}),  # a digit may be anything
        ("ROSMANN", {"rossmann": "misread"}),
        ("Parking", {}),
        ("Station de recharge", {"recharge": "among"}),
        ("Baeckerei Huber", {}),
        ("", {}),
        ("McDonald's", {}),  # everywhere
    ],
)
def test_names_in_a_line(text: str, found: dict[str, str]) -> None:
    assert names(text) == found


def test_the_longest_name_wins() -> None:
    assert list(names("Agricultural Bank of China")) == ["agricultural bank of china"]


def test_the_table_has_brands_operators_and_networks_of_few_countries() -> None:
    brands = brand_table().by_name.values()
    assert {brand.kind for brand in brands} == {"b", "o", "t"}
    assert max(len(brand.countries) for brand in brands) <= 30
    assert min(len(brand.countries) for brand in brands) == 1
    assert "HU" in brand_table().by_name["rossmann"].countries
