"""Connections to one server: a few clients per event loop, each with few connections."""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openai import AsyncOpenAI

MAX_POOLS: Final = 16
POOL_CALLS: Final = 8


@dataclass(slots=True)
class _Pool:
    """A client with connections of its own, and the calls under way on them."""

    client: "AsyncOpenAI"
    calls: int = 0


class ClientPools:
    """Clients of one server; serves any event loop."""

    def __init__(self, api_key: str, call_seconds: float, connect_seconds: float) -> None:
        self._api_key = api_key
        self._call_seconds = call_seconds
        self._connect_seconds = connect_seconds
        self._pools: WeakKeyDictionary[asyncio.AbstractEventLoop, list[_Pool]] = WeakKeyDictionary()

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        for pool in self._pools.pop(asyncio.get_running_loop(), []):
            await pool.client.close()

    @contextlib.contextmanager
    def borrow(self, base_url: str) -> "Iterator[AsyncOpenAI]":
        """Give the client for one call: the first with few calls, else another, else the idlest.

        A pool looks at all its connections for every call, so that small pools stay quick; few
        calls share few connections.
        """
        pools = self._pools.setdefault(asyncio.get_running_loop(), [])
        pool = next((pool for pool in pools if pool.calls < POOL_CALLS), None)
        if pool is None and len(pools) < MAX_POOLS:
            pool = _Pool(self._open_client(base_url))
            pools.append(pool)
        pool = pool or min(pools, key=lambda pool: pool.calls)
        if str(pool.client.base_url).rstrip("/") != base_url:
            pool.client.base_url = base_url
        pool.calls += 1
        try:
            yield pool.client
        finally:
            pool.calls -= 1

    def _open_client(self, base_url: str) -> "AsyncOpenAI":
        from openai import AsyncOpenAI

        from geoagent_graph.policies.backends.openai.transport import open_http_client

        return AsyncOpenAI(
            base_url=base_url,
            api_key=self._api_key,
            max_retries=0,
            timeout=self._call_seconds,
            http_client=open_http_client(
                self._call_seconds,
                self._connect_seconds,
                encrypted=base_url.startswith("https:"),
            ),
        )
