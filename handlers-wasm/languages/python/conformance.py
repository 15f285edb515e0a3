"""The guest of the conformance kit: does what ``config.do`` says (docs/conformance.md)."""

import time

from wasm_broker import Checkpoint, Failure, http, log, remaining, secret


def echo(step):
    return step.context


def fail(step):
    config = step.config
    after = config.get("retry_after_ms")
    raise Failure(
        config["type"], config["message"], retryable=config["retryable"], retry_after=None if after is None else after / 1000)


def retry(step):
    if step.attempt < step.max_attempts:
        raise Failure("again", "not yet", retryable=True)
    return {"attempts": step.attempt}


def checkpoint(step):
    """Handles one item in each run."""
    items, before = step.config["items"], step.checkpoint
    done = 1 if before is None else before.cursor + 1
    total = done if before is None else before.accumulated["sum"] + done
    if done < items:
        return Checkpoint(done, items_processed=done, accumulated={"sum": total})
    return {"items": done, "sum": total, "resumed": before is not None}


def crash(step):
    raise SystemExit(1)


def spin(step):
    while True:
        pass


def allocate(step):
    kept = []
    while True:
        kept.append(b"x" * (1 << 20))


def log_line(step):
    write = {"trace": log.trace, "debug": log.debug, "info": log.info, "warn": log.warning, "error": log.error}
    write[step.config["level"]](step.config["message"], **step.config.get("fields", {}))


def log_all(step):
    for write in (log.trace, log.debug, log.info, log.warning, log.error):
        write(step.config["message"])


def clocks(step):
    return {
        "wall_ms": time.time_ns() // 1_000_000,
        "elapsed_us": time.monotonic_ns() // 1000,
        "remaining_ms": int(remaining() * 1000),
    }


def request(step):
    config = step.config
    response = http.request(config["method"], config["url"], headers=config.get("headers"), data=config.get("text"))
    return {"status": response.status, "body": response.text}


def secret_length(step):
    return {"length": len(secret(step.config["name"]).encode())}


ACTIONS = {
    "echo": echo,
    "fail": fail,
    "retry": retry,
    "checkpoint": checkpoint,
    "crash": crash,
    "spin": spin,
    "allocate": allocate,
    "log": log_line,
    "log_all": log_all,
    "time": clocks,
    "http": request,
    "secret": secret_length,
}


def run(step):
    action = ACTIONS.get(step.config.get("do"))
    if action is None:
        raise Failure("invalid_config", "config.do is unknown")
    return action(step)
