#!/usr/bin/env python3
"""Lints the OpenAPI documents and has schemathesis exercise the local stack by each of them.

Run it from anywhere with the Python that openapi-spec-validator and schemathesis are installed for; a name or several
(sdelements, flip, akinon, socotra, events) take just those documents. Needs Rust, as `cargo local` does.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

from schemathesis_seed import seed
from support import ROOT, Failed, carry_out, local_stack

NAMES = ["sdelements", "flip", "akinon", "socotra", "events"]
TOOLS = pathlib.Path(sys.executable).parent


def lint(documents):
    subprocess.run([TOOLS / "openapi-spec-validator", *documents], check=True)


def lift_limits(ready):
    """Lets the organization have as many webhooks as schemathesis makes. Before anybody has seen its tokens."""
    for api in ["sdelements", "flip", "akinon", "socotra"]:
        command = ["cargo", "admin", "--endpoint", ready["dynamodb"], "set-webhook-limit", ready["organization"], api, "1000000"]
        subprocess.run(command, cwd=ROOT, check=True)


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
    names = sys.argv[1:] or NAMES
    documents = [ROOT / "docs" / "openapi" / f"{name}.json" for name in names]
    lint(documents)

    def prove(cleanup, folder):
        ready = local_stack(cleanup, folder, "127.0.0.1")
        lift_limits(ready)
        seeded = seed(ready)
        if wrong := [document.name for document in documents if not exercise(document, ready, seeded)]:
            raise Failed(f"schemathesis found something wrong by {', '.join(wrong)}")

    return carry_out(prove, "the local stack is as the documents say")


if __name__ == "__main__":
    sys.exit(main())
