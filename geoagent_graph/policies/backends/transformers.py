"""A model in this process through transformers: Qwen2.5-VL, Qwen3-VL and relatives, no server.

Replies to a schema are constrained token by token with llguidance; a choice between letters reads
the logits of the next token directly. Questions wait for each other: one model, one thread.
Needs the extra `transformers`.
"""

import importlib.util
import io
import json
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from geoagent_graph.call_threads import on_cancel, run_in_thread
from geoagent_graph.errors import InputError, PolicyError
from geoagent_graph.installation import extra_command
from geoagent_graph.policies.backends.adapter_base import missing_base_words
from geoagent_graph.policies.backends.picture_processor import load_processor
from geoagent_graph.policies.model.calibration import Calibration
from geoagent_graph.policies.model.chat import ChatReply, ChatRequest, Message, Picture
from geoagent_graph.policies.model.open_model import PolicyTools, open_model_policy
from geoagent_graph.policies.model.options import ModelPolicyOptions
from geoagent_graph.policies.model.policy import ModelPolicy
from geoagent_graph.policies.options import PAPER_MAX_PIXELS, PolicyOptions
from geoagent_graph.settings import DEFAULT_CALL_SECONDS, CallSeconds
from geoagent_graph.types import FrozenModel, Usage

if TYPE_CHECKING:
    import torch
    from PIL.Image import Image

Dtype = Literal["auto", "float32", "bfloat16", "float16"]
Quantisation = Literal["none", "int8", "int4"]
_NEEDED: Final = ("torch", "transformers", "llguidance")


class LocalOptions(FrozenModel):
    """Which model is loaded and where to.

    `model` is a folder in the Hugging Face layout (or a name, where downloads are wanted and
    `offline` is False). `device_map` is transformers' own: "cpu", "cuda:0", "auto", ...
    Quantisation needs bitsandbytes and a GPU. A reply may take `call_seconds`.
    """

    model: str
    device_map: str = "auto"
    dtype: Dtype = "auto"
    quantisation: Quantisation = "none"
    offline: bool = True
    call_seconds: CallSeconds = DEFAULT_CALL_SECONDS


class TransformersChat:
    """A `ChatModel` in this process; deterministic for a seed, loaded at the first question."""

    def __init__(self, options: LocalOptions) -> None:
        missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
        if missing:
            raise InputError(
                f"the policy `transformers` needs {', '.join(missing)}: "
                + extra_command("transformers")
            )
        if options.offline and not Path(options.model).is_dir():
            raise InputError(
                f"--model {options.model}: no such folder; give a downloaded model's folder"
            )
        self.options = options
        self._lock = threading.Lock()
        self._loaded: _LoadedModel | None = None

    @property
    def model(self) -> str:
        """Name of the model: of its folder, or of a downloaded snapshot with its revision."""
        return _name_of(Path(self.options.model))

    async def reply(self, request: ChatRequest) -> ChatReply:
        """Return the reply.

        Raises:
            PolicyError: the model cannot be loaded, does not take the question, or is too slow.
        """
        return await run_in_thread(self._reply_in_thread, request)

    async def aclose(self) -> None:
        """Do nothing: the model stays loaded for the next event loop."""

    def _reply_in_thread(self, request: ChatRequest) -> ChatReply:
        with self._lock:
            began = time.perf_counter()
            try:
                if self._loaded is None:
                    self._loaded = _LoadedModel(self.options)
                reply = self._loaded.reply(request)
            except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
                unloaded = self._loaded is None
                missing = missing_base_words(self.options.model) if unloaded else None
                said = f"model {self.options.model}: {' '.join(str(error).split())[:300]}"
                raise PolicyError(missing or said) from error
        return ChatReply(
            text=reply.text,
            cut=reply.cut,
            usage=reply.usage,
            letter_logprobs=reply.letter_logprobs,
            seconds=time.perf_counter() - began,
        )


