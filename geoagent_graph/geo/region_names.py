"""Keys of region names: as written, and without the word for what kind of region it is."""

import re
from typing import Final

from geoagent_graph.geo.names import fold

# Folded words that say "province", "district of" and the like, in front of a name or behind it.
_BEFORE: Final = (
    "municipality of", "municipalita di", "municipalite de", "comune di", "ayuntamiento de",
    "gmina", "regierungsbezirk", "verwaltungsgemeinschaft", "arrondissement de",
    "arrondissement du", "arrondissement", "opstina", "raionul", "comuna", "comarca de",
    "partido de", "rayon",
    "gorod", "hat", "vinh", "comunita di", "citta di", "ville de", "stadt", "ciudad de",
    "cidade de", "city of",
    "municipio di", "prefettura di", "distretto di", "dipartimento di", "governatorato del",
    "regione di", "contea di", "isole", "islas", "ilhas", "iles", "inseln",
    "province of", "county of", "state of", "republic of", "region of", "district of", "canton of",
    "department of", "prefecture of", "governorate of", "principality of", "isle of", "island of",
    "land", "freistaat", "kanton", "bundesland", "landkreis", "kreis", "provinz", "region", "insel",
    "politischer bezirk", "bezirk", "departement", "distrikt", "gouvernement", "verwaltungsgebiet",
    "province de la", "province du", "province de", "province d", "departement de la",
    "departement du", "departement des", "departement de l", "departement de", "departement d",
    "region de la", "region du", "region de l", "region de", "canton de", "canton du", "canton d",
    "ile de", "comte de", "district de", "gouvernorat de", "gouvernorat d", "wilaya de",
    "provincia de la", "provincia del", "provincia de", "provincia di", "provincia d",
    "provincia dell", "provincia", "departamento del", "departamento de", "departamento",
    "estado de", "estado do", "estado da", "estado", "comunidad de", "comunidad autonoma de",
    "comunidad foral de", "region del", "regione", "isla de", "isola di", "ilha de", "ilha da",
    "regiao de", "distrito de", "municipio de", "parroquia de", "principado de", "canton del",
    "condado de", "cantone", "stato di", "prefeitura de", "prefectura de", "gobernacion de",
    "governadorado de", "governatorato di", "gobernacion", "voivodia da",
    "wojewodztwo", "powiat", "obwod", "stan", "prowincja", "kraj", "okres", "zupanija", "judetul",
    "provincie", "provinsen", "provinsi", "kabupaten", "kota", "negara bagian", "pulau", "tinh",
    "thanh pho", "tiểu bang", "bang", "huyen", "quan", "amphoe", "changwat", "eparchia", "nomos",
    "perifereia", "politeia", "eilean", "oblast", "kommun", "gemeente", "kommune", "obcina",
    "concelho de", "mkoa wa", "jimbo la", "urdu", "il", "delstat",
    "область", "край", "республика", "провинция", "штат", "округ", "департамент", "регион",
    "кантон", "район", "остров", "графство", "губернаторство", "провінція", "республіка", "острів",
    "περιφερεια", "νομος", "επαρχια", "πολιτεια", "νησος", "καντονι", "κομητεια",
    "محافظة", "محافظه", "ولاية", "ولايه", "منطقة", "منطقه", "مقاطعة", "مقاطعه", "اقليم", "جزيره",
    "استان", "شهرستان", "ایالت", "ايالت", "صوبہ", "صوبه", "محافظہ", "جمهوريه", "بلديه", "كانتون",
    "מחוז", "מדינת", "פרובינציית", "האי", "นครรฐ", "จังหวัด", "รัฐ", "เกาะ", "แคว้น", "มณฑล",
)  # fmt: skip
_BEHIND: Final = (
    "autonomous prefecture", "autonomous region", "autonomous republic", "autonomous oblast",
    "autonomous okrug", "autonomous province", "autonomous community",
    "special administrative region",
    "metropolitan city", "special municipality", "capital district", "federal district",
    "administrative region", "capital region", "rural district", "municipality", "governorate",
    "province", "prefecture", "county", "district", "region", "state", "department", "oblast",
    "krai", "republic", "canton", "parish", "voivodeship", "division", "territory", "island",
    "islands", "borough", "census area", "city and borough", "municipio", "division", "emirate",
    "atoll", "okrug", "raion", "rayon", "uyezd", "zone", "woreda", "regency", "metropolitan area",
    "eyaleti", "ili", "valiligi", "bolgesi", "vilayeti", "yonetimi", "kantonu", "adasi",
    "cumhuriyeti",
    "lan", "landskap", "fylke", "fylki", "kommun", "provins", "delstat", "oblast", "zupanija",
    "megye", "tartomany", "kanton", "korzet", "koztarsasag", "maakunta", "laani", "provinssi",
    "maakond", "vald", "novads", "apskritis", "rajonas", "kraj", "okres", "obcina", "provincija",
    "gewest", "oy", "sy", "ey", "autonomisi", "tinh",
    "область", "обласць", "край", "провинция", "республика", "автономный округ", "округ", "регион",
    "провінція", "область", "район", "губерния", "муниципалитет", "остров", "острова",
    "প্রদেশ", "জেলা", "বিভাগ", "রাজ্য", "प्रान्त", "प्रांत", "राज्य", "जिला", "ज़िला", "क्षेत्र",
    "प्रदेश", "द्वीप",
    "governatorato", "vilaya",
)  # fmt: skip
# Written together with the name.
_ENDING: Final = re.compile(
    r"(?:维吾尔自治区|自由州|壮族自治区|回族自治区|特別行政區|特别行政区|自治区|自治區|自治州|自治共和国|共和国|共和國|"
    r"大区|大區|地区|地區|専区|都督府|諸島|列島|群岛|群島|半島|半岛|"
    r"特別市|広域市|광역시|특별시|특별자치도|특별자치시|자치구|자치주|공화국|제도|"
    r"省|県|縣|县|州|道|府|都|市|区|區|郡|島|岛|도|주|섬|현|시|군|구|성)$"
)

