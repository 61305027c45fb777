"""Keys of region names: with and without the word for their kind."""

import pytest

from geoagent_graph.geo.region_names import region_keys


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("Provincia de Tarragona", "tarragona"), ("Tỉnh Aqaba", "aqaba"), ("アカバ県", "アカバ"),
        ("Entre Ríos eyaleti", "entre rios"), ("新疆维吾尔自治区", "新疆"),
        ("Sangamon County", "sangamon"), ("Freistaat Bayern", "bayern"),
        ("Республика Карелия", "карелия"), ("محافظة العقبة", "العقبه"), ("Isle of Wight", "wight"),
        ("エントレ・リオス州", "エントレリオス"),
        ("ヴァーモント州", "バーモント"), ("ロレート県", "ロレト"),
    ],
)  # fmt: skip
def test_the_word_for_the_kind_may_be_left_out(name: str, bare: str) -> None:
    assert bare in region_keys(name)


def test_a_name_that_is_only_such_a_word_stays() -> None:
    assert region_keys("Region") == ("region",)
    assert region_keys("Land") == ("land",)
    assert region_keys("Bang Na") == ("bang na",)  # two letters are no name
    assert region_keys("...") == ()