class _LoadedModel:
    """Weights, processor and grammar tables."""

    def __init__(self, options: LocalOptions) -> None:
        from transformers import AutoModelForImageTextToText
        from transformers.utils import logging

        logging.disable_progress_bar()
        self._options = options
        self._model: Any = AutoModelForImageTextToText.from_pretrained(
            options.model,
            dtype=options.dtype,
            device_map=device_map_of(options),
            local_files_only=options.offline,
            use_safetensors=True,  # the other format is a pickle
            **_quantisation_options(options.quantisation),
        )
        self._model.eval()
        self._processor = load_processor(options.model, offline=options.offline)
        self._tokenizer: Any = self._processor.tokenizer
        self._grammar_tables: Any = None

    def reply(self, request: ChatRequest) -> ChatReply:
        import torch

        encoded = self._encode_messages(request.messages)
        asked = int(encoded["input_ids"].shape[1])
        with torch.inference_mode():
            if request.letters:
                text, logprobs = self._choose_letter(encoded, request.letters)
                used = self._usage_of(request, asked, 1)
                return ChatReply(text=text, usage=used, letter_logprobs=logprobs)
            tokens = self._generate_tokens(encoded, request)[asked:]
        ends = self._end_tokens()
        cut = len(tokens) >= request.max_tokens and tokens[-1] not in ends
        text = self._tokenizer.decode(
            [token for token in tokens if token not in ends], skip_special_tokens=True
        )
        return ChatReply(text=text, cut=cut, usage=self._usage_of(request, asked, len(tokens)))

    def _encode_messages(self, messages: Sequence[Message]) -> Mapping[str, Any]:
        conversation = [
            {"role": message.role, "content": [_message_content(part) for part in message.parts]}
            for message in messages
        ]
        pictures = [
            _open_picture(part) for m in messages for part in m.parts if isinstance(part, Picture)
        ]
        text = self._processor.apply_chat_template(
            conversation, tokenize=False, add_generation_prompt=True
        )
        shown = {"images": pictures} if pictures else {}
        encoded: Any = self._processor(text=[text], return_tensors="pt", **shown)
        return encoded.to(self._model.device)  # type: ignore[no-any-return]

    def _choose_letter(
        self, encoded: Mapping[str, Any], letters: tuple[str, ...]
    ) -> tuple[str, dict[str, float]]:
        import torch

        logits = self._model(**encoded).logits[0, -1].float()
        all_logprobs = torch.log_softmax(logits, dim=-1)
        ids = [self._tokenizer.encode(letter, add_special_tokens=False)[0] for letter in letters]
        # among the letters alone: what a server constrained to them reports
        chosen = torch.log_softmax(all_logprobs[ids], dim=-1)
        found = dict(zip(letters, chosen.tolist(), strict=True))
        return max(found, key=lambda letter: found[letter]), found

    def _generate_tokens(self, encoded: Mapping[str, Any], request: ChatRequest) -> list[int]:
        import torch

        torch.manual_seed(request.seed)
        sampled = request.temperature > 0.0
        cancelled = threading.Event()
        processors: list[Any] = [partial(_raise_when_set, cancelled)]
        if request.schema is not None:
            processors.append(self._schema_constraint(request.schema))
        with on_cancel(cancelled.set):
            out = self._model.generate(
                **encoded,
                max_new_tokens=request.max_tokens,
                do_sample=sampled,
                temperature=request.temperature if sampled else None,
                top_p=None,
                top_k=None,
                pad_token_id=self._tokenizer.pad_token_id,
                logits_processor=processors,
                max_time=self._options.call_seconds,
            )
        tokens: list[int] = out[0].tolist()
        return tokens

    def _schema_constraint(self, schema: Mapping[str, Any]) -> "_SchemaConstraint":
        if self._grammar_tables is None:
            import llguidance.hf

            size = self._model.get_output_embeddings().weight.shape[0]
            self._grammar_tables = llguidance.hf.from_tokenizer(self._tokenizer, n_vocab=size)
        return _SchemaConstraint(self._grammar_tables, schema)

    def _end_tokens(self) -> set[int]:
        ends = self._model.generation_config.eos_token_id
        return set(ends) if isinstance(ends, list) else {ends}

    @staticmethod
    def _usage_of(request: ChatRequest, asked: int, generated: int) -> Usage:
        return Usage(
            calls=1, prompt_tokens=asked, completion_tokens=generated, images=request.pictures
        )


