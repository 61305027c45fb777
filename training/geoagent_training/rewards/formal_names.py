"""Formal names of countries without their form of state: "Kingdom of Spain" is Spain.

States sign as "Islamic Republic of ...", ISO 3166 writes "Iran, Islamic Republic of", and some
formal names bear the adjective ("Kyrgyz Republic"). Country names in daily use stand elsewhere.
"""

import re
from collections.abc import Iterator
from itertools import dropwhile
from typing import Final

from geoagent_graph.geo.names import fold

# Words of a form of state, in the languages of the United Nations and of large data sets. They go
# at both ends of a name only, and never all of it.
_WORDS: Final = """
the of and republic kingdom principality sultanate emirate duchy grand confederation federation
union commonwealth democratic popular peoples people socialist islamic arab hashemite federal
federative federated plurinational bolivarian independent cooperative co operative united
oriental eastern state states nation country territory territorial collectivity overseas
community province special administrative region sar abode peace fed sts islands rep dem rb
republique royaume principaute sultanat duche democratique populaire socialiste islamique arabe
hachemite federale bolivarienne independant unie unies uni unis etat etats du de des d la le les
l republica reino principado sultania sultanato gran ducado mancomunidad democratica socialista
islamica hachemita federativa bolivariana independiente cooperativa unida unido unidos
plurinacional estado estados del el los las y e do da dos das federacao uniao repubblica regno
principato granducato di della dello republik bundesrepublik konigreich furstentum
grossherzogtum volksrepublik demokratische islamische arabische vereinigte foderale foderative
demokratischen volks sozialistische der staat republiek koninkrijk республика королевство
княжество великое герцогство султанат союз федерация конфедерация содружество демократическая
народная социалистическая исламская арабская федеративная федеральная объединенная
многонациональное боливарианская независимое кооперативная хашимитское государство восточная и
جمهوريه مملكه سلطنه دوله اماره اتحاد كومنولث الديمقراطيه الشعبيه الاشتراكيه الاسلاميه العربيه
المملكه الاتحاديه الهاشميه المتحده البوليفاريه التعاونيه respublikasi cumhuriyeti kralligi
республикасы жумхурияти республіка рэспубліка република краљевина королівство кралство गणराज्य
republika kraljevina cong hoa vuong quoc xa hoi chu nghia dan kerajaan negara rzeczpospolita
krolestwo
"""
_WORDS_OF_STATE: Final = frozenset(map(fold, _WORDS.split()))
# As maps shorten names (Natural Earth: "Eq. Guinea", "S. Sudan", "Fr. Polynesia"), folded.
_LONG_WORDS: Final[dict[str, str]] = {
    "s": "south", "n": "north", "w": "western", "e": "east", "eq": "equatorial", "fr": "french",
    "is": "islands", "herz": "herzegovina", "br": "british", "st": "saint", "barb": "barbuda",
    "gren": "grenadines", "u": "united", "ter": "territory", "terr": "territory",
}  # fmt: skip
# Written together with the name, in scripts without spaces; those that end a name first.
_ENDING: Final = re.compile(
    r"(?:民主社会主义|民主主义|民主主義|社会主义|社會主義|伊斯兰|伊斯蘭|多民族|玻利瓦尔|联邦|聯邦|連邦|合作|阿拉伯|"
    r"独立|人民|民主|共和|国|國|大公|公|王|酋长|苏丹|联合|合众|合眾|协会|공화|왕|국|인민|민주|연방|공|"
    r"イスラム|社会主義|人民)$"
)
_BEGINNINGS: Final = re.compile(
    r"^(?:ประเทศ|สาธารณรัฐ|ราชอาณาจักร|ประชาธิปไตย|ประชาชน|สหพันธ|รัฐ|สังคมนิยม|อิสลาม|ราชรัฐ|"
    r"ສາທາລະນະລັດ|ປະເທດ|ប្រទេស|ព្រះរាជាណាចក្រ|သမ္မတ)+"
)
_FRONT_OF_HAN: Final = re.compile(r"^(?:阿拉伯|多民族|大)(?=\w{2})")
_ELISION: Final = re.compile(r"\b[dlDL]['’]")
_REMARK: Final = re.compile(r"\s*\[[^\[\]]{0,80}\]")
_PARTED: Final = re.compile(r"(?P<front>[^,(]+?)\s*(?:,\s*|\()(?P<behind>[^,()]+?)\)?")
_UNDER_CHINA: Final = re.compile(r"\b(?:sar|special administrative region|province)(?: of)? china$")
# What stands before "Republic" where a formal name bears an adjective, folded.
_ADJECTIVES: Final[dict[str, str]] = {
    "kyrgyz": "KG", "french": "FR", "hellenic": "GR", "italian": "IT", "portuguese": "PT",
    "lebanese": "LB", "gabonese": "GA", "togolese": "TG", "rwandese": "RW", "rwandan": "RW",
    "swiss": "CH", "mexican": "MX", "argentine": "AR", "slovak": "SK", "czech": "CZ",
    "tunisian": "TN", "syrian": "SY", "lao": "LA", "russian": "RU", "turkish": "TR",
    "austrian": "AT", "polish": "PL", "croatian": "HR", "hungarian": "HU", "finnish": "FI",
    "estonian": "EE", "latvian": "LV", "lithuanian": "LT", "bulgarian": "BG", "albanian": "AL",
    "macedonian": "MK", "dominican": "DO", "central african": "CF", "chilean": "CL",
    "colombian": "CO", "peruvian": "PE", "korean": "KR", "indian": "IN", "egyptian": "EG",
    "francaise": "FR", "hellenique": "GR", "italienne": "IT", "portugaise": "PT",
    "libanaise": "LB", "gabonaise": "GA", "togolaise": "TG", "rwandaise": "RW", "suisse": "CH",
    "kirghize": "KG", "tunisienne": "TN", "tcheque": "CZ", "slovaque": "SK",
    "mexicains": "MX", "dominicaine": "DO", "centrafricaine": "CF", "malgache": "MG",
    "kirguisa": "KG", "francesa": "FR", "helenica": "GR", "italiana": "IT", "portuguesa": "PT",
    "libanesa": "LB", "gabonesa": "GA", "togolesa": "TG", "suiza": "CH", "tunecina": "TN",
    "checa": "CZ", "eslovaca": "SK", "argentina": "AR", "mexicanos": "MX", "dominicana": "DO",
    "centroafricana": "CF", "rwandesa": "RW", "brunei abode of": "BN", "federal german": "DE",
    "kirgisische": "KG", "franzosische": "FR", "hellenische": "GR", "italienische": "IT",
    "portugiesische": "PT", "libanesische": "LB", "gabunische": "GA", "togoische": "TG",
    "schweizerische": "CH", "tunesische": "TN", "tschechische": "CZ",
    "slowakische": "SK", "dominikanische": "DO", "zentralafrikanische": "CF", "osterreich": "AT",
    "французская": "FR", "греческая": "GR", "итальянская": "IT", "португальская": "PT",
    "ливанская": "LB", "габонская": "GA", "тоголезская": "TG", "швейцарская": "CH",
    "кыргызская": "KG", "киргизская": "KG", "тунисская": "TN", "чешская": "CZ",
    "словацкая": "SK", "аргентинская": "AR", "доминиканская": "DO",
    "центральноафриканская": "CF", "эллинская": "GR", "руандийская": "RW", "российская": "RU",
    "мексиканские соединенные штаты": "MX", "المغربيه": "MA",
    "الفرنسيه": "FR", "اللبنانيه": "LB", "التونسيه": "TN", "الجزائريه": "DZ",
    "اليمنيه": "YE", "الاردنيه": "JO", "السعوديه": "SA", "الايطاليه": "IT", "البرتغاليه": "PT",
    "الهلينيه": "GR", "التشيكيه": "CZ", "السلوفاكيه": "SK", "الدومينيكيه": "DO",
}  # fmt: skip
# Formal and official names that follow no rule, and that neither CLDR nor iso-codes has.
_NAMES_WITHOUT_RULE: Final[dict[str, str]] = {
    # two countries each in everyday speech, one in ISO 3166, CLDR and the United Nations
    "Congo": "CG",
    "Конго": "CG",
    "Samoa": "WS",
    "Saint Martin": "MF",
    "Saint-Martin": "MF",
    "Saint Martin (French part)": "MF",
    "Демократическая Республика Конго": "CD",
    "Республика Конго": "CG",
    "جمهورية الكونغو الديمقراطية": "CD",
    "República del Congo": "CG",
    "Demokratische Republik Kongo": "CD",
    "Republik Kongo": "CG",
    "Democratic Republic of Congo": "CD",
    "Congo, Democratic Republic": "CD",
    "Congo, Dem. Rep.": "CD",
    "Dem. Rep. of the Congo": "CD",
    "Dem. Rep. of Congo": "CD",
    "콩고민주공화국": "CD",
    "Republica Democratica do Congo": "CD",
    "Repubblica Democratica del Congo": "CD",
    "congo republic": "CG",
    "congo the": "CG",
    "republic of congo": "CG",
    "congo republic of": "CG",
    "congo republic of the": "CG",
    "congo rep": "CG",
    "korea dem peoples rep": "KP",
    "confoederatio helvetica": "CH",
    "大韓民国": "KR",
    "the former yugoslav republic of macedonia": "MK",
    "united kingdom of great britain and northern ireland the": "GB",
    "west bank and gaza": "PS",
    "gaza strip": "PS",
    "territory of the french southern and antarctic lands": "TF",
    "french southern and antarctic lands": "TF",
    "united states virgin islands": "VI",
    "virgin islands of the united states": "VI",
    "st helena ascension and tristan da cunha": "SH",
    "st barths": "BL",
    "great socialist peoples libyan arab jamahiriya": "LY",
    "sahrawi arab democratic republic": "EH",
    "occupied palestinian territory": "PS",
    "independent state of samoa": "WS",
    "dem rep congo": "CD",
    "n mariana is": "MP",
    "u s virgin is": "VI",
    "st vin and gren": "VC",
    "联合王国": "GB",
    "المملكة المتحدة لبريطانيا العظمى وأيرلندا الشمالية": "GB",
    "المملكة المتحدة لبريطانيا العظمى وايرلندا الشمالية": "GB",
    "الولايات المتحدة الأمريكية": "US",
    "République populaire démocratique de Corée": "KP",
    "جمهورية كوريا الشعبية الديمقراطية": "KP",
    "República de Kazajstán": "KZ",
}
_WHOLE_NAMES: Final = {
    fold(_ELISION.sub(" ", name)): code for name, code in _NAMES_WITHOUT_RULE.items()
}


