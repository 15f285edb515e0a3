"""Step handlers of the WASM broker, in Python.

A handler is a function ``run`` that takes a ``Step`` and returns the step's result, which becomes JSON::

    from wasm_broker import Failure, log

    def run(step):
        lines = step.context["lines"]
        if not lines:
            raise Failure("no_lines", "the order has no lines")
        log.info("lines added up", lines=len(lines))
        return {"total": sum(line["price"] * line["quantity"] for line in lines)}

The top level of the script runs once for a configuration, and each step starts from what it left.
On CPython the module can be imported as well: ``wasm_broker_testing`` takes the broker's place in unit tests.
"""

import random as _random
import time as _time

try:
    import _wasm_broker as _host
except ImportError:
    import json as _json

    _host = None  # wasm_broker_testing puts its broker here

__all__ = ["Checkpoint", "Failure", "HttpError", "Response", "SecretError", "Step", "http", "log", "remaining", "secret"]

_SCRIPT = "handler.py"
_ERRORS = ("fault", "invalid", "too_large", "state", "denied", "not_found", "rate_limited", "timeout", "io", "budget")
_IO = -9
_MAX_MESSAGE = 2000


def _error_name(code):
    return _ERRORS[-code - 1] if -len(_ERRORS) <= code < 0 else "unknown"


class Failure(Exception):
    """Raised, it ends the step as failed: ``retryable`` says whether another attempt may help, ``retry_after`` (seconds) when."""

    def __init__(self, type, message="", *, retryable=False, retry_after=None, code=None, context=None):
        super().__init__(message)
        self.type = type
        self.message = message
        self.retryable = retryable
        self.retry_after = retry_after
        self.code = code
        self.context = context

    def _document(self):
        error = {"type": str(self.type), "message": str(self.message), "retryable": bool(self.retryable)}
        if self.retry_after is not None:
            error["retry_after_ms"] = max(0, round(self.retry_after * 1000))
        if self.code is not None:
            error["code"] = str(self.code)
        if self.context is not None:
            error["context"] = self.context
        return error


class HttpError(Failure):
    """There is no response. It says itself whether to try again; a handler need not catch it. ``sent``: a server may have it."""

    def __init__(self, type, message="", *, sent=False, **more):
        super().__init__(type, message, **more)
        self.sent = sent


class SecretError(Failure):
    """There is no such secret for this step: the type is ``denied``, ``not_found``, ``invalid`` or ``io``."""


class Checkpoint:
    """The progress of a long step. Returned, it is saved, and the step goes on in a new run, which finds it in ``step.checkpoint``."""

    def __init__(self, cursor, items_processed=0, accumulated=None):
        self.cursor = cursor
        self.items_processed = items_processed
        self.accumulated = accumulated

    def _document(self):
        document = {"status": "checkpoint", "cursor": self.cursor, "items_processed": self.items_processed}
        if self.accumulated is not None:
            document["accumulated_results"] = self.accumulated
        return document


class Step:
    """The step document."""

    def __init__(self, document):
        self.document = document
        step = document.get("step") or {}
        self.config = document.get("config") or {}
        self.context = document.get("context")
        self.deps = document.get("deps") or {}
        self.prev = document.get("prev")
        self.task = document.get("task") or {}
        self.inputs = step.get("inputs") or {}
        self.name = step.get("name")
        self.handler = step.get("handler")
        self.step_uuid = step.get("step_uuid")
        self.task_uuid = step.get("task_uuid")
        self.correlation_id = step.get("correlation_id")
        self.attempt = step.get("attempt", 1)
        self.max_attempts = step.get("max_attempts", 1)
        saved = document.get("checkpoint")
        self.checkpoint = None
        if saved is not None:
            self.checkpoint = Checkpoint(
                saved.get("cursor"), saved.get("items_processed", 0), saved.get("accumulated_results"))


