"""`geoagent serve`: the page and the HTTP API over the cases of a folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.options import Home, PolicyFlags, takes_policy_flags
from geoagent_graph.errors import InputError
from geoagent_graph.installation import extra_command
from geoagent_graph.regular_files import open_regular

if TYPE_CHECKING:
    from pydantic import SecretStr

    from geoagent_graph.serve.limits import Address
    from geoagent_graph.settings import Settings

serve_app = typer.Typer(context_settings={"help_option_names": ["--help", "-h"]})
_EXTRA = frozenset({
    "fastapi", "h11", "httpx", "prometheus_client", "python_multipart", "sse_starlette",
    "starlette", "uvicorn",
})  # fmt: skip
_MAX_TOKEN_BYTES = 1000


@serve_app.command()
@takes_policy_flags
def serve(
    flags: PolicyFlags,
    host: Annotated[
        str,
        typer.Option(metavar="HOST", help="Where to listen; others than loopback want a token."),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8321,
    home: Home = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Holds the token that clients must show; else GEOAGENT_SERVE_TOKEN.",
        ),
    ] = None,
    tokens: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A token for each person, of `geoagent tokens add`; traces name who did what.",
        ),
    ] = None,
    public_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL", help="What browsers open, where a proxy with TLS stands in front."
        ),
    ] = None,
    proxies: Annotated[
        list[str] | None,
        typer.Option(
            "--proxy",
            metavar="IP",
            help="A proxy whose X-Forwarded-For says who the client is; may be given again.",
        ),
    ] = None,
    basemap: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A local PMTiles file: its streets are drawn below the page's map.",
        ),
    ] = None,
    webhook: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Post every ended run there, signed with GEOAGENT_SERVE_WEBHOOK_SECRET.",
        ),
    ] = None,
) -> None:
    """Serve the web page and the HTTP API; Ctrl-C stops it, and cases can be resumed.

    The address of the page goes to stdout. The API is described at /openapi.json.
    """
    listening = Listening(
        host, port, token_file, public_url, tuple(proxies or ()), webhook, tokens, basemap
    )
    raise typer.Exit(run(listening, home, flags.options().request()))


@dataclass(frozen=True, slots=True)
class Listening:
    """Where to listen, who may speak and under which address, as given on the command line."""

    host: str
    port: int
    token_file: Path | None = None
    public_url: str | None = None
    proxies: tuple[str, ...] = ()
    webhook: str | None = None
    tokens: Path | None = None
    basemap: Path | None = None


def run(listening: Listening, home: Path | None, request: dict[str, Any]) -> int:
    """Serve until a signal ends it, and return the exit status.

    Raises:
        InputError: a package, the token or the port is missing; the message says what to do.
        GeoAgentError: the tools cannot be opened.
    """
    try:
        import python_multipart  # noqa: F401  FastAPI reads forms with it

        from geoagent_graph.serve.app import create_app
        from geoagent_graph.serve.server import listen, server_of, url_of
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise InputError(f"serve: is not installed. Run: {extra_command('serve')}") from error
    from geoagent_graph.cli.cases.open_cases import settings_in, store_of, tools_for
    from geoagent_graph.cli.streams import write_note, write_result
    from geoagent_graph.policies.open_policy import require_policy
    from geoagent_graph.render.terminal.preparation import preparation_bar
    from geoagent_graph.serve.basemap import open_basemap
    from geoagent_graph.serve.limits import limits_of

    require_policy(str(request["policy"]))
    settings = settings_in(home)
    address = address_of(listening, settings)
    person = settings.person or client_name(address)
    settings = settings.model_copy(update={"person": person})
    webhook = webhook_of(listening, settings)
    basemap_file = listening.basemap or settings.serve_basemap
    basemap = None if basemap_file is None else open_basemap(basemap_file)
    with listen(address) as sock:
        with preparation_bar() as progress:
            tools = tools_for(settings, request, progress, engines_apart=True)()
        app = create_app(
            store_of(settings),
            tools,
            limits=limits_of(settings),
            address=address,
            request=request,
            webhook=webhook,
            language=settings.language,
            basemap=basemap,
        )
        write_note(f"cases are kept in {settings.home}; Ctrl-C stops the server")
        if address.public_url is not None and not address.needs_token:
            write_note(f"whoever reaches {address.public_url} sees and changes all cases: no token")
        write_result(url_of(sock, address) + "\n")
        try:
            server_of(app).run(sockets=[sock])
        except KeyboardInterrupt:
            write_note("stopped; every case can be resumed")
    return exit_codes.ANSWERED


def client_name(address: "Address") -> str:
    """Return what traces call those who reach the server."""
    return "whoever has the token" if address.needs_token else "loopback"


def webhook_of(listening: Listening, settings: "Settings") -> "tuple[str, SecretStr | None] | None":
    """Return the address that ended runs are posted to and its key, None where there is none.

    Raises:
        InputError: it is no address of HTTP.
    """
    from geoagent_graph.settings import require_plain_address

    address = settings.serve_webhook
    if listening.webhook is not None:
        try:
            address = require_plain_address(listening.webhook)
        except ValueError as error:
            raise InputError(f"--webhook {listening.webhook}: {error}") from error
    return None if address is None else (address, settings.serve_webhook_secret)


def address_of(listening: Listening, settings: "Settings") -> "Address":
    """Return where to listen, with the token of the file or of the settings.

    Raises:
        InputError: the file cannot be read, or the address needs a token and there is none.
    """
    from pydantic import SecretStr

    from geoagent_graph.serve.limits import Address

    token, token_file = settings.serve_token, listening.token_file
    if token_file is not None:
        try:
            with open_regular(token_file) as file:
                token = SecretStr(file.read(_MAX_TOKEN_BYTES).decode("utf-8", "replace").strip())
        except OSError as error:
            raise InputError(f"--token-file {token_file}: {error.strerror}") from error
    return Address(
        host=listening.host,
        port=listening.port,
        token=token,
        tokens=listening.tokens or settings.serve_tokens,
        public_url=listening.public_url,
        proxies=listening.proxies,
    )
