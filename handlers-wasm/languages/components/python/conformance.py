"""The guest of the conformance kit as a component: does what ``config.do`` says (docs/conformance.md)."""

import json

import wit_world
from componentize_py_types import Err
from wit_world.imports import http, log, secrets, time
from wit_world.imports.types import Failure


def failure(type, message, retryable=False, retry_after_ms=None):
    return Err(Failure(type, message, retryable, None, retry_after_ms, None))


def echo(step):
    return step.get("context")


def fail(step):
    config = step["config"]
    raise failure(config["type"], config["message"], config["retryable"], config.get("retry_after_ms"))


def retry(step):
    attempt = step["step"]["attempt"]
    if attempt < step["step"]["max_attempts"]:
        raise failure("again", "not yet", retryable=True)
    return {"attempts": attempt}


def crash(step):
    raise RuntimeError("as config.do says")


def spin(step):
    while True:
        pass


def allocate(step):
    raise failure("unsupported", "libc, which grows the memory, is a library of its own in this component: a trap follows, not the limit")


def log_line(step):
    config = step["config"]
    fields = config.get("fields")
    log.log(log.Level[config["level"].upper()], config["message"], None if fields is None else json.dumps(fields))


def log_all(step):
    for level in log.Level:
        log.log(level, step["config"]["message"], None)


def clocks(step):
    return {
        "wall_ms": time.now() // 1_000_000,
        "elapsed_us": time.elapsed() // 1_000,
        "remaining_ms": time.remaining() // 1_000_000,
    }


def request(step):
    config = step["config"]
    document = {"method": config["method"], "url": config["url"], "headers": config.get("headers", {})}
    text = config.get("text")
    try:
        response = http.send(json.dumps(document), None if text is None else text.encode())
    except Err as refused:
        error = json.loads(refused.value.document or json.dumps({"type": refused.value.code.name.lower()}))
        raise failure(error["type"], error.get("message", "refused"), error.get("retryable", False)) from None
    with response:
        body = b""
        while piece := response.read(65_536):
            body += piece
        return {"status": json.loads(response.head())["status"], "body": body.decode()}


def secret_length(step):
    try:
        return {"length": len(secrets.read(step["config"]["name"]).encode())}
    except Err as refused:
        raise failure(refused.value.name.lower(), "the secret cannot be read") from None


ACTIONS = {
    "echo": echo,
    "fail": fail,
    "retry": retry,
    "crash": crash,
    "spin": spin,
    "allocate": allocate,
    "log": log_line,
    "log_all": log_all,
    "time": clocks,
    "http": request,
    "secret": secret_length,
}


class WitWorld(wit_world.WitWorld):
    def run(self, step: str) -> str:
        document = json.loads(step)
        action = ACTIONS.get(document["config"].get("do"))
        if action is None:
            raise failure("invalid_config", "config.do is unknown")
        return json.dumps(action(document))
