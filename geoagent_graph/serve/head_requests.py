"""HEAD wherever there is GET: the same status and headers, and nothing of the body."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadRequests:
    """Answers HEAD by the head of what GET would answer, also where that has no end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; of the response to a HEAD only the start goes out."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        begun = asyncio.Event()

        async def send_start(message: Message) -> None:
            if message["type"] == "http.response.start" and not begun.is_set():
                await send(message)
                begun.set()

        answering = asyncio.ensure_future(
            self._app({**scope, "method": "GET"}, receive, send_start)
        )
        waiting = asyncio.ensure_future(begun.wait())
        try:
            await asyncio.wait((answering, waiting), return_when=asyncio.FIRST_COMPLETED)
        finally:
            answered = answering.done()
            for task in (answering, waiting):
                task.cancel()
            await asyncio.wait((answering, waiting))
        if answered:
            answering.result()  # a fault before anything was sent is the server's to say
        await send({"type": "http.response.body", "body": b""})
