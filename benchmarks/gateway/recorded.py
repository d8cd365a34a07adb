"""Answers in the manner of the three protocols, as bytes: whole ones and streams of events."""

from __future__ import annotations

import json
from collections.abc import Iterator

CHAT, RESPONSES, MESSAGES = "/v1/chat/completions", "/v1/responses", "/v1/messages"
INPUT_TOKENS = 11
_WORDS = ("A ", "model ", "is ", "looked ", "at ", "before ", "it ", "is ", "released. ")
_ARGUMENTS = '{"city": "Oslo"}'

Object = dict[str, object]


def event(data: Object, name: str = "") -> bytes:
    """One server-sent event."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()


def whole(path: str, model: str, request: Object) -> bytes:
    """An answer that is not streamed."""
    tools = bool(request.get("tools"))
    if path == CHAT:
        return json.dumps(_chat(model, tools=tools)).encode()
    if path == RESPONSES:
        return json.dumps(_response(model, "completed", tools=tools)).encode()
    return json.dumps(_message(model, tools=tools)).encode()


def stream(path: str, model: str, request: Object, count: int) -> Iterator[bytes]:
    """A stream with `count` events of text between its beginning and its end."""
    if path == CHAT:
        yield from _chat_events(model, request, count)
    elif path == RESPONSES:
        yield from _response_events(model, request, count)
    else:
        yield from _message_events(model, request, count)


def _chat(model: str, *, tools: bool) -> Object:
    call = {"id": "call_1", "type": "function"}
    function = {"name": "weather", "arguments": _ARGUMENTS}
    message: Object = {"role": "assistant", "content": None if tools else "".join(_WORDS)}
    if tools:
        message["tool_calls"] = [{**call, "function": function}]
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if tools else "stop"}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": model,
        "choices": [choice],
        "usage": {"prompt_tokens": INPUT_TOKENS, "completion_tokens": 9, "total_tokens": 20},
    }


def _chat_events(model: str, request: Object, count: int) -> Iterator[bytes]:
    options = request.get("stream_options")
    counted = isinstance(options, dict) and bool(options.get("include_usage"))
    base: Object = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_790_000_000,
        "model": model,
    }

    def chunk(delta: Object, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        usage: Object = {"usage": None} if counted else {}
        return event({**base, "choices": [choice], **usage})

    yield chunk({"role": "assistant", "content": ""})
    if request.get("tools"):
        function: Object = {"name": "weather", "arguments": ""}
        head = {"index": 0, "id": "call_1", "type": "function", "function": function}
        yield chunk({"tool_calls": [head]})
        for piece in (_ARGUMENTS[:8], _ARGUMENTS[8:]):
            yield chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
    else:
        for number in range(count):
            yield chunk({"content": _WORDS[number % len(_WORDS)]})
    yield chunk({}, "tool_calls" if request.get("tools") else "stop")
    if counted:
        usage = {"prompt_tokens": INPUT_TOKENS, "completion_tokens": count}
        total = {"total_tokens": INPUT_TOKENS + count}
        yield event({**base, "choices": [], "usage": {**usage, **total}})
    yield b"data: [DONE]\n\n"


def _response(model: str, status: str, *, tools: bool, count: int = 9) -> Object:
    part = {"type": "output_text", "text": "".join(_WORDS), "annotations": []}
    text = {"id": "msg_1", "type": "message", "role": "assistant", "content": [part]}
    call = {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "weather"}
    item = {**call, "arguments": _ARGUMENTS} if tools else text
    done = status == "completed"
    usage = {
        "input_tokens": INPUT_TOKENS,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": count,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": INPUT_TOKENS + count,
    }
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1_790_000_000,
        "status": status,
        "model": model,
        "output": [{**item, "status": "completed"}] if done else [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": usage if done else None,
    }


def _response_events(model: str, request: Object, count: int) -> Iterator[bytes]:
    tools, number = bool(request.get("tools")), 0

    def one(name: str, /, **fields: object) -> bytes:
        nonlocal number
        number += 1
        return event({"type": name, "sequence_number": number, **fields}, name)

    done = _response(model, "completed", tools=tools, count=count)
    assert isinstance(done["output"], list)
    item: Object = done["output"][0]
    where = {"item_id": item["id"], "output_index": 0}
    bare: Object = {**item, "status": "in_progress"} | ({} if tools else {"content": []})
    yield one("response.created", response=_response(model, "in_progress", tools=tools))
    yield one("response.output_item.added", output_index=0, item=bare)
    if tools:
        name = "response.function_call_arguments"
        yield one(f"{name}.delta", delta=_ARGUMENTS, **where)
        yield one(f"{name}.done", arguments=_ARGUMENTS, name="weather", **where)
    else:
        at = {**where, "content_index": 0}
        part = {"type": "output_text", "text": "", "annotations": []}
        yield one("response.content_part.added", part=part, **at)
        for index in range(count):
            word = _WORDS[index % len(_WORDS)]
            yield one("response.output_text.delta", delta=word, logprobs=[], **at)
        yield one("response.output_text.done", text="".join(_WORDS), logprobs=[], **at)
        yield one("response.content_part.done", part={**part, "text": "".join(_WORDS)}, **at)
    yield one("response.output_item.done", output_index=0, item=item)
    yield one("response.completed", response=done)


def _message(model: str, *, tools: bool) -> Object:
    use = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Oslo"}}
    text = {"type": "text", "text": "".join(_WORDS)}
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [use if tools else text],
        "stop_reason": "tool_use" if tools else "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": INPUT_TOKENS - 4,
            "cache_creation_input_tokens": 1,
            "cache_read_input_tokens": 3,
            "output_tokens": 9,
        },
    }


def _message_events(model: str, request: Object, count: int) -> Iterator[bytes]:
    def one(name: str, /, **fields: object) -> bytes:
        return event({"type": name, **fields}, name)

    start = _message(model, tools=False)
    usage = start["usage"]
    assert isinstance(usage, dict)
    start |= {"content": [], "stop_reason": None, "usage": {**usage, "output_tokens": 1}}
    yield one("message_start", message=start)
    if request.get("tools"):
        use = {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {}}
        yield one("content_block_start", index=0, content_block=use)
        for piece in (_ARGUMENTS[:8], _ARGUMENTS[8:]):
            delta = {"type": "input_json_delta", "partial_json": piece}
            yield one("content_block_delta", index=0, delta=delta)
    else:
        yield one("content_block_start", index=0, content_block={"type": "text", "text": ""})
        yield one("ping")
        for number in range(count):
            delta = {"type": "text_delta", "text": _WORDS[number % len(_WORDS)]}
            yield one("content_block_delta", index=0, delta=delta)
    yield one("content_block_stop", index=0)
    why = "tool_use" if request.get("tools") else "end_turn"
    delta = {"stop_reason": why, "stop_sequence": ""}
    yield one("message_delta", delta=delta, usage={"output_tokens": count})
    yield one("message_stop")
