"""MkDocs hook: links from a page to files of the checkout outside docs/ become their paths.

Such links work where the Markdown is read beside the code; the site does not hold those files.
A link to a file that does not exist is left as it is, and MkDocs reports it.
"""

import re
from pathlib import Path
from typing import Any

LINK = re.compile(r"(?<!!)\[(?P<words>[^\]]+)\]\((?P<target>[^)#\s:]+)(?:#[^)\s]*)?\)")


def on_page_markdown(markdown: str, *, page: Any, config: Any, **_: Any) -> str:
    """Return the page with its links to other files of the checkout replaced."""
    docs = Path(config.docs_dir)
    folder = Path(page.file.abs_src_path).parent
    return LINK.sub(lambda match: _path_or_link(match, folder, docs), markdown)


def _path_or_link(match: re.Match[str], folder: Path, docs: Path) -> str:
    target = (folder / match["target"]).resolve()
    root = docs.resolve().parent
    if target.is_relative_to(docs.resolve()) or not target.is_relative_to(root):
        return match[0]
    if not target.exists():
        return match[0]
    words, path = match["words"], str(target.relative_to(root))
    return f"`{path}`" if words.strip("`") == path else f"{words} (`{path}`)"
