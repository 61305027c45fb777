"""The report as PDF, printed by a browser that is installed anyway; none is a dependency."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from geoagent_graph.errors import InputError, StorageError, ToolError

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


def require_browser() -> str:
    """Return the path of a browser that can print.

    Raises:
        InputError: none is installed.
    """
    browser = find_browser()
    if browser is None:
        raise InputError(
            "--pdf: needs Chromium, Chrome or Edge to print with. Install one, or print the "
            "--html report from any browser."
        )
    return browser


def pdf_bytes(html: str) -> bytes:
    """Return a report as a PDF file.

    Raises:
        InputError: no browser is installed.
        ToolError: the browser fails or takes more than two minutes.
        StorageError: there is no room for its temporary files.
    """
    browser = require_browser()
    try:
        with tempfile.TemporaryDirectory() as folder:
            page, printed = Path(folder) / "report.html", Path(folder) / "report.pdf"
            page.write_text(html, "utf-8", "replace")
            _print_page(browser, page, Path(folder), printed)
            return printed.read_bytes()
    except OSError as error:
        raise StorageError(
            f"--pdf: the temporary folder cannot be used ({error.strerror or error}); "
            "free some space in it"
        ) from error


def _print_page(browser: str, page: Path, folder: Path, printed: Path) -> None:
    # Chromium refuses to run as root with its sandbox; the page holds no script and may run none.
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    where = [f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={printed}", page.as_uri()]
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
    if done.returncode != 0 or not printed.is_file():
        raise ToolError(f"--pdf: {Path(browser).name} failed (exit status {done.returncode})")
