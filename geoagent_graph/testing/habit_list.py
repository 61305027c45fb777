"""The habits of model servers that the client is tested with; see `server_habits`."""
# ruff: noqa: E501, ARG001, ARG005  one habit a line, and callbacks that need not look at all they get

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from geoagent_graph.testing.mock_server import MODEL, MockRequest
from geoagent_graph.testing.server_habits import KEY, Habit, Wire, refusal

_NAME: Final = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")
Body = dict[str, Any]
Edit = Callable[[MockRequest, Body], None]


def _json_error(status: int, message: str, **fields: Any) -> Wire:
    return refusal(
        status, {"error": {"message": message, "type": "invalid_request_error", **fields}}
    )


def _refuse_field(name: str, reply: Wire) -> Callable[[MockRequest, int], Wire | None]:
    return lambda request, _: reply if name in request.body else None


def _refuse_once(reply: Wire) -> Callable[[MockRequest, int], Wire | None]:
    return lambda _, number: reply if number == 0 else None


def _refuse_always(reply: Wire) -> Callable[[MockRequest, int], Wire | None]:
    return lambda _, number: reply


def _extra_forbidden(name: str) -> Wire:
    detail = {
        "type": "extra_forbidden",
        "loc": ["body", name],
        "msg": "Extra inputs are not permitted",
    }
    return refusal(422, {"object": "error", "message": {"detail": [detail]}, "code": None})


def _message_of(body: Body) -> Body:
    message: Body = body["choices"][0]["message"]
    return message


def _in_text(change: Callable[[str], str], *, in_calls: bool = False) -> Edit:
    """Return an edit of a reply's text, whole or in parts, and of a tool call's for `in_calls`."""

    def edit(request: MockRequest, body: Body) -> None:
        for holder, key in _texts_in(_message_of(body), in_calls=in_calls):
            if isinstance(holder[key], str):
                holder[key] = change(holder[key])

    return edit


def _texts_in(message: Body, *, in_calls: bool) -> list[tuple[Body, str]]:
    content = message["content"]
    whole = [(part, "text") for part in content] if isinstance(content, list) else []
    calls = message.get("tool_calls", []) if in_calls else []
    return [*(whole or [(message, "content")]), *((c["function"], "arguments") for c in calls)]


def _as_parts(request: MockRequest, body: Body) -> None:
    message = _message_of(body)
    if isinstance(message["content"], str):
        message["content"] = [{"type": "text", "text": message["content"]}]


def _in_logprobs(change: Callable[[Body], Any]) -> Edit:
    """Return an edit of the log-probabilities, where there are some in the usual notation."""

    def edit(request: MockRequest, body: Body) -> None:
        logprobs = body["choices"][0].get("logprobs")
        if logprobs and "content" in logprobs:
            body["choices"][0]["logprobs"] = change(logprobs)

    return edit


def _set_fields(**fields: Any) -> Edit:
    return lambda request, body: body.update(fields)


def _too_many_logprobs(request: MockRequest, number: int) -> Wire | None:
    asked = request.body.get("top_logprobs", 0)
    said = f"Invalid 'top_logprobs': integer above maximum value. Expected <= 5, but got {asked}"
    return _json_error(400, said, param="top_logprobs") if asked > 5 else None


def _schema_of(request: MockRequest) -> Body:
    wanted: Body = request.body.get("response_format") or {}
    return wanted.get("json_schema") or {}


def _bad_schema_name(request: MockRequest, number: int) -> Wire | None:
    name = _schema_of(request).get("name", "ok")
    said = f"Invalid 'response_format.json_schema.name': {name!r} does not match the pattern"
    return None if _NAME.match(name) else _json_error(400, said)


def _strict_schema(request: MockRequest, number: int) -> Wire | None:
    said = (
        "Invalid schema for response_format: in context=('thought',), 'minItems' is not permitted"
    )
    return (
        _json_error(400, said, param="response_format")
        if _schema_of(request).get("strict")
        else None
    )


def _only_json_mode(request: MockRequest, number: int) -> Wire | None:
    kind = (request.body.get("response_format") or {}).get("type")
    said = "response_format.type must be one of: text, json_object"
    return _json_error(400, said) if kind == "json_schema" else None


def _few_tokens(request: MockRequest, number: int) -> Wire | None:
    said = "Invalid 'max_tokens': integer below minimum value. Expected a value >= 16"
    limit = request.body.get("max_tokens") or request.body.get("max_completion_tokens") or 16
    return _json_error(400, said, param="max_tokens") if limit < 16 else None


def _no_system(request: MockRequest, number: int) -> Wire | None:
    first = request.body["messages"][0]["role"]
    return _json_error(400, "System role not supported") if first == "system" else None


def _other_key(header: str) -> Callable[[MockRequest, int], Wire | None]:
    def refuse(request: MockRequest, number: int) -> Wire | None:
        good = request.headers.get(header) == KEY
        return None if good else refusal(401, {"error": "Unauthorized"})

    return refuse