_BEFORE_KEYS: Final = frozenset(fold(words) for words in _BEFORE)
_BEHIND_KEYS: Final = frozenset(fold(words) for words in _BEHIND)
_MAX_KIND_WORDS: Final = 3
_FOREIGN_V: Final = (("ヴァ", "バ"), ("ヴィ", "ビ"), ("ヴェ", "ベ"), ("ヴォ", "ボ"), ("ヴ", "ブ"))
# A bare name shorter than that is a syllable, not a name; ideographs say more.
_MIN_BARE_CHARS: Final = 3
_MIN_BARE_IDEOGRAPHS: Final = 2
BEFORE_IDEOGRAPHS: Final = "\u2e80"


def region_keys(name: str) -> tuple[str, ...]:
    """Return the keys of a region's name, its own first, then without the word for its kind."""
    own = fold(name)
    inner = _without_front(own)
    bare = [inner, _without_back(own), _without_back(inner)]
    if own[:1] > BEFORE_IDEOGRAPHS:
        bare.append(_ENDING.sub("", own))
        # a point between the parts of a foreign name is written or not
        bare += [key.replace(" ", "") for key in (own, *bare)]
        # and so is a long vowel, and a foreign v is one of two letters
        bare += [key.replace("ー", "") for key in bare if "ー" in key]
        bare += [_as_b(key) for key in (own, *bare) if "ヴ" in key]
    return tuple(dict.fromkeys([key for key in (own,) if key] + [k for k in bare if _is_name(k)]))


def _as_b(key: str) -> str:
    """Return a name in kana with every foreign v written as b."""
    for letters, plain in _FOREIGN_V:
        key = key.replace(letters, plain)
    return key


def _without_front(key: str) -> str:
    words = key.split(" ", _MAX_KIND_WORDS)
    for count in range(min(_MAX_KIND_WORDS, len(words) - 1), 0, -1):
        if " ".join(words[:count]) in _BEFORE_KEYS:
            return " ".join(words[count:])
    return key


def _without_back(key: str) -> str:
    words = key.rsplit(" ", _MAX_KIND_WORDS)
    for count in range(min(_MAX_KIND_WORDS, len(words) - 1), 0, -1):
        if " ".join(words[-count:]) in _BEHIND_KEYS:
            return " ".join(words[:-count])
    return key


def _is_name(key: str) -> bool:
    return len(key) >= (_MIN_BARE_IDEOGRAPHS if key[:1] > BEFORE_IDEOGRAPHS else _MIN_BARE_CHARS)
