"""What `geoagent serve` refuses, as tests check it."""

import httpx

from tests.support.serving import Live

LIMITS = {"upload_bytes": 200_000, "idle_seconds": 0.6, "upload_seconds": 2.0}


def is_problem(reply: httpx.Response, status: int) -> bool:
    """Return whether a reply is a problem of that status, with one line for people."""
    problem = reply.json()
    return (
        reply.status_code == problem["status"] == status
        and reply.headers["content-type"] == "application/problem+json"
        and "\n" not in problem["detail"]
        and "Traceback" not in problem["detail"]
    )


def case_count(live: Live) -> int:
    """Return how many cases there are."""
    return int(live.client.get("/v1/cases").json()["total"])
