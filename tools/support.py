"""Shared by the tools that run Outhook on this machine."""
import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
PR_SET_PDEATHSIG = 1
STARTED = time.monotonic()
# The end-to-end tests of the four APIs, which every way to run Outhook must pass.
STORIES = ["contract::samples", "flip::contract::every_endpoint", "akinon::contract::every_endpoint",
           "socotra::contract::every_endpoint"]


class Failed(Exception):
    """An error with a message for the user."""


def end_on_signals() -> None:
    """Turns termination signals into exceptions, so that everything that was started is stopped."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(128 + number))


def carry_out(prove, done: str) -> int:
    """Calls `prove` with an exit stack and a temporary folder; returns the tool's exit code."""
    end_on_signals()
    try:
        with contextlib.ExitStack() as cleanup:
            prove(cleanup, Path(cleanup.enter_context(tempfile.TemporaryDirectory())))
    except Failed as failed:
        print(failed, file=sys.stderr)
        return 1
    print(done)
    return 0


def stand_in_for_aws() -> None:
    """Sets the variables that AWS tools need, with fake keys for emulators."""
    os.environ |= {"SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
                   "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}


@contextlib.contextmanager
def explained_by(log: Path):
    """Prints the end of the log if the block fails."""
    try:
        yield
    except Failed:
        print(tail(log), file=sys.stderr)
        raise


@contextlib.contextmanager
def running(command: list, log: Path, patience: float = 15, **environment: str):
    """Runs a program while the block runs. It stops with this program, even if this is killed."""
    def beginning() -> None:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    with log.open("wb") as output:
        # Its own session: a background `sam` ignores SIGINT, and Ctrl-C should only reach this program, which stops everything in order.
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=ROOT,
                                   env=os.environ | environment, start_new_session=True, preexec_fn=beginning)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            print(f"{command[0]} did not stop in time and was killed", file=sys.stderr)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def until(what: str, process: subprocess.Popen, log: Path, condition, patience: float = 60):
    """Waits until the condition returns something true, and returns that."""
    end = time.monotonic() + patience
    while not (found := condition()):
        if process.poll() is not None or time.monotonic() > end:
            raise Failed(f"{what} did not start:\n{tail(log)}")
        time.sleep(0.1)
    return found


def tail(log: Path, lines: int = 40) -> str:
    """The end of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def local_stack(cleanup: contextlib.ExitStack, folder: Path, address: str, *options: str) -> dict:
    """Starts `cargo local` with DynamoDB and the stand-in for Slack at the address. Returns the content of its ready file and the
    names of its tables."""
    ready, log = folder / "ready.json", folder / "local.log"
    command = ["cargo", "run", "--quiet", "--bin", "local", "--", "--ephemeral", *options, "--gateway", "127.0.0.1:0",
               "--slack", f"{address}:0", "--dynamodb", f"{address}:0", "--ready-file", str(ready)]
    stack = cleanup.enter_context(running(command, log))
    until("the local stack", stack, log, ready.is_file, patience=900)
    tables = {f"{name}_table": f"{name.capitalize()}Table" for name in ("webhooks", "events", "deliveries")}
    return json.loads(ready.read_text()) | tables


def call(method: str, url: str, token: str, body=None):
    """Sends a request to the API. Returns the reply's JSON, or `None` if the body is empty."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=60) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        raise Failed(f"{method} {url}: {error.code} {error.read().decode()}") from error
    return json.loads(text) if text else None


def free_port() -> int:
    """A port on which nothing listens at the moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def listens(port: int) -> bool:
    """Whether something accepts connections at the port."""
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def built_template(name: str, architecture: str) -> Path:
    """The template that tools/build.py wrote: `template` or `local`."""
    path = TARGET / "lambda" / f"{name}-{architecture}.yaml"
    if not path.is_file():
        raise Failed(f"{path} is missing: run tools/build.py {architecture}")
    return path


def run_suite(deployment: dict, folder: Path, tests: list, skipped: list = ()) -> None:
    """Runs the given tests of the repository against the deployment instead of a local stack."""
    path = folder / "deployment.json"
    path.write_text(json.dumps(deployment))
    command = ["cargo", "test", "--quiet", "--test", "outhook", "--", "--test-threads=1", *tests]
    for test in skipped:
        command += ["--skip", test]
    environment = os.environ | {"OUTHOOK_DEPLOYMENT": str(path), "INSTA_UPDATE": "no"}
    if subprocess.run(command, cwd=ROOT, env=environment).returncode:
        raise Failed("tests failed, see above")


def step(what: str) -> None:
    """Prints the current step and the seconds since the start."""
    print(f"-- {time.monotonic() - STARTED:4.0f} s: {what}", flush=True)
