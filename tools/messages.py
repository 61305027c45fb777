"""Bring the catalogue of translations up to date: `python tools/messages.py`, or `make messages`.

Collects every sentence that is marked in the package's Python, in the scripts of the page and of
the report, and all words of the page; writes `geoagent_graph/locale/messages.pot` and takes new
sentences into the catalogue of each language, where they wait for their translation. A sentence
that is nowhere said any more is taken out. With `--check` nothing is written, and the exit status
is 1 where a file is not up to date or a sentence has no translation.
"""

import argparse
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from geoagent_graph.serve.page_language import words_of_page
from geoagent_graph.translation import LANGUAGES, SOURCE_LANGUAGE, STORED

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGE: Final = ROOT / "geoagent_graph"
FOLDER: Final = PACKAGE / "locale"
PAGE: Final = PACKAGE / "serve" / "static" / "index.html"
KEYWORDS: Final[dict[str, Any]] = {
    "_": None, "gettext": None, "mark": None, "sentence": None, "pieces": None,
    "counted": (1, 2), "ngettext": (1, 2),
}  # fmt: skip
_NEITHER_CODE_NOR_NEWS: Final = ('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By')


def collect_messages() -> Catalog:
    """Return the template: every marked sentence with the files that say it."""
    template = Catalog(project="geoagent-graph", charset="utf-8")
    for path in sorted(PACKAGE.rglob("*.py")):
        _add_from(path, "python", template)
    for path in (
        *sorted((PAGE.parent / "js").rglob("*.js")),
        PACKAGE / "render/html/trace_check.js",
    ):
        _add_from(path, "javascript", template)
    for words in words_of_page(PAGE.read_text("utf-8")):
        template.add(words, locations=[(_name_of(PAGE), 1)])
    return template


def _add_from(path: Path, method: str, template: Catalog) -> None:
    content = path.read_bytes()
    options = {"template_string": "true", "parse_template_string": "true"}
    for keywords, context in ((KEYWORDS, None), ({"template": None}, STORED)):
        found = extract(method, io.BytesIO(content), keywords, options=options)
        for _, words, _, _ in found:
            template.add(words, locations=[(_name_of(path), 1)], context=context)


def _name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def files_to_write() -> Iterator[tuple[Path, str, Catalog]]:
    """Yield each file of the catalogue, what is to be in it, and its messages."""
    template = collect_messages()
    yield FOLDER / "messages.pot", _file_text(template), template
    for tag in LANGUAGES:
        if tag == SOURCE_LANGUAGE:
            continue
        path = FOLDER / f"{tag}.po"
        known = path.read_bytes() if path.exists() else b""
        catalogue = read_po(io.BytesIO(known), locale=tag)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        yield path, _file_text(catalogue), catalogue


def _file_text(catalogue: Catalog) -> str:
    stream = io.BytesIO()
    catalogue.header_comment = (
        f"# {catalogue.project}: {catalogue.locale or 'every marked sentence'}"
    )
    catalogue.fuzzy = False
    write_po(stream, catalogue, width=100, sort_by_file=True, include_lineno=False)
    lines = stream.getvalue().decode().splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(_NEITHER_CODE_NOR_NEWS))


def missing_translations(catalogue: Catalog) -> list[str]:
    """Return the sentences of a language that nobody has translated."""
    missing = []
    for message in catalogue:
        forms = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        if message.id and (message.fuzzy or not all(forms)):
            missing.append(message.id if isinstance(message.id, str) else message.id[0])
    return missing


def main() -> int:
    """Write the files, or check them; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; 1 where it would")
    check = parser.parse_args().check
    is_behind = False
    for path, text, catalogue in files_to_write():
        old = path.read_text("utf-8") if path.exists() else ""
        missing = missing_translations(catalogue) if catalogue.locale else []
        state = "up to date" if old == text else "is behind" if check else "written"
        print(f"{path.name}: {len(catalogue)} sentences, {len(missing)} to translate; {state}")
        is_behind = is_behind or old != text or bool(missing)
        if not check and old != text:
            path.write_text(text, "utf-8")
    return int(check and is_behind)


if __name__ == "__main__":
    sys.exit(main())
