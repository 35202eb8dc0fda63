#!/usr/bin/env python3
"""Lints the OpenAPI documents, generates clients from them, and plays each API's story through the clients on a local stack.

Run it from anywhere with a Python that has openapi-python-client. It needs Node.js with npm, and Rust, because it also starts
`cargo local`. Everything that it installs and generates goes to `target/clients`.

| generator | reads | its stories |
|---|---|---|
| openapi-python-client | OpenAPI 3.1 | tools/clients/python |
| openapi-typescript, with openapi-fetch | OpenAPI 3.1 | tools/clients/typescript |
| progenitor (Rust) | OpenAPI 3.0.3 | tools/clients/rust |

progenitor is a build dependency of tools/clients/rust, because its command takes five minutes of a core to install.
"""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support import ROOT, TARGET, Failed, call, carry_out, local_stack, step

NAMES = ["sdelements", "flip", "akinon", "events", "socotra", "operations"]
DOCUMENTS = ROOT / "docs" / "openapi"
OLDER = DOCUMENTS / "3.0"
SOURCES = ROOT / "tools" / "clients"
WORK = TARGET / "clients"
TYPESCRIPT = WORK / "typescript"
NODE_PROGRAMS = WORK / "node_modules" / ".bin"
PYTHON_PROGRAMS = Path(sys.executable).parent
# Endpoints that refuse every message, so that there are diverted events.
REFUSING_SLACK = "/services/T00000000/B00000000/REFUSES"
REFUSING = "refuses.example/hook"


def run(*command, folder=WORK, **environment):
    """Runs a program; its output is shown only if it fails."""
    path = os.pathsep.join([str(PYTHON_PROGRAMS), os.environ["PATH"]])
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "PATH": path}
    done = subprocess.run([str(part) for part in command], cwd=folder, env=os.environ | quiet | environment,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise Failed(f"{' '.join(map(str, command[:3]))} failed:\n{done.stdout}")


def install():
    """Copies the sources and installs the Node.js programs that package-lock.json names."""
    for name in ["python", "typescript"]:
        shutil.rmtree(WORK / name, ignore_errors=True)
        shutil.copytree(SOURCES / name, WORK / name)
    for name in ["package.json", "package-lock.json", ".npmrc"]:
        shutil.copy(SOURCES / name, WORK)
    run("npm", "ci", "--no-audit", "--no-fund")


def lint():
    documents = [folder / f"{name}.json" for folder in [DOCUMENTS, OLDER] for name in NAMES]
    run(NODE_PROGRAMS / "redocly", "lint", "--config", SOURCES / "redocly.yaml", *documents)
    run(NODE_PROGRAMS / "spectral", "lint", "--fail-severity", "hint", "--ruleset", SOURCES / "spectral.yaml", *documents)


def generate():
    """Generates the Python clients, without a warning, and the TypeScript types, and compiles the TypeScript stories."""
    for name in NAMES:
        run(PYTHON_PROGRAMS / "openapi-python-client", "generate", "--fail-on-warning", "--meta", "none",
            "--path", DOCUMENTS / f"{name}.json", "--output-path", WORK / "python" / f"{name}_client")
        run(NODE_PROGRAMS / "openapi-typescript", DOCUMENTS / f"{name}.json",
            "--output", TYPESCRIPT / "generated" / f"{name}.d.ts")
    run(NODE_PROGRAMS / "tsc", "--project", TYPESCRIPT)


def build_rust():
    run("cargo", "build", "--quiet", "--locked", folder=SOURCES / "rust", OUTHOOK_DOCUMENTS=str(OLDER),
        CARGO_TARGET_DIR=str(WORK / "rust"))


def play(ready, folder):
    """Plays the stories, one after the other, because some of them count what is there. They read about the stack from a file, so
    that no failure shows its tokens."""
    for path in [REFUSING_SLACK, f"/{REFUSING}"]:
        call("PUT", f"{ready['slack']}/behaviour{path}", "", {"status": 400, "body": "refused"})
    told = folder / "stack.json"
    told.write_text(json.dumps(ready | {
        "token": ready["tokens"]["super_user"],
        "refusing_slack_url": f"https://hooks.slack.com{REFUSING_SLACK}", "refusing_url": f"https://{REFUSING}",
    }))
    for name in NAMES:
        run(sys.executable, f"{name}.py", told, folder=WORK / "python")
        run("node", f"built/{name}.js", told, folder=TYPESCRIPT)
    run(WORK / "rust" / "debug" / "clients", told)


def main():
    WORK.mkdir(parents=True, exist_ok=True)

    def prove(cleanup, folder):
        workers = cleanup.enter_context(ThreadPoolExecutor(1))
        step("generate and build clients for Rust, meanwhile install Node.js programs")
        rust = workers.submit(build_rust)
        install()
        step("lint with Redocly and Spectral")
        lint()
        step("generate clients for Python and TypeScript")
        generate()
        rust.result()
        step("start the local stack")
        ready = local_stack(cleanup, folder, "127.0.0.1")
        step("play the stories")
        play(ready, folder)

    return carry_out(prove, f"{3 * len(NAMES)} clients generate from the documents, and their stories pass")


if __name__ == "__main__":
    sys.exit(main())
