"""What `geoagent doctor` says of the ways in and out that are extras: page, MCP, spans, PDF."""

from importlib import metadata
from typing import Final

from geoagent_graph.installation import extra_command

PARTS: Final = (
    ("page and HTTP API", "fastapi", "serve", "geoagent serve"),
    ("MCP", "mcp", "mcp", "geoagent mcp"),
    (
        "OpenTelemetry",
        "opentelemetry-sdk",
        "otel",
        "GEOAGENT_OTEL_ENDPOINT, geoagent export --otel",
    ),
)
NO_BROWSER: Final = "PDF: install Chromium, Chrome or Edge; or print the HTML report"


def extras_found() -> tuple[list[str], list[str]]:
    """Return which extras work, and how to get the others."""
    from geoagent_graph.render.pdf import find_browser

    found, advice = [], []
    for title, distribution, extra, used_by in PARTS:
        if _is_installed(distribution):
            found.append(f"{title} ({used_by})")
        else:
            advice.append(f"{title}: {extra_command(extra)}")
    if find_browser() is not None:
        found.append("PDF reports")
    else:
        advice.append(NO_BROWSER)
    return found, advice


def _is_installed(distribution: str) -> bool:
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True
