"""Measures a new user's first hour: from a bare clone to the first message, and to green tests, with nothing built before.

    python tools/first_hour.py [message] [tests] [--folder DIR] [--json FILE]

Each stage is measured in processor seconds, in seconds by the clock, and in disk space. Processor seconds hardly depend on what else the
machine does. Downloads are a stage of their own. Only committed files are measured. Linux only: the tool reads /proc to add up the times
of all processes that a stage has started.
"""
import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from support import Failed, ROOT, end_on_signals

TICKS = os.sysconf("SC_CLK_TCK")
# Variables that would bring earlier results into a build, or change where it puts its own.
CACHES = ("CARGO_TARGET_DIR", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER", "CARGO_INCREMENTAL", "RUSTFLAGS")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in CACHES}


def processor_seconds(session: int) -> float:
    """The processor time of all processes of a session so far, and of those that have ended."""
    total = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The program's name, in parentheses, may contain spaces.
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                total += sum(map(int, fields[11:15]))
    return total / TICKS


def disk_mb(folder: Path) -> int:
    """The size of a folder, in MB."""
    return int(subprocess.run(["du", "-sm", folder], capture_output=True, text=True, check=True).stdout.split()[0])


class Stopwatch:
    """The stages and their figures."""

    def __init__(self) -> None:
        self.stages = []

    def note(self, stage: str, processor: float, clock: float, folder: Path) -> None:
        """Adds a stage and prints it."""
        disk = disk_mb(folder) if folder.exists() else 0
        self.stages.append({"stage": stage, "processor_s": round(processor, 1), "clock_s": round(clock, 1), "disk_mb": disk})
        print(f"{stage:<58} {processor:>7.0f} s of processor {clock:>7.0f} s by the clock {disk:>6} MB", flush=True)


class Program:
    """A program in a session of its own, and the lines that it prints."""

    def __init__(self, command: list, folder: Path) -> None:
        self.started, self.used = time.monotonic(), 0.0
        self.process = subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, start_new_session=True)
        self.lines, self.news = [], threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout:
            with self.news:
                self.lines.append(line.rstrip("\n"))
                self.news.notify()

    def line(self, text: str, patience: float) -> int:
        """Waits for a line that contains the text, and returns its index."""
        def found():
            return next((place for place, line in enumerate(self.lines) if text in line), None)
        end = time.monotonic() + patience
        with self.news:
            while (place := found()) is None:
                self.news.wait(1)
                if self.process.poll() is not None or time.monotonic() > end:
                    raise Failed(f"{text!r} was not printed:\n" + "\n".join(self.lines[-40:]))
            return place

    def lap(self) -> tuple:
        """Processor seconds and seconds by the clock since the last lap."""
        used, now = processor_seconds(self.process.pid), time.monotonic()
        lap = used - self.used, now - self.started
        self.used, self.started = used, now
        return lap

    def stop(self) -> None:
        """Ends the program and everything that it has started."""
        self.process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)


def run(stopwatch: Stopwatch, stage: str, command: list, folder: Path, grown: Path) -> None:
    """Runs a command to its end, as a stage."""
    begin, before = time.monotonic(), os.times()
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    after = os.times()
    used = after.children_user - before.children_user + after.children_system - before.children_system
    stopwatch.note(stage, used, time.monotonic() - begin, grown)
    if done.returncode:
        raise Failed(f"{' '.join(map(str, command))}:\n{done.stdout[-6000:]}")


def clone(stopwatch: Stopwatch, folder: Path) -> None:
    """Clones the repository and downloads its dependencies."""
    run(stopwatch, "clone", ["git", "clone", "--quiet", "--no-local", "--single-branch", str(ROOT), str(folder)], ROOT, folder)
    run(stopwatch, "downloads (what is not there yet)", ["cargo", "fetch", "--quiet", "--locked"], folder, folder)


def first_message(stopwatch: Stopwatch, folder: Path) -> None:
    """Does what README says first: `cargo local`, and the printed lines pasted into bash. Then a second start."""
    target = folder / "target"
    stack = Program(["cargo", "local", "--gateway", "127.0.0.1:0", "--slack", "127.0.0.1:0", "--dynamodb", "127.0.0.1:0"], folder)
    try:
        place = stack.line("Press Ctrl-C to stop.", 7200)
        stopwatch.note("cargo local, until it prints what to paste", *stack.lap(), target)
        block = [line for line in stack.lines[:place] if re.match("export |curl ", line)]
        pasted = subprocess.run(["bash"], input="\n".join(block), capture_output=True, text=True, timeout=600, check=True)
        if "Flipism" not in pasted.stdout.splitlines()[-1]:
            raise Failed(f"no message came:\n{pasted.stdout}{pasted.stderr}")
        stopwatch.note("... until the message is shown", *stack.lap(), target)
        stack.line("All functions are built.", 7200)
        stopwatch.note("... until all functions are built", *stack.lap(), target)
    finally:
        stack.stop()
    stack = Program(["cargo", "local", "--gateway", "127.0.0.1:0", "--slack", "127.0.0.1:0", "--dynamodb", "127.0.0.1:0"], folder)
    try:
        stack.line("Press Ctrl-C to stop.", 600)
        stopwatch.note("a second start, until it prints what to paste", *stack.lap(), target)
    finally:
        stack.stop()


def green_tests(stopwatch: Stopwatch, folder: Path) -> None:
    """Runs `cargo test --workspace` from nothing: first it builds, then it runs."""
    shutil.rmtree(folder / "target", ignore_errors=True)
    for stage, option in [("cargo test --workspace, until everything is built", ["--no-run"]), ("... until it is green", [])]:
        run(stopwatch, stage, ["cargo", "test", "--workspace", "--quiet", *option], folder, folder / "target")


def main() -> int:
    """Measures the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="message or tests; both if none is given")
    parser.add_argument("--folder", type=Path, help="where to clone to; a temporary folder if absent")
    parser.add_argument("--json", type=Path, help="a file for the figures as JSON")
    arguments = parser.parse_args()
    parts = arguments.parts or ["message", "tests"]
    if unknown := set(parts) - {"message", "tests"}:
        parser.error(f"unknown: {', '.join(unknown)}")
    end_on_signals()
    stopwatch = Stopwatch()
    try:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as place:
            folder = Path(place) / "outhook"
            clone(stopwatch, folder)
            if "message" in parts:
                first_message(stopwatch, folder)
            if "tests" in parts:
                green_tests(stopwatch, folder)
    except Failed as failed:
        print(failed, file=sys.stderr)
        return 1
    if arguments.json:
        arguments.json.write_text(json.dumps(stopwatch.stages, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
