"""Spans go to one collector of OTLP over HTTP, whatever the environment says of others."""

import threading
from typing import Any
from urllib.parse import urlsplit

import requests
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

from geoagent_graph.errors import InputError
from geoagent_graph.telemetry.tracing import Tracing

MAX_SEND_SECONDS = 2.0


def otlp_tracing(endpoint: str, *, content: bool = False) -> Tracing:
    """Return a way to a collector of OTLP over HTTP; it is not contacted before there are spans.

    Only `endpoint` is contacted, whatever the environment says about endpoints and proxies;
    `OTEL_EXPORTER_OTLP_HEADERS` may carry its key.

    Raises:
        InputError: it is no http or https URL.
    """
    url = traces_url(endpoint)
    trouble = threading.Event()
    exporter = OTLPSpanExporter(endpoint=url, timeout=MAX_SEND_SECONDS, session=_Session(trouble))
    return Tracing(exporter, content=content, trouble=trouble)


def traces_url(endpoint: str) -> str:
    """Return the URL that spans are posted to; a bare host gets OTLP's path.

    Raises:
        InputError: it is no http or https URL.
    """
    try:
        parts = urlsplit(endpoint)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise InputError("GEOAGENT_OTEL_ENDPOINT: give a URL such as http://127.0.0.1:4318")
    return endpoint if parts.path.strip("/") else f"{endpoint.rstrip('/')}/v1/traces"


class _Session(requests.Session):
    """A session that heeds no proxy of the environment and tells of trouble at once."""

    def __init__(self, trouble: threading.Event) -> None:
        super().__init__()
        self.trust_env = False
        self._trouble = trouble

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        try:
            return super().request(*args, **kwargs)
        except requests.RequestException:
            self._trouble.set()
            raise
