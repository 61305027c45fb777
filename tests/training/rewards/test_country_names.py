"""Countries by code, daily and formal name, in every language of CLDR."""

import random
from gettext import translation

import pycountry
import pytest
from babel import Locale
from geoagent_training.rewards.country_names import country_of_code
from geoagent_training.rewards.places import PlaceResolver
from geoagent_training.rewards.reward_tools import RewardTools

from geoagent_graph.geo.countries import english_names

# ISO 3166-1, the United Nations and the World Bank write them like this
FORMAL = {
    "Kyrgyz Republic": "KG",
    "Hong Kong SAR": "HK",
    "China, Hong Kong Special Administrative Region": "HK",
    "Macao SAR China": "MO",
    "Kingdom of Saudi Arabia": "SA",
    "French Republic": "FR",
    "Iran, Islamic Republic of": "IR",
    "Bolivia (Plurinational State of)": "BO",
    "Lao PDR": "LA",
    "Korea, Republic of": "KR",
    "Korea (the Democratic People's Republic of)": "KP",
    "Congo, The Democratic Republic of the": "CD",
    "Congo (the)": "CG",
    "Virgin Islands, U.S.": "VI",
    "United Kingdom of Great Britain and Northern Ireland (the)": "GB",
    "Swiss Confederation": "CH",
    "United Republic of Tanzania": "TZ",
    "Tanzania, the United Republic of": "TZ",
    "Falkland Islands (the) [Malvinas]": "FK",
    "Palestine, State of": "PS",
    "Hellenic Republic": "GR",
    "Taiwan, Province of China": "TW",
    "Commonwealth of the Northern Mariana Islands": "MP",
    "Egypt, Arab Rep.": "EG",
    "Gambia, The": "GM",
    "United Mexican States": "MX",
    "Nation of Brunei, Abode of Peace": "BN",
    "Republic of the Union of Myanmar": "MM",
    "Saint Martin (French part)": "MF",
    "Independent State of Samoa": "WS",
    "Eq. Guinea": "GQ",
    "S. Sudan": "SS",
    "Fr. Polynesia": "PF",
    "Dem. Rep. Congo": "CD",
}
ELSEWHERE = {
    "ประเทศไทย": "TH", "ราชอาณาจักรไทย": "TH", "肯尼亚共和国": "KE", "日本国": "JP",
    "대한민국": "KR",
    "République d’Albanie": "AL", "Кыргызская Республика": "KG", "Ελληνική Δημοκρατία": "GR",
    "Estados Unidos Mexicanos": "MX", "Bundesrepublik Deutschland": "DE", "Magyarország": "HU",
    "المملكة المغربية": "MA", "Cộng hòa Xã hội chủ nghĩa Việt Nam": "VN", "फ़्रांस": "FR",
    "Republika Hrvatska": "HR", "Royaume d'Espagne": "ES",
    "Соединённые Штаты Америки": "US", "朝鲜民主主义人民共和国": "KP", "沙特阿拉伯王国": "SA",
    "阿拉伯叙利亚共和国": "SY", "多民族玻利维亚国": "BO", "Қазақстан Республикасы": "KZ",
    "भारत गणराज्य": "IN", "República Popular Democrática de Corea": "KP",
    "الاتحاد السويسري": "CH", "Королевство Нидерландов": "NL",
}  # fmt: skip


@pytest.fixture(scope="module")
def resolver(tools: RewardTools) -> PlaceResolver:
    assert isinstance(tools.resolver, PlaceResolver)
    return tools.resolver


@pytest.mark.parametrize(("name", "code"), [*FORMAL.items(), *ELSEWHERE.items()])
def test_formal_names_are_countries(resolver: PlaceResolver, name: str, code: str) -> None:
    assert resolver.country_codes(name)[:1] == (code,)
    assert resolver.names_one_country(name)


@pytest.mark.parametrize(
    ("name", "official", "also"),
    [("Congo", "CG", "CD"), ("Конго", "CG", "CD"), ("Samoa", "WS", "AS")],
)
def test_of_two_countries_of_one_name_the_official_one_bears_it(
    resolver: PlaceResolver, name: str, official: str, also: str
) -> None:
    assert resolver.country_codes(name) == (official, also)  # "Congo; Kinshasa" is still found
    assert resolver.same_place(name, official)
    assert not resolver.same_place(name, also)
    assert resolver.same_place("Democratic Republic of Congo", "CD")
    assert not resolver.same_place("Korea", "KR")  # of both, officially of neither


def test_formal_names_of_iso_3166_in_many_languages_are_countries(resolver: PlaceResolver) -> None:
    chooser = random.Random(7)
    wrong = []
    for language in ("ar", "de", "es", "fr", "hi", "ja", "ko", "pl", "ru", "tr", "vi", "zh_CN"):
        told = translation("iso3166-1", pycountry.LOCALES_DIR, [language]).gettext
        for country in chooser.sample([*pycountry.countries], 20):
            name = told(getattr(country, "official_name", country.name))
            codes = resolver.country_codes(name)
            wrong += [] if country.alpha_2 in codes else [(language, country.alpha_2, name, codes)]
    assert wrong == []


def test_every_country_is_known_by_its_codes_and_under_republic_of(resolver: PlaceResolver) -> None:
    for country in resolver.gazetteer.countries:
        assert resolver.country_codes(country.code) == (country.code,)
        assert resolver.country_codes(country.iso3) == (country.code,)
        # the Republic of China is Taiwan
        republic = "People's Republic of {}" if country.code == "CN" else "Republic of {}"
        for formal in (republic, "{}, Kingdom of", "{} (the)"):
            assert country.code in resolver.country_codes(formal.format(country.name))
        assert resolver.english_country(country.code) == country.name


def test_names_of_cldr_in_many_languages_are_countries(resolver: PlaceResolver) -> None:
    chooser = random.Random(5)
    known = {code for code in english_names() if len(code) == 2}
    wrong = []
    for language in ("bn", "cs", "el", "fi", "he", "hi", "hu", "km", "sw", "tr", "uk", "vi"):
        names = Locale.parse(language).territories
        for code in chooser.sample(sorted(known & set(names)), 20):
            codes = resolver.country_codes(names[code])
            wrong += [] if code in codes else [(language, code, names[code], codes)]
    assert wrong == []


@pytest.mark.parametrize(
    "text", ["Republic", "Kingdom of", "The", "United", "Europe", "Portugal or Spain", "fr", "FRX"]
)
def test_words_of_state_and_lists_are_no_country(resolver: PlaceResolver, text: str) -> None:
    assert not resolver.names_one_country(text)


def test_only_codes_in_capitals_become_names() -> None:
    assert [country_of_code(t) for t in (" FR", "FRA", "NA", "de", "QQ", "Peru", "")] == [
        "France", "France", "Namibia", "de", "QQ", "Peru", ""
    ]  # fmt: skip
