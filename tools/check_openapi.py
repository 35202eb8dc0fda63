#!/usr/bin/env python3
"""Validates the OpenAPI documents and has schemathesis test the local stack against each of them.

The documents promise what each API's own documents promise; what a request may hold besides is in the extension `x-also-accepts`.
schemathesis tests both: it gets a copy in which each such schema is a choice.

Run it from anywhere with a Python that has openapi-spec-validator and schemathesis. Give one or more names (sdelements, flip,
akinon, socotra, events, operations) to test only those documents. It needs Rust, because it starts `cargo local`.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from schemathesis_seed import seed
from support import ROOT, Failed, carry_out, local_stack

NAMES = ["sdelements", "flip", "akinon", "socotra", "events", "operations"]
TOOLS = pathlib.Path(sys.executable).parent


ALSO = "x-also-accepts"


def validate(documents):
    """Validates the documents, and their renderings as OpenAPI 3.0.3."""
    older = [document.parent / "3.0" / document.name for document in documents]
    subprocess.run([TOOLS / "openapi-spec-validator", *documents, *older], check=True)


def widened(node):
    """A part of a document in which each schema also allows what its extension lists."""
    if isinstance(node, list):
        return [widened(item) for item in node]
    if not isinstance(node, dict):
        return node
    inner = {name: widened(member) for name, member in node.items()}
    others = inner.pop(ALSO, None)
    return {"anyOf": [inner, *others]} if others else inner


def lift_limits(ready):
    """Raises the webhook limits for schemathesis. Call it before the first request: functions cache the limits with the token."""
    for api in ["sdelements", "flip", "akinon", "socotra", "operations"]:
        command = ["cargo", "admin", "--endpoint", ready["dynamodb"], "set-webhook-limit", ready["organization"], api, "1000000"]
        subprocess.run(command, cwd=ROOT, check=True)


def exercise(document, ready, seeded):
    """Runs schemathesis; true if it finds nothing wrong."""
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
    names = sys.argv[1:] or NAMES
    documents = [ROOT / "docs" / "openapi" / f"{name}.json" for name in names]
    validate(documents)

    def prove(cleanup, folder):
        copies = [folder / document.name for document in documents]
        for document, copy in zip(documents, copies):
            copy.write_text(json.dumps(widened(json.loads(document.read_text()))))
        ready = local_stack(cleanup, folder, "127.0.0.1")
        lift_limits(ready)
        seeded = seed(ready)
        if wrong := [copy.name for copy in copies if not exercise(copy, ready, seeded)]:
            raise Failed(f"schemathesis found errors in {', '.join(wrong)}")

    return carry_out(prove, "the local stack behaves as the documents say")


if __name__ == "__main__":
    sys.exit(main())
