"""Times the rewards of one GRPO step beside the same work done one item at a time.

    python training/bench/reward_step.py --out reward_step.csv

512 completions of 64 prompts (a quarter right, 45 % in the right country, the rest elsewhere, about
440 distinct) and a judge in its own process that answers after `--judge-ms`; 0 leaves the HTTP.
`ours cold` starts with empty caches, models and place tables loaded by another batch before;
`ours warm` repeats the batch. `one at a time` encodes each pair alone, resolves each address alone
and asks the judge in sequence over one connection, without a sleep. Both must give the same
rewards. CPU seconds stand beside wall seconds: on shared cores they are fairer.
"""

import argparse
import asyncio
import csv
import json
import multiprocessing
import random
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

import httpx
import numpy as np
import torch
from geoagent_kernels import semantic_reward, spatial_reward
from geoagent_training.rewards import functions as rewards
from geoagent_training.rewards.completions import ParsedCompletion, parse_completion
from geoagent_training.rewards.consistency_score import WEIGHTS, length_gate, same_name
from geoagent_training.rewards.judge import JudgeQuestion, OpenAIJudge, question_text
from geoagent_training.rewards.places import PlaceResolver
from geoagent_training.rewards.reward_settings import RewardSettings
from geoagent_training.rewards.reward_tools import RewardTools, use_tools

from geoagent_graph.geo.gazetteer import Gazetteer

PROMPTS, GENERATIONS = 64, 8
_REASON = "The lettering on the signs, the plates and the trees speak for {}, {} more than {}. "


def main() -> None:
    """Print the table; exit 1 if the two ways disagree."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--judge-ms", type=float, default=50.0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    address = start_judge(options.judge_ms / 1000)
    tools = RewardTools(RewardSettings(judge_url=address, judge_model="mock"))
    use_tools(tools)
    texts, columns = make_batch(tools, seed=0)
    print(f"{len(texts)} completions, {len(set(texts))} distinct")
    other, their_columns = make_batch(tools, seed=1)  # loads the models and the place tables
    rewards.geo_similarity(other, **their_columns)
    rewards.consistency(other[:8])
    rows = [
        *stages("ours cold", lambda: forget(tools), texts, columns),
        *stages("ours warm", lambda: None, texts, columns),
        *one_at_a_time(tools, texts, columns, address),
    ]
    report(rows, options.out)


def make_batch(tools: RewardTools, seed: int) -> tuple[list[str], dict[str, Any]]:
    """Return completions and columns."""
    gazetteer = places_of(tools).gazetteer
    chooser = random.Random(seed)
    big = np.flatnonzero(gazetteer.population > 15_000).tolist()
    truth = [town for town in chooser.sample(big, PROMPTS) for _ in range(GENERATIONS)]
    answers = []
    for town in truth:
        kind = chooser.random()
        code = gazetteer.countries[gazetteer.country_index[town]].code
        first, end = gazetteer.country_range(code)
        if kind < 0.25:
            answers.append(town)
        elif kind < 0.70:
            answers.append(chooser.randrange(first, min(end, first + 400)))
        else:
            answers.append(chooser.choice(big))
    texts = [_write_completion(gazetteer, town) for town in answers]
    columns: dict[str, Any] = {
        "lat_deg": [float(gazetteer.lat_deg[t]) for t in truth],
        "lon_deg": [float(gazetteer.lon_deg[t]) for t in truth],
        "country": [gazetteer.countries[gazetteer.country_index[t]].name for t in truth],
        "region": [gazetteer.region(t) for t in truth],
        "precise": [gazetteer.name(t) for t in truth],
    }
    return texts, columns


def _write_completion(gazetteer: Gazetteer, town: int) -> str:
    country = gazetteer.countries[gazetteer.country_index[town]].name
    fields = [country, gazetteer.region(town) or "centre", gazetteer.name(town)]
    stages_ = {
        name: {
            "Clues": ["sign", "plate"],
            "Reasoning": _REASON.format(*fields) * 3,
            "Conclusion": field,
            "Uncertainty": "low",
        }
        for name, field in zip(
            ("CountryIdentification", "RegionalGuess", "PreciseLocalization"), fields, strict=True
        )
    }
    answer = "; ".join(fields)
    chain = json.dumps({"ChainOfThought": stages_, "FinalAnswer": answer}, ensure_ascii=False)
    return f"<think>{chain}</think><answer>{answer}</answer>"


def forget(tools: RewardTools) -> None:
    """Empty every cache; the models stay loaded."""
    parse_completion.cache_clear()
    places_of(tools).forget()
    tools.encoder.forget()
    cast("OpenAIJudge", tools.judge).forget()


def places_of(tools: RewardTools) -> PlaceResolver:
    """Return the place tables; the settings of this benchmark ask no geocoder on the web."""
    return cast("PlaceResolver", tools.resolver)


def measure(work: Callable[[], object]) -> tuple[float, float, object]:
    """Return wall seconds, CPU seconds and what the work returned."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return time.perf_counter() - wall, time.process_time() - cpu, result