def _reason_first(request: MockRequest, body: Body) -> None:
    limit = request.body.get("max_tokens") or request.body.get("max_completion_tokens") or 9999
    message = _message_of(body)
    message["reasoning_content"] = "Let me look at the signs {again}."
    if limit < 2000:
        message["content"] = None
        body["choices"][0]["finish_reason"] = "length"


def _as_call(request: MockRequest, body: Body) -> None:
    message = _message_of(body)
    text = message.get("content")
    if _schema_of(request) and isinstance(text, str):
        message["tool_calls"] = [{"function": {"name": "reply", "arguments": text}}]
        message["content"] = None


def _refuse_to_say(request: MockRequest, body: Body) -> None:
    _message_of(body).update(content=None, refusal="I cannot help to find people.")


def _as_stream(request: MockRequest, wire: Wire) -> Wire:
    body = json.loads(wire.body)
    choice = (body.get("choices") or [{}])[0]
    if "message" not in choice:
        return wire
    message = choice.pop("message")
    text = message.get("content") if isinstance(message.get("content"), str) else None
    pieces = [text[:5], text[5:]] if text else [message.get("content")]
    events = [{"model": body.get("model"), "choices": [{"delta": {**message, "content": piece}}]}
              for piece in pieces]  # fmt: skip
    events[0]["choices"][0]["logprobs"] = choice.get("logprobs")
    for event in events[1:]:
        event["choices"][0]["delta"] = {"content": event["choices"][0]["delta"]["content"]}
    events.append({"choices": [{"delta": {}, "finish_reason": choice.get("finish_reason")}]})
    events.append({"choices": [], "usage": body.get("usage")})
    lines = [f"data: {json.dumps(event)}\n\n" for event in events]
    return replace(wire, body="".join([*lines, "data: [DONE]\n\n"]).encode()).with_headers(
        Content_Type="text/event-stream"
    )


def _old_notation(logprobs: Body) -> Body:
    entries = logprobs["content"]
    return {
        "tokens": [entry.get("token", "") for entry in entries],
        "token_logprobs": [entry.get("logprob") for entry in entries],
        "top_logprobs": [{t["token"]: t["logprob"] for t in e["top_logprobs"]} for e in entries],
    }


def _with_tail(value: Any) -> Callable[[Body], Body]:
    def change(logprobs: Body) -> Body:
        for entry in logprobs["content"]:
            tail = {"token": "Zürich", "logprob": value}
            entry["top_logprobs"] = [*entry["top_logprobs"], tail]
        return logprobs

    return change


def _chosen_only(logprobs: Body) -> Body:
    return {"content": [{**entry, "top_logprobs": []} for entry in logprobs["content"]]}


def _empty_once(request: MockRequest, body: Body) -> None:
    if request.number == 0:
        body["choices"] = [{**body["choices"][0], "message": {"content": None}}]


_LIMITED: Final = refusal(429, {"error": {"message": "Rate limit reached", "type": "rate_limit"}})
_IN_200: Final = refusal(200, {"error": {"message": "upstream is out of memory", "code": 502}})

_LOADING: Final = _json_error(503, "Loading model", code=503)
_PAGE: Final = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head></html>"
_HTML: Final = {"Content-Type": "text/html"}