class _Log:
    """Lines of the step's log; keyword arguments are its fields."""

    def trace(self, message, **fields):
        self._write(0, message, fields)

    def debug(self, message, **fields):
        self._write(1, message, fields)

    def info(self, message, **fields):
        self._write(2, message, fields)

    def warning(self, message, **fields):
        self._write(3, message, fields)

    def error(self, message, **fields):
        self._write(4, message, fields)

    @staticmethod
    def _write(level, message, fields):
        _host.log(level, str(message), _dumps(fields) if fields else "")


log = _Log()


def remaining():
    """The seconds until the step's deadline. The module ``time`` has the other clocks."""
    return _clock(2) / 1e6


def secret(name):
    """The value of a secret, as text. A ``SecretError`` says why there is none; it need not be caught."""
    value = _host.read_secret(name)
    if isinstance(value, int):
        raise SecretError(_error_name(value), f"the secret {name!r} cannot be read: {_error_name(value)}", retryable=value == _IO)
    return value


class Response:
    """What a server answered. A status such as 404 is a response. ``headers``: lists of values by names in lower case."""

    def __init__(self, status, headers=None, body=b"", url=None):
        self.status = status
        self.headers = headers or {}
        self.url = url
        self._body = body
        self._handle = None

    @property
    def ok(self):
        return 200 <= self.status < 300

    def header(self, name, default=None):
        """The first value of a header."""
        values = self.headers.get(name.lower())
        return values[0] if values else default

    @property
    def body(self):
        """The bytes of the body."""
        return self._body if self._handle is None else _host.http_bytes(self._handle)

    @property
    def text(self):
        return self._body.decode("utf-8", "replace") if self._handle is None else _host.http_text(self._handle)

    def json(self):
        return _loads(self.text)


class _Http:
    """Requests. ``{{secret:NAME}}`` in the value of a header or in the body is filled in by the broker."""

    def get(self, url, **options):
        return self.request("GET", url, **options)

    def post(self, url, **options):
        return self.request("POST", url, **options)

    def put(self, url, **options):
        return self.request("PUT", url, **options)

    def patch(self, url, **options):
        return self.request("PATCH", url, **options)

    def delete(self, url, **options):
        return self.request("DELETE", url, **options)

    def request(self, method, url, *, headers=None, params=None, json=None, data=None, timeout=None, idempotency_key=False):
        """Sends a request; an ``HttpError`` says why there is no response. ``data`` is text or bytes, ``timeout`` in seconds."""
        document = {"method": method, "url": url}
        if headers:
            document["headers"] = headers
        if params:
            document["query"] = {name: _values(value) for name, value in params.items()}
        if json is not None:
            document["body"] = {"json": json}
        elif isinstance(data, (bytes, bytearray)):
            from base64 import b64encode

            document["body"] = {"base64": b64encode(data).decode()}
        elif data is not None:
            document["body"] = {"text": data}
        if timeout is not None:
            document["timeout_ms"] = max(1, round(timeout * 1000))
        if idempotency_key:
            document["idempotency_key"] = True
        handle = _host.http_send(_dumps(document))
        if handle < 0:
            raise _http_error(handle)
        try:
            head = _loads(_host.http_head(handle))
            failed = _host.http_read(handle)
        finally:
            _host.http_close(handle)
        if failed:
            raise _http_error(failed)
        response = Response(head["status"], head["headers"], url=head.get("url"))
        response._handle = handle
        return response


http = _Http()


def _values(value):
    return [str(each) for each in value] if isinstance(value, (list, tuple)) else str(value)


def _http_error(code):
    text = _host.http_error()
    if not text:
        return HttpError(_error_name(code), f"the request was refused: {_error_name(code)}")
    error = _loads(text)
    after = error.get("retry_after_ms")
    return HttpError(
        error["type"], error["message"], retryable=error.get("retryable", False), sent=error.get("sent", False),
        retry_after=None if after is None else after / 1000)


# --- documents -------------------------------------------------------------------------------------------------------


def _dumps(value):
    """JSON; a TypeError or ValueError for what is not JSON."""
    dumps = getattr(_host, "dumps", None)
    return dumps(value) if dumps else _json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def _loads(text):
    loads = getattr(_host, "loads", None)
    return loads(text) if loads else _json.loads(text)


