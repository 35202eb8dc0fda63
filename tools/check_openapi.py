#!/usr/bin/env python3
"""Lints the OpenAPI documents and has schemathesis exercise the local stack by each of them.

Run it from anywhere with the Python that openapi-spec-validator and schemathesis are installed for; a name or several
(sdelements, flip, akinon, socotra, events) take just those documents. Needs Rust, as `cargo local` does.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

from schemathesis_seed import seed

ROOT = pathlib.Path(__file__).resolve().parent.parent
NAMES = ["sdelements", "flip", "akinon", "socotra", "events"]
START_SECONDS = 1800  # the functions are built first
TOOLS = pathlib.Path(sys.executable).parent


def lint(documents):
    subprocess.run([TOOLS / "openapi-spec-validator", *documents], check=True)


def start(ready_file):
    """Starts the local stack on free ports and gives its process and what the ready file says."""
    command = ["cargo", "local", "--ephemeral", "--ready-file", ready_file]
    for address in ["--gateway", "--slack", "--dynamodb"]:
        command += [address, "127.0.0.1:0"]
    # Whatever the functions log is kept beside the ready file; a group of its own, so that all of it can be stopped.
    log = open(ready_file.with_suffix(".log"), "w")
    stack = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + START_SECONDS
    while not ready_file.exists():
        if stack.poll() is not None or time.monotonic() > deadline:
            stop(stack)
            sys.exit("the local stack did not start:\n" + ready_file.with_suffix(".log").read_text()[-4000:])
        time.sleep(0.2)
    return stack, json.loads(ready_file.read_text())


def stop(stack):
    if stack.poll() is None:
        os.killpg(stack.pid, signal.SIGTERM)
        stack.wait(30)


def exercise(document, ready, seeded):
    """Whether schemathesis finds nothing wrong."""
    environment = os.environ | seeded | {
        "OUTHOOK_TOKEN": ready["tokens"]["super_user"],
        "OUTHOOK_AKINON_ORGANIZATION": ready["akinon_organization"],
        "OUTHOOK_SOCOTRA_TENANT": ready["socotra_tenant"],
    }
    config = ROOT / "tools" / "schemathesis.toml"
    command = [TOOLS / "schemathesis", "--config-file", config, "run", document, "--no-color"]
    command += ["--url", ready["gateway"], "--warnings", "missing_auth,missing_test_data,validation_mismatch"]
    return subprocess.run(command, env=environment, cwd=tempfile.gettempdir()).returncode == 0


def main():
    # Being told to stop is no reason to leave the stack running.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    names = sys.argv[1:] or NAMES
    documents = [ROOT / "docs" / "openapi" / f"{name}.json" for name in names]
    lint(documents)
    with tempfile.TemporaryDirectory() as folder:
        stack, ready = start(pathlib.Path(folder) / "ready.json")
        try:
            seeded = seed(ready)
            wrong = [document.name for document in documents if not exercise(document, ready, seeded)]
        finally:
            stop(stack)
    if wrong:
        sys.exit(f"schemathesis found something wrong by {', '.join(wrong)}")


if __name__ == "__main__":
    main()
