"""Asks every route of a server in turn until it is ended, one JSON line per reply.

    python benchmarks/soak_probe.py URL CASE SECONDS_BETWEEN

A process of its own, so that the load of `benchmarks/soak.py` does not count as the server's time:
`{"at", "route", "seconds", "status"}`, status 0 where there was no reply.
"""

import itertools
import json
import sys
import time
import urllib.error
import urllib.request

NO_REPLY_SECONDS = 60.0
ROUTES = {
    "page": "/",
    "about": "/v1/about",
    "cases": "/v1/cases?limit=20",
    "case": "/v1/cases/{case}",
    "answer": "/v1/cases/{case}/answer",
    "trace": "/v1/cases/{case}/trace",
    "step": "/v1/cases/{case}/steps/0",
    "verify": "/v1/cases/{case}/verify",
    "photo": "/v1/cases/{case}/photo",
    "report": "/v1/cases/{case}/report?format=html",
    "search": "/v1/search?q=Lisbon",
    "towns": "/v1/map/towns?lat=38.7&lon=-9.1&radius_km=50",
    "world": "/v1/map/world?scale=110m",
}


def main() -> None:
    """Ask until the process is ended."""
    url, case, pause = sys.argv[1].rstrip("/"), sys.argv[2], float(sys.argv[3])
    for route in itertools.cycle(ROUTES):
        began = time.monotonic()
        status = status_of(url + ROUTES[route].format(case=case))
        seconds = time.monotonic() - began
        row = {"at": began, "route": route, "seconds": round(seconds, 4), "status": status}
        print(json.dumps(row), flush=True)
        time.sleep(max(0.0, pause - seconds))


def status_of(url: str) -> int:
    """Return the status of a reply that was read to its end, 0 without one."""
    try:
        with urllib.request.urlopen(url, timeout=NO_REPLY_SECONDS) as reply:
            reply.read()
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


if __name__ == "__main__":
    main()
