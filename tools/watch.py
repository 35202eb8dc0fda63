#!/usr/bin/env python3
"""Test that `cargo lambda watch` serves Outhook's routes and that `cargo lambda invoke` calls its functions.

usage: tools/watch.py        (with the Python of an environment that has cargo-lambda)

The steps are those of docs/local-stack.md: `cargo local` for its DynamoDB, a file of variables with its address, then sample events from
`events/`, and the end-to-end tests of the four APIs through the router of cargo-lambda.
"""
import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from support import (ROOT, STORIES, Failed, carry_out, explained_by, free_port, listens, local_stack, run_suite, running, step,
                     until)

# An API function, drain, and fan-out, with the status that each must answer.
SAMPLES = {"sdelements-list-webhooks": 200, "delivery-drain": None, "delivery-fan-out": None}


def invoke(port: int, function: str, event: str, folder: Path) -> dict | None:
    """Invokes the function with the event and returns its answer."""
    path = folder / "event.json"
    path.write_text(event)
    command = ["cargo", "lambda", "invoke", function, "-A", "127.0.0.1", "-P", str(port), "--data-file", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise Failed(f"{function} failed: {done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def prove(cleanup: ExitStack, folder: Path) -> None:
    step("starting the local stack for its DynamoDB")
    place = local_stack(cleanup, folder, "127.0.0.1", "--no-triggers")
    port, log, variables = free_port(), folder / "watch.log", folder / "variables"
    gateway = f"http://127.0.0.1:{port}"
    environment = {
        "AWS_ENDPOINT_URL_DYNAMODB": place["dynamodb"], "WEBHOOKS_TABLE": "WebhooksTable", "EVENTS_TABLE": "EventsTable",
        "DELIVERIES_TABLE": "DeliveriesTable", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local", "PUBLIC_URL": gateway, "OUTHOOK_LOCAL_RECEIVER": place["slack"],
    }
    variables.write_text("".join(f"{name}={value}\n" for name, value in environment.items()))
    step("cargo lambda watch")
    command = ["cargo", "lambda", "watch", "-A", "127.0.0.1", "-P", str(port), "--ignore-changes", "--env-file", str(variables)]
    watch = cleanup.enter_context(running(command, log))
    until("cargo lambda watch", watch, log, lambda: listens(port))
    with explained_by(log):
        step("cargo lambda invoke, with the sample events")
        for function, status in SAMPLES.items():
            sample = (ROOT / f"events/{function}.json").read_text().replace("TOKEN", place["tokens"]["super_user"])
            answer = invoke(port, function, sample.replace("ORGANIZATION", place["organization"]), folder)
            if status and answer["statusCode"] != status:
                raise Failed(f"{function} answered {answer}")
        step("the end-to-end tests of the four APIs, through the router of cargo lambda watch")
        run_suite({**place, "gateway": gateway}, folder, STORIES)


def main() -> int:
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return carry_out(prove, "cargo lambda watch serves Outhook")


if __name__ == "__main__":
    sys.exit(main())
