"""The faults of the built documentation; the exit status is 1 where there are any.

    python tools/check_site.py site

* Nothing is loaded from elsewhere: scripts, styles, fonts, pictures and frames come with the site.
  Links that a reader follows may lead anywhere.
* Every public name of the packages has an entry in the reference.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    "geoagent_graph",
    "kernels/geoagent_kernels",
    "training/geoagent_training",
    "evaluation/geoagent_evaluation",
)
SOURCES = frozenset({"src", "srcset", "data", "poster"})
ELSEWHERE = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
FROM_STYLE = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s]+)""", re.IGNORECASE)


class PageReader(HTMLParser):
    """Collects what a page loads from elsewhere, and the anchors it has."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element's anchor and the addresses it loads."""
        values = {name: value or "" for name, value in attrs}
        self.anchors.add(values.get("id", ""))
        names = SOURCES | {"href"} if tag == "link" else SOURCES
        for name in names & values.keys():
            parts = values[name].split(",") if name == "srcset" else [values[name]]
            self.loads += [part.strip() for part in parts if ELSEWHERE.match(part)]
        self.loads += FROM_STYLE.findall(values.get("style", ""))
        if "mermaid" in values.get("class", "").split():
            self.loads.append(
                "a mermaid diagram, which the theme draws with a script from elsewhere"
            )

    def handle_data(self, data: str) -> None:
        """Note what a style element loads."""
        if self.lasttag == "style":
            self.loads += FROM_STYLE.findall(data)


def read_page(path: Path) -> PageReader:
    """Return what a page loads and its anchors."""
    reader = PageReader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader


def find_outside_loads(site: Path) -> Iterator[str]:
    """Yield one line for each thing that the site would load from elsewhere."""
    for path in sorted(site.rglob("*.html")):
        for address in read_page(path).loads:
            yield f"{path.relative_to(site)}: loads {address}"
    for path in sorted(site.rglob("*.css")):
        for address in FROM_STYLE.findall(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(site)}: loads {address}"


def public_names(package: Path) -> list[str]:
    """Return the names in a package's `__all__`."""
    for node in ast.parse((package / "__init__.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    raise SystemExit(f"{package}/__init__.py: has no __all__")


def find_missing_names(site: Path, packages: Iterable[Path]) -> Iterator[str]:
    """Yield one line for each public name without an entry in the reference."""
    anchors: set[str] = set()
    for path in (site / "reference").glob("*.html"):
        anchors |= read_page(path).anchors
    for package in packages:
        for name in public_names(package):
            # A function named like its module stands one level deeper.
            entries = {f"{package.name}.{name}", f"{package.name}.{name}.{name}"}
            if not entries & anchors:
                yield f"reference: has no entry for {package.name}.{name}"


def main(arguments: list[str]) -> int:
    """Print the faults of a built site and return the exit status."""
    site = Path(arguments[0]) if arguments else ROOT / "site"
    if not (site / "index.html").is_file():
        sys.stderr.write(f"{site}: is no built site; run `make docs`\n")
        return 2
    packages = [ROOT / package for package in PACKAGES]
    faults = [*find_outside_loads(site), *find_missing_names(site, packages)]
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
