"""The datasets of an IPTC-IIM block that name place and time."""

from geoagent_graph.images.sandbox.plain_values import MAX_TEXT_CHARS

_RECORD = 2
_NAMES = {
    55: "date",
    60: "time",
    90: "city",
    92: "sublocation",
    95: "region",
    100: "country_code",
    101: "country",
}
_UTF8 = b"\x1b%G"  # dataset 1:90


def read_iptc(block: bytes) -> dict[str, str]:
    """Return the wanted datasets by name, the first of each."""
    found: dict[str, bytes] = {}
    encoding = "latin-1"
    at = 0
    while at + 5 <= len(block) and block[at] == 0x1C:
        record, dataset = block[at + 1], block[at + 2]
        size = int.from_bytes(block[at + 3 : at + 5], "big")
        if size & 0x8000:  # a dataset of more than 32 kB, which no name is
            break
        value = block[at + 5 : at + 5 + size]
        if (record, dataset) == (1, 90) and value == _UTF8:
            encoding = "utf-8"
        if record == _RECORD and dataset in _NAMES:
            found.setdefault(_NAMES[dataset], value)
        at += 5 + size
    return {name: _decode_text(value, encoding) for name, value in found.items() if value}


def _decode_text(value: bytes, encoding: str) -> str:
    """Return the text; UTF-8 also where it is not declared, for many programs forget to."""
    try:
        return value.decode("utf-8")[:MAX_TEXT_CHARS]
    except UnicodeDecodeError:
        return value.decode(encoding, "replace")[:MAX_TEXT_CHARS]
