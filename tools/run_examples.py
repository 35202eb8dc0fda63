"""Runs the examples in every language: each receiver must verify what each producer published.

    python tools/run_examples.py [--languages python,typescript,go,rust]
"""
import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

from support import Failed, ROOT, TARGET, call, carry_out, explained_by, free_port, listens, local_stack, running, step, until

EXAMPLES = ROOT / "examples"


def run(command: list, folder: Path, **environment: str) -> str:
    """Runs a command to its end and returns what it printed."""
    done = subprocess.run([str(part) for part in command], cwd=folder, env=os.environ | environment, text=True, capture_output=True)
    if done.returncode:
        raise Failed(f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}")
    return done.stdout


def python(folder: Path) -> tuple:
    """Installs the example's requirements; returns the commands of receiver and producer."""
    run([sys.executable, "-m", "venv", folder / "python"], folder)
    interpreter = folder / "python/bin/python"
    run([interpreter, "-m", "pip", "install", "--quiet", "-r", EXAMPLES / "python/requirements.txt"], folder)
    return [interpreter, EXAMPLES / "python/receiver.py"], [interpreter, EXAMPLES / "python/producer.py"]


def typescript(folder: Path) -> tuple:
    """Compiles a copy of the example in strict mode."""
    copy = Path(shutil.copytree(EXAMPLES / "typescript", folder / "typescript", ignore=shutil.ignore_patterns("node_modules", "dist")))
    run(["npm", "install", "--silent", "--no-audit", "--no-fund"], copy)
    run(["npm", "run", "--silent", "build"], copy)
    return ["node", copy / "dist/receiver.js"], ["node", copy / "dist/producer.js"]


def rust(_: Path) -> tuple:
    """Builds the example's binaries."""
    run(["cargo", "build", "--quiet", "-p", "example"], ROOT)
    return [TARGET / "debug/receiver"], [TARGET / "debug/producer"]


def go(folder: Path) -> tuple:
    """Builds the producer; another example's receiver stands in for Go's. Its library comes from Go's module proxy, which CI cannot
    reach, so only the syntax of Go's receiver is checked."""
    if unformatted := run(["gofmt", "-l", EXAMPLES / "go"], folder):
        raise Failed(f"gofmt would change {unformatted}")
    copy = Path(shutil.copytree(EXAMPLES / "go", folder / "go"))
    run(["go", "build", "-o", folder / "go-producer", "./producer"], copy, GOFLAGS="-mod=mod", GOPROXY="off", GOCACHE=str(folder / "go-cache"))
    receiver, _ = python(folder)
    return receiver, [folder / "go-producer"]


LANGUAGES = {"python": python, "typescript": typescript, "rust": rust, "go": go}


def play(language: str, commands: tuple, stack: dict, folder: Path) -> None:
    """Registers a webhook, starts the receiver, publishes, and waits until the receiver has verified the event."""
    receiver, producer = commands
    gateway, token, stand_in = stack["gateway"], stack["tokens"]["super_user"], stack["slack"]
    event_type, port, log = f"example.{language}", free_port(), folder / f"{language}.log"
    webhook = call("POST", f"{gateway}/api/webhooks/v4/webhooks", token,
                   {"url": f"https://receiver.example/{language}", "subscription": {"event_types": [event_type]}})
    forward = urllib.request.Request(f"{stand_in}/forward/receiver.example/{language}", f"http://127.0.0.1:{port}/".encode(), method="PUT")
    urllib.request.urlopen(forward, timeout=10).close()
    with running([str(part) for part in receiver], log, WEBHOOK_SECRET=webhook["authentication"]["signing_secret"], PORT=str(port)) as process:
        until(f"the receiver in {language}", process, log, lambda: listens(port))
        # A message that somebody else signed is refused.
        forged = urllib.request.Request(f"http://127.0.0.1:{port}/", b'{"type":"forged"}', method="POST", headers={
            "webhook-id": "x", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"})
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(forged, timeout=10).close()
            raise Failed(f"the receiver in {language} accepted a forged message")
        run([*producer, event_type, json.dumps({"text": "hello"})], folder, OUTHOOK=gateway, OUTHOOK_TOKEN=token)
        with explained_by(log):
            until(f"a verified event in {language}", process, log, lambda: f"verified {event_type}" in log.read_text())
        if "forged" in log.read_text():
            raise Failed(f"the receiver in {language} took a forged message for verified")


def prove(cleanup: contextlib.ExitStack, folder: Path, languages: list) -> None:
    """Starts one stack and plays the examples on it."""
    step("The local stack")
    stack = local_stack(cleanup, folder, "127.0.0.1")
    for language in languages:
        step(f"The example in {language}")
        play(language, LANGUAGES[language](folder), stack, folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--languages", default=",".join(LANGUAGES), help="the languages to run, separated by commas")
    chosen = parser.parse_args().languages.split(",")
    sys.exit(carry_out(lambda cleanup, folder: prove(cleanup, folder, chosen), "the examples work"))
