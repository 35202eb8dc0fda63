#!/usr/bin/env python3
"""Tries the console in Chromium: a story in four ways, and every page in every appearance. See README.md.

    python tests/console/browser/run.py [--only pages,mouse,keyboard,no-script,member] [--stack READY_FILE]

It starts `cargo local`, unless the ready file of a running stack is given. What it finds is printed; pictures of what failed are in target/console.
"""
import argparse
import json
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tools"))

from playwright.sync_api import Error

import pages
import story
from browser import Browser
from support import Failed, carry_out, local_stack, step
from world import World

PARTS = {
    "pages": pages.survey,
    "mouse": story.by_mouse,
    "keyboard": story.by_keyboard,
    "no-script": story.without_script,
    "member": story.as_reader,
}


def prove(cleanup, folder: Path, chosen: list, running: Path | None) -> None:
    """Starts a stack and a browser, and plays the chosen parts."""
    step("The local stack")
    ready = json.loads(running.read_text()) if running else local_stack(cleanup, folder, "127.0.0.1")
    began = time.monotonic()
    world = World(ready)
    browser = cleanup.enter_context(Browser(ready["gateway"]))
    for name in chosen:
        step(name)
        try:
            PARTS[name](browser, world)
        except (Error, Failed) as failed:
            browser.found.append(f"{name} broke off: {''.join(traceback.format_exception(failed))}")
    took = f"{time.monotonic() - began:.0f} s, {browser.looks} looks with axe"
    if browser.found:
        raise Failed("\n".join([*browser.found, f"{len(browser.found)} findings in {took}"]))
    step(f"No findings in {took}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS), help="the parts to play, separated by commas")
    parser.add_argument("--stack", type=Path, help="the ready file of a running stack")
    given = parser.parse_args()
    parts = given.only.split(",")
    sys.exit(carry_out(lambda cleanup, folder: prove(cleanup, folder, parts, given.stack), "the console works in a browser"))
