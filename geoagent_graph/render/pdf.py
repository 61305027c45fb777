"""The report as PDF, printed by a browser that is installed anyway; none is a dependency."""

import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

from geoagent_graph.cases.database import file_errors
from geoagent_graph.errors import InputError, ToolError
from geoagent_graph.safe_text import visible

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
)
MAX_PRINT_SECONDS = 120.0
_OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-pdf-header-footer",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # the report needs no network, and gets none
)


def find_browser() -> str | None:
    """Return the path of a browser that can print, None where there is none."""
    found = (shutil.which(name) for name in BROWSERS)
    return next((path for path in found if path is not None), None)


def write_pdf(html: str, target: Path) -> None:
    """Print a report to a PDF file, which is there whole or not at all.

    Raises:
        InputError: no browser is installed.
        ToolError: the browser fails or takes more than two minutes.
        StorageError: the file cannot be written.
    """
    browser = find_browser()
    if browser is None:
        raise InputError(
            "--pdf: needs Chromium, Chrome or Edge to print with. Install one, or print the "
            "--html report from any browser."
        )
    part = target.with_name(f".geoagent-{secrets.token_hex(8)}.part")
    with file_errors(visible(str(target))), tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        page.write_text(html, "utf-8", "replace")
        try:
            _print_page(browser, page, Path(folder), part.absolute())
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)


def _print_page(browser: str, page: Path, folder: Path, part: Path) -> None:
    # Chromium refuses to run as root with its sandbox; the page holds no script and may run none.
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    where = [f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={part}", page.as_uri()]
    try:
        done = subprocess.run(  # noqa: S603
            [browser, *_OPTIONS, *as_root, *where],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=MAX_PRINT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ToolError(
            f"--pdf: {Path(browser).name} took more than {MAX_PRINT_SECONDS:.0f} s"
        ) from error
    if done.returncode != 0 or not part.is_file():
        raise ToolError(f"--pdf: {Path(browser).name} failed (exit status {done.returncode})")
