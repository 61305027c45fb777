"""Signatures cover all above them, and say whose they are."""

import json
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from geoagent_graph.cases.custody import CaseDeed, record_deeds
from geoagent_graph.cases.events import canonical, link
from geoagent_graph.cases.key_store import KeyStore, read_public_key
from geoagent_graph.cases.signing import KnownKeys, key_of_line
from geoagent_graph.cases.verification import verify_case, verify_file
from geoagent_graph.errors import InputError, StorageError
from tests.support.cases import begin, lines_of, rewrite, store_in, tools


async def sign(home: Path) -> Path:
    """Run a case, make a key, hand the trace on; return its file."""
    await begin(home)
    store = store_in(home)
    store.keys.create("Ana")
    await record_deeds(store, "one", "main", [CaseDeed("handed_on", "Ana")], sign=True)
    return store.trace_path("one")


async def test_a_signature_says_whose_key_it_is(tmp_path: Path) -> None:
    path = await sign(tmp_path)
    store = store_in(tmp_path)
    own = store.keys.own()
    assert own is not None
    found = await verify_case(store, "one", "main")
    assert found.holds
    assert found.is_signed_by_known
    assert any(f"signed by Ana (your own key), {own.fingerprint}" in w for w in found.checked)
    unknown = verify_file(path)
    assert unknown.holds
    assert not unknown.is_signed_by_known
    assert any(f"an unknown key, {own.fingerprint}" in words for words in unknown.checked)
    trusted = verify_file(path, keys=KnownKeys(trusted=(key_of_line(own.coded, "A. from desk 3"),)))
    assert trusted.is_signed_by_known
    assert any("A. from desk 3 (a key you trust)" in words for words in trusted.checked)


async def test_what_comes_after_a_signature_is_not_signed(tmp_path: Path) -> None:
    path = await sign(tmp_path)
    await record_deeds(store_in(tmp_path), "one", "main", [CaseDeed("viewed", "Ben")])
    count = len(path.read_text().splitlines())
    (words,) = [w for w in verify_file(path).checked if "signed" in w]
    assert f"the first {count - 2} events; 1 later event is not" in words


async def test_a_trace_that_was_rewritten_as_a_whole_is_not_the_signed_one(tmp_path: Path) -> None:
    await sign(tmp_path)
    bodies = lines_of(tmp_path)
    bodies[1]["step"]["summary"] = "something else"
    events: list[dict[str, object]] = []
    for number, body in enumerate(bodies):
        prev = str(events[-1]["hash"]) if events else "0" * 64
        bare = {key: value for key, value in body.items() if key not in ("seq", "prev", "hash")}
        events.append(link(bare, number, prev))
    found = verify_file(rewrite(tmp_path, events), keys=store_in(tmp_path).keys.known())
    assert not found.is_signed_by_known
    assert [p for p in found.problems if "is not that of its key" in p]


async def test_a_fork_takes_no_signature_and_no_custody_with_it(tmp_path: Path) -> None:
    await sign(tmp_path)
    store = store_in(tmp_path)
    async with store.hold("one", tools()) as case:
        await case.fork(3, name="two")
    kinds = {event.event for event in store.read("one", "two").events}
    assert not kinds & {"custody", "signature"}
    assert (await verify_case(store, "one", "two")).holds


def test_a_private_key_is_for_its_owner_alone_and_made_once(tmp_path: Path) -> None:
    keys = KeyStore(tmp_path)
    assert keys.own() is None
    made = keys.create("Ana López")
    assert keys.own() == made
    assert stat.S_IMODE(keys.private_path.stat().st_mode) == 0o600
    with pytest.raises(InputError, match="there is a key already"):
        keys.create("Ben")
    keys.private_path.write_text("-----BEGIN PRIVATE KEY-----\nnothing\n")
    with pytest.raises(InputError, match="is damaged"):
        keys.own()


def test_the_fingerprint_is_that_of_openssh(tmp_path: Path) -> None:
    program = shutil.which("ssh-keygen")
    if program is None:
        pytest.skip("ssh-keygen is not installed")
    key = KeyStore(tmp_path).create("Ana")
    path = tmp_path / "keys" / "public.pub"
    said = subprocess.run(
        [program, "-l", "-f", str(path)], capture_output=True, text=True, check=True
    )
    assert key.fingerprint in said.stdout


def test_keys_are_trusted_and_forgotten_by_name(tmp_path: Path) -> None:
    ana = KeyStore(tmp_path / "a").create("Ana")
    ben = KeyStore(tmp_path / "b").create("Ana")
    keys = KeyStore(tmp_path / "home")
    (tmp_path / "ana.pub").write_text(f"{ana.line}\n")
    keys.trust(read_public_key(str(tmp_path / "ana.pub"), None))
    keys.trust(ana)
    assert keys.trusted() == (ana,)
    with pytest.raises(InputError, match="has another key here already"):
        keys.trust(ben)
    keys.trust(read_public_key(ben.line, "Ben"))
    assert [key.name for key in keys.trusted()] == ["Ana", "Ben"]
    assert keys.forget("Ana") == ana
    with pytest.raises(InputError, match="trusted is: Ben"):
        keys.forget("Ana")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ssh-rsa AAAA Ana",
        "ssh-ed25519 AAAA Ana",
        "ssh-ed25519 ÄÖ Ana",
        "ssh-ed25519 " + "A" * 68,
        "x" * 5000,
    ],
)
def test_what_is_no_key_is_refused(line: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        key_of_line(line)
    with pytest.raises(StorageError):
        read_public_key(str(tmp_path / "missing"), None)


async def test_a_signature_that_is_none_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    await sign(tmp_path)
    events = lines_of(tmp_path)
    signed = {k: v for k, v in events[-1].items() if k not in ("seq", "prev", "hash")}
    for change in ({"public_key": "A" * 43 + "="}, {"signature": "A" * 86 + "=="}):
        last = link({**signed, **change}, len(events) - 1, events[-2]["hash"])
        found = verify_file(rewrite(tmp_path, [*events[:-1], last]))
        assert not found.holds
    (tmp_path / "x.jsonl").write_text(canonical(json.loads(canonical(events[0]))) + "\n")
    assert verify_file(tmp_path / "x.jsonl").holds