def _raise_when_set(
    cancelled: threading.Event, _: "torch.Tensor", scores: "torch.Tensor"
) -> "torch.Tensor":
    """Return the scores as they are: a logits processor that ends a reply nobody waits for."""
    if cancelled.is_set():
        raise CancelledError
    return scores


class _SchemaConstraint:
    """A logits processor for one reply: only tokens that keep to the schema stay possible."""

    def __init__(self, tables: Any, schema: Mapping[str, Any]) -> None:
        from llguidance import LLMatcher

        options = {"whitespace_flexible": False}
        text = json.dumps({**schema, "x-guidance": options})
        self._matcher = LLMatcher(tables, LLMatcher.grammar_from_json_schema(text))
        if self._matcher.is_error():
            raise ValueError(f"the schema cannot be used: {self._matcher.get_error()}")
        self._seen: int | None = None

    def __call__(self, input_ids: "torch.Tensor", scores: "torch.Tensor") -> "torch.Tensor":
        import numpy as np
        import torch

        length = int(input_ids.shape[1])
        if self._seen is not None and length > self._seen:
            self._matcher.consume_tokens(input_ids[0, self._seen :].tolist())
        self._seen = length
        mask = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        allowed = np.unpackbits(mask, bitorder="little")[: scores.shape[1]].astype(bool)
        forbidden = torch.from_numpy(~allowed).to(scores.device)
        scores[0, : len(allowed)].masked_fill_(forbidden, float("-inf"))
        return scores


def device_map_of(options: LocalOptions) -> str | None:
    """Return the device map that transformers gets; None, which needs no accelerate, for a CPU."""
    import torch

    on_cpu = options.device_map == "auto" and not torch.cuda.is_available()
    return None if on_cpu or options.device_map == "cpu" else options.device_map


def local_options(options: PolicyOptions) -> LocalOptions:
    """Return the model that the options name.

    Raises:
        InputError: its folder is not named.
    """
    if not options.model:
        raise InputError("--policy transformers needs --model, the folder of a downloaded model")
    return LocalOptions(
        model=options.model,
        device_map=options.device_map,
        dtype=options.dtype,
        quantisation=options.quantisation,
        call_seconds=options.call_seconds,
    )


def open_transformers_policy(
    local: LocalOptions,
    tools: PolicyTools,
    *,
    options: ModelPolicyOptions | None = None,
    max_pixels: int = PAPER_MAX_PIXELS,
    calibration: Calibration | Path | None = None,
    reference_photos: Path | None = None,
) -> ModelPolicy:
    """Return the policy `transformers`; the model is loaded at its first question.

    Arguments as for `open_served_policy`.

    Raises:
        InputError: packages are missing, or there is no such model folder.
    """
    return open_model_policy(
        "transformers",
        TransformersChat(local),
        tools,
        options=options,
        max_pixels=max_pixels,
        calibration=calibration,
        reference_photos=reference_photos,
    )


def _name_of(folder: Path) -> str:
    """Return the folder's name; of `models--OWNER--NAME/snapshots/REVISION` OWNER/NAME@REVISION."""
    repository = folder.parent.parent.name
    if folder.parent.name != "snapshots" or not repository.startswith("models--"):
        return folder.name
    return f"{repository.removeprefix('models--').replace('--', '/')}@{folder.name[:12]}"


def _message_content(part: str | Picture) -> dict[str, Any]:
    return {"type": "text", "text": part} if isinstance(part, str) else {"type": "image"}


def _open_picture(picture: Picture) -> "Image":
    from PIL import Image

    return Image.open(io.BytesIO(picture.jpeg)).convert("RGB")


def _quantisation_options(quantisation: Quantisation) -> dict[str, Any]:
    if quantisation == "none":
        return {}
    from transformers import BitsAndBytesConfig

    config: Any = BitsAndBytesConfig(
        load_in_8bit=quantisation == "int8", load_in_4bit=quantisation == "int4"
    )
    return {"quantization_config": config}