def code_by_formal_name(name: str) -> str | None:
    """Return the country that signs with this name, where no rule leads to its daily one."""
    key = _key_of(name)
    if key in _WHOLE_NAMES:
        return _WHOLE_NAMES[key]
    bare = _without_state(key)
    return _ADJECTIVES.get(bare) if bare != key else None


def daily_names(name: str) -> tuple[str, ...]:
    """Return what is left of a formal name without the words for its form of state, best first.

    "Iran, Islamic Republic of" gives "Islamic Republic of Iran", then "iran"; a name without such
    words gives nothing.
    """
    plain = _REMARK.sub("", name)
    found = [plain]
    for text in (_turn_around(plain), plain):
        found += [text, *_without_form_of_state(_key_of(text))]
    found.append(_with_long_words(_key_of(plain)))
    return tuple(dict.fromkeys(text for text in found if text and text != name))


def _with_long_words(key: str) -> str:
    return " ".join(_LONG_WORDS.get(word, word) for word in key.split(" "))


def _turn_around(name: str) -> str:
    """Return "B A" for "A, B" and "A (B)", as registers write names; else the name."""
    parted = _PARTED.fullmatch(name)
    return f"{parted['behind']} {parted['front']}" if parted else name


def _without_form_of_state(key: str) -> list[str]:
    words = key.split(" ")
    found = [key.removeprefix("the "), _UNDER_CHINA.sub("", key).strip()]
    behind = len(words) - len(_without_behind(words))
    front = len(words) - len(_without_front(words))
    found += [" ".join(words[:-count]) for count in range(1, behind + 1)]
    found += [" ".join(words[count:]) for count in range(1, front + 1)]
    found.append(_without_state(key))
    found += [*_without_endings(key), _BEGINNINGS.sub("", key), _FRONT_OF_HAN.sub("", key)]
    found += [*_without_endings(_FRONT_OF_HAN.sub("", key))]
    return [text for text in found if text and text != "国"]


def _without_endings(key: str) -> Iterator[str]:
    """Yield a name in a script without spaces with ever fewer of the words that end it."""
    while (short := _ENDING.sub("", key)) != key and short:
        yield from (short, f"{short}国")
        key = short


def _key_of(name: str) -> str:
    """Return the folded name, "d'" and "l'" parted from the word behind them."""
    return fold(_ELISION.sub(" ", name))


def _without_state(key: str) -> str:
    return " ".join(_without_behind(_without_front(key.split(" "))))


def _without_front(words: list[str]) -> list[str]:
    return [*dropwhile(_WORDS_OF_STATE.__contains__, words)]


def _without_behind(words: list[str]) -> list[str]:
    return _without_front(words[::-1])[::-1]
