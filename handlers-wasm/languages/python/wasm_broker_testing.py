"""Takes the broker's place, so that handlers can be tested on CPython::

    broker = Broker(secrets={"KEY": "value"}, responses=[Response(200, body=b"{}")])
    assert broker.run(handler.run, context={"lines": []}) == {"status": "completed", "result": 0}
"""

import json
import time

import wasm_broker
from wasm_broker import HttpError, Response

_LEVELS = ("trace", "debug", "info", "warning", "error")
_DENIED, _IO = -5, -9


class Broker:
    """A broker with these secrets, whose requests get these responses, in turn; an ``HttpError`` among them is raised.

    ``lines``: what was logged, as ``(level, message, fields)``; ``requests``: the documents of what was sent.
    """

    def __init__(self, *, secrets=None, responses=(), remaining=10.0):
        self.lines = []
        self.requests = []
        self._secrets = secrets or {}
        self._responses = list(responses)
        self._remaining = remaining
        self._started = time.monotonic_ns()
        self._answers = []
        self._error = None

    def run(self, handler, *, config=None, context=None, deps=None, prev=None, checkpoint=None, attempt=1, max_attempts=3):
        """Runs a handler's function; the result document."""
        document = {
            "step": {"attempt": attempt, "max_attempts": max_attempts},
            "config": config or {}, "context": context, "deps": deps or {}, "prev": prev, "checkpoint": checkpoint}
        before = wasm_broker._host
        wasm_broker._host = self
        try:
            output = wasm_broker._outcome(handler, json.loads(json.dumps(document)))
        finally:
            wasm_broker._host = before
        return None if output is None else json.loads(output)

    # --- what wasm_broker calls ---

    def log(self, level, message, fields):
        self.lines.append((_LEVELS[level], message, json.loads(fields) if fields else {}))

    def microseconds(self, clock):
        return (time.time_ns() // 1000, (time.monotonic_ns() - self._started) // 1000, int(self._remaining * 1e6))[clock]

    def read_secret(self, name):
        return self._secrets.get(name, _DENIED)

    def http_send(self, document):
        self.requests.append(json.loads(document))
        answer = self._responses.pop(0) if self._responses else HttpError("not_allowed", "the test has no response for it")
        if isinstance(answer, HttpError):
            self._error = dict(answer._document(), sent=answer.sent)
            return _IO
        self._answers.append(answer)
        return len(self._answers)

    def http_head(self, handle):
        answer = self._answers[handle - 1]
        return json.dumps({"status": answer.status, "headers": answer.headers, "url": answer.url or self.requests[-1]["url"]})

    def http_read(self, handle):
        return 0

    def http_text(self, handle):
        return self._answers[handle - 1].text

    def http_bytes(self, handle):
        return self._answers[handle - 1].body

    def http_close(self, handle):
        pass

    def http_error(self):
        return json.dumps(self._error)


__all__ = ["Broker", "HttpError", "Response"]
