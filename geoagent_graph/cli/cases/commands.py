"""The commands of a case: investigate, cases, show, step, resume, fork, veto, note, compare, ..."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geoagent_graph.cli import exit_codes
from geoagent_graph.cli.format_options import CaseFormatCommand, chosen_files
from geoagent_graph.cli.known import KnownFlags, takes_known_flags
from geoagent_graph.cli.language_option import takes_language
from geoagent_graph.cli.options import Home, PolicyFlags, takes_policy_flags
from geoagent_graph.questions import Ask

if TYPE_CHECKING:
    from geoagent_graph.cases.case_search import Filed

case_app = typer.Typer(context_settings={"help_option_names": ["--help", "-h"]})

CaseName = Annotated[str, typer.Argument(metavar="CASE", help="A case, or CASE/BRANCH.")]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Show no steps on stderr.")]


@case_app.command(epilog=exit_codes.EXPLAINED)
@takes_policy_flags
@takes_known_flags
@takes_language
def investigate(
    flags: PolicyFlags,
    known: KnownFlags,
    photos: Annotated[
        list[str],
        typer.Argument(metavar="PHOTO", help="Photos of one trip, or a video; - is stdin."),
    ],
    times: Annotated[
        str | None,
        typer.Option(
            metavar="T1,T2,...",
            help="When they were taken, in their order: ISO 8601, or for frames of a video the "
            "time since it began, as 1:23.5. A time with its offset from UTC says more. Leave one "
            "empty to hear what its file claims.",
        ),
    ] = None,
    case: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the case; else the photo's.")
    ] = None,
    ask: Annotated[Ask, typer.Option(help="Stop with a question after which verdicts.")] = "never",
    exif: Annotated[
        bool, typer.Option("--exif/--no-exif", help="Hear or ignore what the file claims.")
    ] = True,
    budget: Annotated[int | None, typer.Option(min=6, max=1000, help="Most steps.")] = None,
    one_step: Annotated[bool, typer.Option("--step", help="Stop after the first step.")] = False,
    as_json: JsonFlag = False,
    quiet: Quiet = False,
    home: Home = None,
) -> None:
    """Begin a case: locate a photo so that every step is kept and can be questioned.

    Several photos of one trip are located each for itself and then together: how far one can come
    in the time between them bounds where they can be.
    """
    from geoagent_graph.cli.cases import runs

    request = runs.CaseRequest(photos, times, case, ask, flags.options(), exif, budget, known)
    shown = runs.OutputForm(as_json, quiet)
    raise typer.Exit(runs.begin(request, shown, home, one_step=one_step))


@case_app.command(epilog=exit_codes.EXPLAINED)
@takes_policy_flags
@takes_language
def add(
    flags: PolicyFlags,
    case: Annotated[str, typer.Argument(metavar="CASE", help="A case.")],
    photo: Annotated[str, typer.Argument(metavar="PHOTO", help="A photo; - is stdin.")],
    time: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="When it was taken, as for `investigate --times`."),
    ] = None,
    as_json: JsonFlag = False,
    quiet: Quiet = False,
    home: Home = None,
) -> None:
    """Add a photo of the same trip to a case, and weigh all its photos together."""
    from geoagent_graph.cli.cases import runs

    shown = runs.OutputForm(as_json, quiet)
    raise typer.Exit(runs.add(case, photo, time, flags, shown, home))


@case_app.command()
def cases(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="WORD", help="Words of name, photo, place, tags or notes; all must be there."
        ),
    ] = None,
    tags: Annotated[
        list[str] | None, typer.Option("--tag", metavar="TAG", help="With this tag; repeatable.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Begun on this day (UTC) or later.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="Begun on this day (UTC) or earlier.")
    ] = None,
    archived: Annotated[bool, typer.Option("--archived", help="Those that were put away.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Those as well.")] = False,
    as_json: JsonFlag = False,
    home: Home = None,
) -> None:
    """List the cases and their branches, or those that fit."""
    from geoagent_graph.cases.case_search import search_of
    from geoagent_graph.cli.cases import filing

    filed: Filed = "all" if everything else "archived" if archived else "open"
    wanted = search_of(" ".join(words or []), tuple(tags or ()), since, until, filed)
    raise typer.Exit(filing.list_cases(wanted, home, as_json=as_json))


@case_app.command()
@takes_language
def show(
    case: CaseName,
    step: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Everything about one step.")
    ] = None,
    as_json: JsonFlag = False,
    home: Home = None,
) -> None:
    """Show a case's steps, its open question and its answer.

    Of a case of several photos, CASE shows what they are together and CASE/BRANCH one of them. A
    trace file (*.jsonl) that was handed on is shown as well.
    """
    from geoagent_graph.cli.cases import views

    raise typer.Exit(views.show(case, step, home, as_json=as_json))


@case_app.command(epilog=exit_codes.EXPLAINED)
@takes_policy_flags
@takes_language
def step(
    flags: PolicyFlags,
    case: CaseName,
    as_json: JsonFlag = False,
    quiet: Quiet = False,
    home: Home = None,
) -> None:
    """Run one more node of a case, then stop."""
    from geoagent_graph.cli.cases import runs

    shown = runs.OutputForm(as_json, quiet)
    raise typer.Exit(runs.resume(case, None, flags, shown, home, one_step=True))


@case_app.command(epilog=exit_codes.EXPLAINED)
@takes_policy_flags
@takes_language
def resume(
    flags: PolicyFlags,
    case: CaseName,
    agree: Annotated[bool, typer.Option("--agree", help="Reply: as the policy says.")] = False,
    accept: Annotated[
        str | None, typer.Option(metavar="PLACE", help="Reply: go on with this candidate.")
    ] = None,
    reject: Annotated[
        str | None, typer.Option(metavar="PLACE", help="Reply: not this one; needs --because.")
    ] = None,
    because: Annotated[str | None, typer.Option(metavar="TEXT", help="Why.")] = None,
    clue: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Reply: text that you read in the photo.")
    ] = None,
    photo_region: Annotated[
        str | None,
        typer.Option(
            metavar="L,T,R,B",
            help="Reply: read this part of the photo again; shares of width and height, 0 to 1.",
        ),
    ] = None,
    map_region: Annotated[
        str | None,
        typer.Option(metavar="LAT,LON,KM", help="Reply: look only inside this circle."),
    ] = None,
    as_json: JsonFlag = False,
    quiet: Quiet = False,
    home: Home = None,
) -> None:
    """Continue a case where it stopped, with a reply if a question is open."""
    from geoagent_graph.cli.cases import runs
    from geoagent_graph.cli.cases.reply_options import ReplyOptions

    reply = ReplyOptions(agree, accept, reject, because, clue, photo_region, map_region).reply()
    shown = runs.OutputForm(as_json, quiet)
    raise typer.Exit(runs.resume(case, reply, flags, shown, home))


@case_app.command()
def fork(
    case: CaseName,
    at: Annotated[int, typer.Option(metavar="STEP", help="The last step the branches share.")],
    places: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="LEVEL=PLACE", help="As in country=Portugal; repeatable."),
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="BRANCH", help="Its name.")] = None,
    home: Home = None,
) -> None:
    """Make a branch that leaves a case after a step, with places set by you."""
    from geoagent_graph.cli.cases import changes

    raise typer.Exit(changes.fork(case, at, places or [], name, home))


@case_app.command()
def veto(
    case: CaseName,
    hypothesis: Annotated[str, typer.Argument(help="A place the case has looked at.")],
    because: Annotated[str, typer.Option(metavar="TEXT", help="Why; stands in the report.")],
    home: Home = None,
) -> None:
    """Exclude a place for a reason; `resume` then looks again at its level."""
    from geoagent_graph.cli.cases import changes

    raise typer.Exit(changes.veto(case, hypothesis, because, home))


@case_app.command()
def note(
    case: CaseName,
    text: Annotated[str, typer.Argument(help="What is to stand in the trace and the report.")],
    home: Home = None,
) -> None:
    """Add a note to a case; it changes nothing in the run."""
    from geoagent_graph.cli.cases import changes

    raise typer.Exit(changes.note(case, text, home))


@case_app.command()
def rename(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A case.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Up to 64 of a-z, 0-9, - and _.")],
    home: Home = None,
) -> None:
    """Give a case another name; files that are downloaded are called so."""
    from geoagent_graph.cli.cases import filing

    raise typer.Exit(filing.rename(case, name, home))


@case_app.command()
def tag(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A case.")],
    tags: Annotated[
        list[str] | None, typer.Argument(metavar="TAG", help="Tags to add; none lists them.")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="A tag to take off; repeatable.")
    ] = None,
    home: Home = None,
) -> None:
    """Tag a case, to find it again with `cases --tag`."""
    from geoagent_graph.cli.cases import filing

    raise typer.Exit(filing.tag(case, tags or [], remove or [], home))


@case_app.command()
def archive(
    cases: Annotated[list[str], typer.Argument(metavar="CASE", help="Cases, as listed.")],
    home: Home = None,
) -> None:
    """Put cases away: they stay as they are, and `cases` lists them with --all only."""
    from geoagent_graph.cli.cases import filing

    raise typer.Exit(filing.archive(cases, home, archived=True))


@case_app.command()
def unarchive(
    cases: Annotated[list[str], typer.Argument(metavar="CASE", help="Cases, as listed.")],
    home: Home = None,
) -> None:
    """List cases again that were put away."""
    from geoagent_graph.cli.cases import filing

    raise typer.Exit(filing.archive(cases, home, archived=False))


@case_app.command()
def delete(
    cases: Annotated[list[str], typer.Argument(metavar="CASE", help="Cases, as listed.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    home: Home = None,
) -> None:
    """Delete cases with their photos; a photo that another case holds stays."""
    from geoagent_graph.cli.cases import changes

    raise typer.Exit(changes.delete(cases, home, is_sure=yes))


@case_app.command()
def compare(
    case: CaseName,
    branch: Annotated[str, typer.Argument(metavar="BRANCH", help="Another branch of the case.")],
    as_json: JsonFlag = False,
    home: Home = None,
) -> None:
    """Show two branches of a case side by side."""
    from geoagent_graph.cli.cases import views

    raise typer.Exit(views.compare(case, branch, home, as_json=as_json))


@case_app.command(cls=CaseFormatCommand)
@takes_language
def export(
    ctx: typer.Context,
    case: CaseName,
    otel: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Send the steps as spans to this OTLP/HTTP collector."),
    ] = None,
    photo: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With a trace file: the photo to show.")
    ] = None,
    sign: Annotated[
        bool | None,
        typer.Option("--sign/--no-sign", help="Sign the trace; else where you have a key."),
    ] = None,
    home: Home = None,
) -> None:
    """Write a case's report (--html, --pdf, --md), map, answer (--json) or trace (--jsonl).

    Of a case of several photos, CASE is all of them together and CASE/BRANCH one of them. A
    trace file (*.jsonl) that was handed on is written as well.
    """
    from geoagent_graph.cli.cases import exports

    wanted = exports.Wanted(chosen_files(ctx), otel, sign)
    raise typer.Exit(exports.run(case, wanted, photo, home))


@case_app.command()
def verify(
    case: Annotated[
        str, typer.Argument(metavar="CASE", help="A case, CASE/BRANCH, or a trace file (*.jsonl).")
    ],
    photo: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With a trace file: the photo.")
    ] = None,
    trusted: Annotated[
        bool,
        typer.Option("--trusted", help="Also fail unless a key signs it that is yours or trusted."),
    ] = False,
    as_json: JsonFlag = False,
    home: Home = None,
) -> None:
    """Check a trace's hash chain, signatures, photo and checkpoints; exit status 1 if one fails.

    A trace file or a report (*.html) that was handed on is checked as well.
    """
    from geoagent_graph.cli.cases import verification

    wanted = verification.Checks(photo, trusted)
    raise typer.Exit(verification.verify(case, wanted, home, as_json=as_json))
