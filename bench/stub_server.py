"""A stand-in for a vLLM server that answers at once: what is left is the client's own cost.

    python bench/stub_server.py [--port N] [--text TEXT] [--no-abort]

It prints one line, `ready PORT`, and serves until it is killed. It speaks just enough of vLLM's
HTTP for a client to be measured or tested: fixed texts, fixed usage, made-up log-probabilities.
Words in double brackets, anywhere in a request's body, ask for a fault:

    [[status 503]]   that status, with an error body       [[drop]]       the connection is closed
    [[slow 0.5]]     an answer after so many seconds       [[finish abort]]  that finish reason
    [[garble]]       a body that is no JSON                [[text ...]]   that text as the answer
"""

import argparse
import asyncio
import json
import re
import time
import zlib
from collections.abc import Callable
from typing import Any

MODEL = "stub"
WINDOW = 4096
PROMPT, CACHED = 40, 16
"""What every answer says of its prompt's tokens."""

_IDS = re.compile(rb'"logprob_token_ids": ?\[([0-9, ]+)\]')
_FAULT = re.compile(rb"\[\[(\w+) ?([^\]]*)\]\]")
_LENGTH = re.compile(rb"content-length: ?(\d+)", re.I)
_REQUEST_ID = re.compile(rb'"request_id": ?"([^"]+)"')


class State:
    """What the server counts, and the answers that it has yet to give."""

    def __init__(self, text: str, aborts: bool) -> None:
        self.text = text
        self.aborts = aborts
        self.requests = self.open = self.most_open = self.closed_early = 0
        self.prompt = self.cached = self.generated = 0
        self.completions = self.repeated = 0
        self.seen: set[bytes] = set()
        """Names of the completions that were asked for."""
        self.pending: dict[bytes, Callable[[], None]] = {}
        self.began = time.time()

    def metrics(self) -> str:
        """The counters under vLLM's names, and its own under `stub:`."""
        own = ("requests", "open", "most_open", "closed_early", "completions", "repeated")
        lines = [
            f"process_start_time_seconds {self.began:.6f}",
            f'vllm:prompt_tokens_total{{engine="0",model_name="{MODEL}"}} {self.prompt}.0',
            f'vllm:prompt_tokens_cached_total{{engine="0",model_name="{MODEL}"}} {self.cached}.0',
            f'vllm:generation_tokens_total{{engine="0",model_name="{MODEL}"}} {self.generated}.0',
            f'vllm:num_requests_running{{engine="0",model_name="{MODEL}"}} {len(self.pending)}.0',
            f'vllm:num_requests_waiting{{engine="0",model_name="{MODEL}"}} 0.0',
            *(f"stub:{name} {getattr(self, name)}" for name in own),
        ]
        return "\n".join(lines) + "\n"

    def asked(self, body: bytes) -> None:
        """Count a completion, and whether one of its name was asked for before."""
        self.completions += 1
        if found := _REQUEST_ID.search(body):
            self.repeated += found[1] in self.seen
            self.seen.add(found[1])

    def charge(self, completion: int) -> dict[str, object]:
        """The usage of one answer, after it was added to the counters."""
        self.prompt += PROMPT
        self.cached += CACHED
        self.generated += completion
        return {
            "prompt_tokens": PROMPT,
            "completion_tokens": completion,
            "total_tokens": PROMPT + completion,
            "prompt_tokens_details": {"cached_tokens": CACHED},
        }