# --- runs ------------------------------------------------------------------------------------------------------------

_handler = None
_load_error = None
_loading = False
_draws = False


def _clock(clock):
    """In microseconds."""
    if _loading:
        raise RuntimeError("a clock cannot be read while the script is loaded, since all steps share what it leaves: read it in run")
    microseconds = _host.microseconds(clock)
    if microseconds < 0:
        raise PermissionError("the clock is not granted: get_time is not in the manifest or the policy")
    return microseconds


def _install_clocks():
    """Lets the module time read the broker's clocks, which say why they cannot be read."""
    _time.time_ns = lambda: int(_clock(0)) * 1000
    _time.time = lambda: _clock(0) / 1e6
    _time.monotonic_ns = _time.perf_counter_ns = lambda: int(_clock(1)) * 1000
    _time.monotonic = _time.perf_counter = lambda: _clock(1) / 1e6


def _load(source):
    """Runs the top level of a script; what is wrong with it is told by each run."""
    global _handler, _load_error, _loading, _draws
    _loading = True
    _draws = "random" in source or "statistics" in source
    undrawn = _random.getstate() if _draws else None
    try:
        _handler = _host.execute(source)
        if _draws and _random.getstate() != undrawn:
            raise RuntimeError("a random number was drawn while the script is loaded, and all steps share what it leaves: draw it in run")
        if not callable(_handler):
            raise TypeError("the script has no handler: it needs 'def run(step): …'")
    except SyntaxError as error:
        _load_error = _described("script_syntax_error", error)
        _load_error["context"] = {"line": error.lineno, "column": error.offset}
    except Exception as error:
        _load_error = _described("script_load_error", error)
    finally:
        _loading = False


def _run(document):
    """The result document of a step, as text; None if the script ended the program."""
    if _load_error is not None:
        return _dumps({"status": "failed", "error": _load_error})
    if _draws:
        _random.seed(_host.random())
    return _outcome(_handler, document)


def _outcome(handler, document):
    try:
        result = handler(Step(document))
        if isinstance(result, Checkpoint):
            return _dumps(result._document())
    except Failure as failure:
        return _failed(failure._document())
    except SystemExit as ended:
        log.error(f"the script ended with the exit code {ended.args[0] if ended.args else 0}")
        return None
    except Exception as error:
        if _out_of_memory():
            return None
        return _failed(_described("script_error", error))
    try:
        return '{"status":"completed","result":' + _dumps(result) + "}"
    except (TypeError, ValueError) as error:
        return _failed({"type": "invalid_result", "message": str(error), "retryable": False})


def _out_of_memory():
    """Whether the broker has refused memory: it tells of the limit itself if the run just ends."""
    refused = getattr(_host, "out_of_memory", None)
    return refused is not None and refused()


def _failed(error):
    try:
        return _dumps({"status": "failed", "error": error})
    except (TypeError, ValueError):  # the context of a failure
        error.pop("context", None)
        return _dumps({"status": "failed", "error": error})


def _described(type, error):
    """What an exception says, with its place in the script."""
    message = f"{error.__class__.__name__}: {error}"[:_MAX_MESSAGE]
    stack = []
    at = error.__traceback__
    while at is not None:
        code = at.tb_frame.f_code
        if code.co_filename == _SCRIPT:
            stack.append((code.co_name, at.tb_lineno))
        at = at.tb_next
    if isinstance(error, SyntaxError):
        stack = []
        message = f"{error.__class__.__name__}: {error.msg} ({_SCRIPT}:{error.lineno}:{error.offset})"
    described = {"type": type, "message": message, "retryable": False}
    if stack:
        described["message"] = f"{message} ({_SCRIPT}:{stack[-1][1]})"
        described["context"] = {
            "line": stack[-1][1], "stack": [f"{name} ({_SCRIPT}:{line})" for name, line in stack[-20:]]}
    return described


if _host is not None:
    _install_clocks()