_ALL: Final = (
    Habit("max_completion_tokens only", refuse=_refuse_field("max_tokens", _json_error(400, "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", param="max_tokens", code="unsupported_parameter"))),
    Habit("max_tokens only", refuse=_refuse_field("max_completion_tokens", _extra_forbidden("max_completion_tokens"))),
    Habit("at least 16 tokens", refuse=_few_tokens),
    Habit("no temperature", refuse=_refuse_field("temperature", _json_error(400, "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.", param="temperature")), notes="no temperature"),
    Habit("no seed", refuse=_refuse_field("seed", _extra_forbidden("seed")), notes="no seed"),
    Habit("no seed, without a word", refuse=_refuse_field("seed", refusal(400, {"error": "Bad Request"})), notes="no seed"),
    Habit("top_logprobs at most 5", refuse=_too_many_logprobs, notes="5 log-probabilities"),
    Habit("logprobs refused", refuse=_refuse_field("logprobs", _json_error(400, "logprobs is not supported by this model")), notes="no log-probabilities"),
    Habit("logprobs end in 500", refuse=_refuse_field("logprobs", refusal(500, {"error": {"message": "Out of range float values: logprobs"}})), notes="no log-probabilities"),
    Habit("logprobs ignored", edit=_in_logprobs(lambda logprobs: None), notes="no usable log-probabilities"),
    Habit("logprobs of the chosen token only", edit=_in_logprobs(_chosen_only)),
    Habit("logprobs in the old notation", edit=_in_logprobs(_old_notation)),
    Habit("logprobs with a null tail", edit=_in_logprobs(_with_tail(None))),
    Habit("logprobs with NaN", edit=_in_logprobs(_with_tail(float("nan")))),
    Habit("schema names of letters and digits", refuse=_bad_schema_name),
    Habit("strict schemas refused", refuse=_strict_schema, notes="without strictness"),
    Habit("JSON mode only", refuse=_only_json_mode, notes="only JSON mode"),
    Habit("no response_format", refuse=_refuse_field("response_format", _json_error(400, "response_format is not supported")), notes="replies are read as they come"),
    Habit("no response_format, without a word", refuse=_refuse_field("response_format", refusal(400, {})), notes="replies are read as they come"),
    Habit("JSON in a code fence", edit=_in_text(lambda text: f"Sure, here it is:\n```json\n{text}\n```" if text.startswith("{") else text), notes="does not hold replies to JSON schemas"),
    Habit("another name", edit=_set_fields(model="hosted/some-model-v3"), notes="signs the replies"),
    Habit("a dated name", edit=_set_fields(model=f"{MODEL}-2025-08-07")),
    Habit("no name", edit=lambda request, body: body.pop("model", None)),
    Habit("no list of models", models=refusal(404, {"detail": "Not Found"}), part="list"),
    Habit("a page in place of the list", models=Wire(b"<html></html>", 200, _HTML), part="list"),
    Habit("an error in place of the list", models=refusal(200, {"error": "Unexpected endpoint or method. (GET /v1/models)"}), part="list"),
    Habit("a bare list of models", models=refusal(200, [{"id": MODEL}]), part="list"),
    Habit("a list of models by name", models=refusal(200, {"models": [{"name": f"{MODEL}:latest"}]}), part="list"),
    Habit("an empty list of models", models=refusal(200, {"object": "list", "data": None}), part="list"),
    Habit("reasoning beside the reply", edit=_reason_first, notes="reasons before it replies"),
    Habit("reasoning inside the reply", edit=_in_text(lambda text: text if text.startswith("<think>") else f"<think>A {{sign}}.\n</think>\n\n{text}")),
    Habit("content in parts", edit=_as_parts),
    Habit("replies as tool calls", edit=_as_call),
    Habit("null usage", edit=_set_fields(usage=None)),
    Habit("no usage", edit=lambda request, body: body.pop("usage", None)),
    Habit("null counts", edit=_set_fields(usage={"prompt_tokens": None, "completion_tokens": None})),
    Habit("no system message", refuse=_no_system, notes="no system message"),
    Habit("a limit of the rate without Retry-After", refuse=_refuse_once(_LIMITED)),
    Habit("an error inside a reply, once", refuse=_refuse_once(_IN_200)),
    Habit("the model is loaded first", refuse=_refuse_once(_LOADING)),
    Habit("a page of a proxy, once", refuse=_refuse_once(Wire(_PAGE, 502, _HTML))),
    Habit("no text, once", edit=_empty_once),
    Habit("type text/plain", send=lambda request, wire: wire.with_headers(Content_Type="text/plain")),
    Habit("no type", send=lambda request, wire: wire.with_headers(Content_Type="")),
    Habit("gzip", send=lambda request, wire: replace(wire, body=gzip.compress(wire.body)).with_headers(Content_Encoding="gzip")),
    Habit("chunks", send=lambda request, wire: replace(wire, chunked=True)),
    Habit("a mark of the byte order", send=lambda request, wire: wire if wire.headers.get("Content-Encoding") else replace(wire, body=b"\xef\xbb\xbf" + wire.body)),
    Habit("a stream unasked", send=lambda request, wire: wire if wire.headers.get("Content-Encoding") or not wire.body.startswith(b"{") else _as_stream(request, wire)),
    Habit("an address without /v1", address=lambda url: url.removesuffix("/v1")),
    Habit("an address with a slash", address=lambda url: f"{url}/"),
    Habit("an address with the endpoint", address=lambda url: f"{url.rstrip('/')}/chat/completions" if "/v1" in url else url),
    Habit("the key in api-key", refuse=_other_key("api-key"), part="key"),
    Habit("the key in x-api-key", refuse=_other_key("x-api-key"), part="key"),
    Habit("a refusal", edit=_refuse_to_say, says="the model refuses: I cannot help to find people."),
    Habit("a filter of contents", edit=lambda request, body: body["choices"][0].update(finish_reason="content_filter"), says="filter of contents withholds the reply"),
    Habit("an error inside every reply", refuse=_refuse_always(_IN_200), says="upstream is out of memory"),
    Habit("a page in place of every reply", refuse=_refuse_always(Wire(_PAGE, 200, _HTML)), says="a proxy, a login or another program answers"),
    Habit("nothing left to spend", refuse=_refuse_always(refusal(429, {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}})), says="what may be spent there is used up"),
    Habit("no pictures", refuse=lambda request, _: _json_error(400, "this model does not support image input") if request.images else None, says="use --no-vision"),
    Habit("a short context", refuse=_refuse_always(_json_error(400, "This model's maximum context length is 512 tokens", code="context_length_exceeded")), says="maximum context length is 512"),
    Habit("no choices", edit=lambda request, body: body.update(choices=[]), says="at choices: there is none"),
    Habit("half a reply", edit=_in_text(lambda text: text[: len(text) // 2] if len(text) > 1 else "", in_calls=True), says=("in two replies", "in 8 replies", "there is no text")),
)  # fmt: skip
HABITS: Final = {habit.name: habit for habit in _ALL}