class Connection(asyncio.Protocol):
    """One client's connection: requests in, answers out, in order."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._buffer = b""
        self._waiting = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._state.open += 1
        self._state.most_open = max(self._state.most_open, self._state.open)

    def connection_lost(self, exc: Exception | None) -> None:
        self._state.open -= 1
        self._state.closed_early += self._waiting

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            found = _LENGTH.search(self._buffer, 0, end)
            stop = end + 4 + (int(found[1]) if found else 0)
            if len(self._buffer) < stop:
                return
            head, body = self._buffer[:end], self._buffer[end + 4 : stop]
            self._buffer = self._buffer[stop:]
            self._serve(head.split(b" ", 2)[1].decode(), body)

    def _serve(self, path: str, body: bytes) -> None:
        self._state.requests += 1
        if path.endswith("/completions"):
            self._state.asked(body)
        faults = {name.decode(): value.decode() for name, value in _FAULT.findall(body)}
        if "drop" in faults:
            self._transport.close()
        elif "status" in faults:
            error = {"error": {"message": f"as asked: {faults['status']}", "code": 0}}
            self._send(json.dumps(error).encode(), status=int(faults["status"]))
        elif "garble" in faults:
            self._send(b"<html>no")
        elif "slow" in faults and path.endswith("/completions"):
            self._wait(float(faults["slow"]), body, lambda: self._route(path, body, faults))
        else:
            self._route(path, body, faults)

    def _wait(self, seconds: float, body: bytes, answer: Callable[[], None]) -> None:
        self._waiting = True
        found = _REQUEST_ID.search(body)
        key = b"chatcmpl-" + found[1] if found else b""

        def finish() -> None:
            self._state.pending.pop(key, None)
            self._waiting = False
            if not self._transport.is_closing():
                answer()

        timer = asyncio.get_running_loop().call_later(seconds, finish)

        def abort() -> None:
            timer.cancel()
            self._waiting = False
            self._answer(body, {"text": "cut off here", "finish": "abort"})

        self._state.pending[key] = abort

    def _route(self, path: str, body: bytes, faults: dict[str, str]) -> None:
        if path.endswith("/completions"):
            self._answer(body, faults)
        elif path == "/tokenize":
            self._send(json.dumps(_tokenize(json.loads(body))).encode())
        elif path == "/inference/v1/abort_requests" and self._state.aborts:
            for key in json.loads(body)["request_ids"]:
                if abort := self._state.pending.pop(key.encode(), None):
                    abort()
            self._send(b"")
        elif path == "/metrics":
            self._send(self._state.metrics().encode(), kind=b"text/plain")
        elif path == "/v1/models":
            self._send(json.dumps({"data": [{"id": MODEL, "max_model_len": WINDOW}]}).encode())
        elif path == "/version":
            self._send(b'{"version": "0.0-stub"}')
        elif path == "/v1/embeddings":
            data = {"data": [{"embedding": [0.6, 0.8]}], "usage": self._state.charge(0)}
            self._send(json.dumps(data).encode())
        else:
            self._send(b"", status=200 if path == "/health" else 404)

    def _answer(self, body: bytes, faults: dict[str, str]) -> None:
        text = faults.get("text", self._state.text)
        finish = faults.get("finish", "stop")
        found = _IDS.search(body)
        if b'"stream": true' in body or b'"stream":true' in body:
            self._stream(text, finish)
        elif found:
            ids = [int(one) for one in found[1].split(b",")]
            weighed = _chat("", "length", self._state.charge(1), _logprobs(ids))
            self._send(json.dumps(weighed).encode())
        else:
            usage = self._state.charge(len(text.split()))
            self._send(json.dumps(_chat(text, finish, usage)).encode())

    def _stream(self, text: str, finish: str) -> None:
        pieces = re.findall(r"\s*\S+", text)
        choices = [{"index": 0, "delta": {"content": piece}} for piece in pieces]
        chunks: list[dict[str, object]] = [{"choices": [choice]} for choice in choices]
        chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
        chunks.append({"choices": [], "usage": self._state.charge(len(pieces))})
        lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
        self._send(("".join(lines) + "data: [DONE]\n\n").encode(), kind=b"text/event-stream")

    def _send(self, body: bytes, status: int = 200, kind: bytes = b"application/json") -> None:
        head = b"HTTP/1.1 %d X\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n"
        self._transport.write(head % (status, kind, len(body)) + body)


def _chat(
    text: str, finish: str, usage: dict[str, object], logprobs: object = None
) -> dict[str, object]:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "text": text,
        "logprobs": logprobs,
        "finish_reason": finish,
    }
    return {"id": "x", "object": "chat.completion", "created": 1, "model": MODEL,
            "choices": [choice], "usage": usage}  # fmt: skip


def _logprobs(ids: list[int]) -> dict[str, object]:
    """-0.5 for the first option, -1.5 for the second, and so on."""
    weighed = [
        {"token": f"token_id:{one}", "logprob": -0.5 - at, "bytes": None}
        for at, one in enumerate(ids)
    ]
    return {"content": [{**weighed[0], "top_logprobs": weighed}]}


def _tokenize(asked: dict[str, Any]) -> dict[str, object]:
    """One token a word; four more around each chat message."""
    chat: list[dict[str, str]] | None = asked.get("messages")
    if chat is None:
        tokens = [_token(word) for word in re.findall(r"\s*\S+", asked["prompt"])]
    else:
        words = [word for message in chat for word in message["content"].split()]
        tokens = [0] * (4 * len(chat)) + [_token(word) for word in words]
    return {"count": len(tokens), "max_model_len": WINDOW, "tokens": tokens}


def _token(word: str) -> int:
    return zlib.crc32(word.encode()) % 50_000


async def serve(port: int, text: str, aborts: bool) -> None:
    """Serve until cancelled. Port 0 takes a free one; the line on stdout names it."""
    state = State(text, aborts)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(state), "127.0.0.1", port, backlog=1024)
    print("ready", server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--text", default="Because the duty of care comes first, yes.")
    parser.add_argument("--no-abort", action="store_true", help="as a server without scale-out")
    asked = parser.parse_args()
    asyncio.run(serve(asked.port, asked.text, not asked.no_abort))


if __name__ == "__main__":
    main()
