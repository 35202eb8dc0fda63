#!/usr/bin/env python3
"""Start a function's binary as Lambda does, check its reply and measure how long it takes.

usage: tools/cold_start.py BINARY EVENT.json [--status CODE] [--runs N] [--under COMMAND]

It stands in for Lambda's runtime API and for an empty DynamoDB, so the token of a sample event is unknown. It prints the median time
until the binary asks for its first invocation and until it replies, its processor time and its peak memory.
`--under 'qemu-aarch64 -L /usr/aarch64-linux-gnu'` runs an arm64 binary on another processor.
"""
import argparse
import json
import os
import queue
import resource
import shlex
import statistics
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PATIENCE = 60  # seconds; qemu on a busy machine is slow


class Lambda(BaseHTTPRequestHandler):
    """The runtime API and the empty DynamoDB."""

    protocol_version = "HTTP/1.1"

    def answer(self, body: bytes, headers: dict) -> None:
        self.send_response(200)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        if not self.path.endswith("/next"):
            return self.answer(b"healthy", {})  # the health check by which a function opens its connection to DynamoDB
        self.server.heard.put(("next", time.monotonic(), b""))
        if self.server.given:
            # There is no second invocation: it waits until it is killed, like a warm environment.
            return threading.Event().wait(PATIENCE)
        self.server.given = True
        deadline = str(int((time.time() + PATIENCE) * 1000))
        arn = "arn:aws:lambda:us-east-1:000000000000:function:f"
        self.answer(self.server.event, {
            "Lambda-Runtime-Aws-Request-Id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
            "Lambda-Runtime-Deadline-Ms": deadline,
            "Lambda-Runtime-Invoked-Function-Arn": arn,
        })

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        target = self.headers.get("X-Amz-Target", "")
        if target:
            found = b'{"Responses":{}}' if target.endswith("BatchGetItem") else b"{}"
            return self.answer(found, {"Content-Type": "application/x-amz-json-1.0"})
        self.server.heard.put((self.path, time.monotonic(), body))
        return self.answer(b"", {})

    def log_message(self, *_) -> None:
        pass


class Server(ThreadingHTTPServer):
    """Serves until the function is killed, which breaks its connections."""

    def handle_error(self, *_) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(*_)


def peak_memory(process: subprocess.Popen) -> int:
    """Its peak memory so far, in KB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


def run(command: list, event: bytes) -> tuple:
    """One cold start: seconds until ready, seconds until the reply, processor seconds, peak memory in KB, and the reply."""
    server = Server(("127.0.0.1", 0), Lambda)
    server.daemon_threads, server.block_on_close = True, False
    server.event, server.given, server.heard = event, False, queue.Queue()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    here = f"127.0.0.1:{server.server_port}"
    tables = {f"{name}_TABLE": name for name in ("WEBHOOKS", "EVENTS", "DELIVERIES")}
    environment = {"PATH": os.environ["PATH"], "AWS_LAMBDA_RUNTIME_API": here, "AWS_REGION": "us-east-1",
                   "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_ENDPOINT_URL": f"http://{here}",
                   "AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                   "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", **tables}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        ready = server.heard.get(timeout=PATIENCE)
        path, answered, body = server.heard.get(timeout=PATIENCE)
        memory = peak_memory(process)
    except queue.Empty:
        raise SystemExit(f"{command} sent no reply; it exited with {process.poll()}") from None
    finally:
        process.kill()
        process.wait()
        server.shutdown()
        server.server_close()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if ready[0] != "next" or not path.endswith("/response"):
        raise SystemExit(f"{command} sent no reply, but {path}: {body.decode()}")
    return ready[1] - started, answered - started, spent, memory, body


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=Path)
    parser.add_argument("event", type=Path)
    parser.add_argument("--status", type=int, help="the status that the reply must have")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--under", type=shlex.split, default=[])
    arguments = parser.parse_args()
    command = [*arguments.under, str(arguments.binary)]
    runs = [run(command, arguments.event.read_bytes()) for _ in range(arguments.runs)]
    ready, answered, spent, memory, bodies = zip(*runs)
    answer = json.loads(bodies[-1])
    milliseconds = [f"{statistics.median(column) * 1000:.1f}" for column in (ready, answered, spent)]
    print(f"{arguments.binary}: ready {milliseconds[0]} ms, answered {milliseconds[1]} ms, processor {milliseconds[2]} ms, "
          f"memory {max(memory) / 1024:.1f} MB; {json.dumps(answer)[:120]}")
    status = answer.get("statusCode") if answer else None
    if arguments.status and status != arguments.status:
        print(f"it answered {status} instead of {arguments.status}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