def stages(
    name: str, before: Callable[[], None], texts: Sequence[str], columns: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return rows for the numeric rewards and for the judge."""
    before()
    functions = {
        "parse": lambda: [parse_completion(text) for text in texts],
        "geo": lambda: rewards.geo_similarity(texts, **columns),
        "format": lambda: [rewards.well_formed(texts), rewards.answer_format(texts)],
        "judge": lambda: rewards.consistency(texts),
    }
    return [_result_row(name, part, *measure(work)) for part, work in functions.items()]


def one_at_a_time(
    tools: RewardTools, texts: Sequence[str], columns: dict[str, Any], address: str
) -> list[dict[str, Any]]:
    """Return rows for the same work, item by item, nothing remembered."""
    forget(tools)
    name = "one at a time"
    parsed_row = _result_row(
        name, "parse", *measure(lambda: [_parse_alone(text) for text in texts])
    )
    parsed = [_parse_alone(text) for text in texts]

    def geo() -> list[float]:
        scores = []
        for row, one in enumerate(parsed):
            fields = one.answer.fields if one.answer else ("", "", "")
            truth = tuple(str(columns[key][row]) for key in ("country", "region", "precise"))
            places_of(tools).forget()
            point = tools.resolver.resolve([fields])
            goal = np.array([[columns["lat_deg"][row], columns["lon_deg"][row]]])
            spa = spatial_reward(torch.tensor(point), torch.tensor(goal), radius_km=6371.0).reward
            vectors = np.zeros((2, 3, 512), dtype=np.float32)
            present = 0
            for level, gate in enumerate((0.7, 0.5, 0.0)):
                if fields[level] and truth[level]:
                    present |= 1 << level
                    pair = tools.encoder.encoder.encode([fields[level], truth[level]])
                    vectors[:, level] = pair
                    alike = float(pair[0] @ pair[1] / np.prod(np.linalg.norm(pair, axis=1)))
                    if alike < gate:  # as the reference: closed levels are not encoded
                        break
            sem = semantic_reward(
                torch.tensor(vectors[:1]),
                torch.tensor(vectors[1:]),
                torch.tensor([present], dtype=torch.uint8),
            )
            scores.append(1.5 * float(spa[0]) + float(sem[0]))
        return scores

    def ask() -> list[float]:
        scores = []
        with httpx.Client(trust_env=False) as client:
            for one in parsed:
                score = 0.0
                for level, stage in enumerate(one.stages):
                    before = tuple(s.conclusion for s in one.stages[:level])
                    question = JudgeQuestion(level, stage.reasoning, before)
                    asked = {"role": "user", "content": question_text(question)}
                    body = {"model": "mock", "messages": [asked]}
                    reply = client.post(f"{address}/chat/completions", json=body).json()
                    said = reply["choices"][0]["message"]["content"]
                    gate = length_gate(len(stage.reasoning), (90, 200))
                    score += WEIGHTS[level] * gate * same_name(said, stage.conclusion)
                scores.append(score)
        return scores

    formats = lambda: [  # noqa: E731
        ([float(_parse_alone(t).well_formed)], rewards.answer_format([t])) for t in texts
    ]
    return [
        parsed_row,
        _result_row(name, "geo", *measure(geo)),
        _result_row(name, "format", *measure(formats)),
        _result_row(name, "judge", *measure(ask)),
    ]


def _parse_alone(text: str) -> ParsedCompletion:
    return parse_completion.__wrapped__(text)


def _result_row(name: str, part: str, wall: float, cpu: float, result: object) -> dict[str, Any]:
    return {"provider": name, "part": part, "wall_s": wall, "cpu_s": cpu, "result": result}


def report(rows: list[dict[str, Any]], out: Path | None) -> None:
    """Print the table and the ratios, compare the results, write the CSV."""
    totals = {}
    for provider in dict.fromkeys(row["provider"] for row in rows):
        own = [row for row in rows if row["provider"] == provider]
        for label, parts in (("without judge", ("parse", "geo", "format")), ("with judge", None)):
            chosen = [r for r in own if parts is None or r["part"] in parts]
            totals[provider, label] = tuple(sum(r[k] for r in chosen) for k in ("wall_s", "cpu_s"))
    for row in rows:
        print(
            f"{row['provider']:14} {row['part']:8} {row['wall_s']:8.3f} s wall "
            f"{row['cpu_s']:8.3f} s CPU"
        )
    for (provider, label), (wall, cpu) in totals.items():
        base_wall, base_cpu = totals["one at a time", label]
        print(
            f"{provider:14} {label:14} {wall:8.3f} s wall ({base_wall / wall:6.1f}x) "
            f"{cpu:8.3f} s CPU ({base_cpu / cpu:6.1f}x)"
        )
    if out:
        with out.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["provider", "part", "wall_s", "cpu_s", "torch", "date"])
            for row in rows:
                writer.writerow(
                    [
                        *(row["provider"], row["part"]),
                        *(f"{row['wall_s']:.4f}", f"{row['cpu_s']:.4f}"),
                        *(torch.__version__, time.strftime("%Y-%m-%d")),
                    ]
                )
    by_part = {(row["provider"], row["part"]): row["result"] for row in rows}
    for part in ("geo", "judge"):
        ours, theirs = by_part["ours cold", part], by_part["one at a time", part]
        if not np.allclose(ours, theirs, atol=1e-5):
            sys.exit(f"the two ways give different rewards: {part}")
    print("both ways give the same rewards")


def start_judge(seconds: float) -> str:
    """Start the judge in a process of its own; return its address."""
    receive, send = multiprocessing.get_context("spawn").Pipe(duplex=False)
    multiprocessing.get_context("spawn").Process(
        target=_serve_judge, args=(send, seconds), daemon=True
    ).start()
    return f"http://127.0.0.1:{receive.recv()}/v1"


def _serve_judge(send: Connection, seconds: float) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                size = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
                body = json.loads(await reader.readexactly(size))
                await asyncio.sleep(seconds)
                writer.write(_judge_reply(body["messages"][-1]["content"]))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(handle, "127.0.0.1", 0, backlog=2048)
        send.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def _judge_reply(text: str) -> bytes:
    """Conclude what the reasoning names: "... speak for COUNTRY, REGION more than PLACE."."""
    named = text.split(" speak for ")[1]
    country_region, _, rest = named.partition(" more than ")
    country, _, region = country_region.partition(", ")
    place = rest.split(". The lettering")[0].split(". \n")[0]
    said = {"country": country, "region": region}.get(text.split("Which ")[-1].split(" ")[0], place)
    content = json.dumps({"choices": [{"message": {"content": said}}]}).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(content)}\r\n\r\n"
    return head.encode() + content


if __name__ == "__main__":
    main()
