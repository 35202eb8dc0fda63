"""What the stories of the generated Python clients have in common."""

import json
import sys
import time
from http import HTTPStatus
from pathlib import Path

READY = json.loads(Path(sys.argv[1]).read_text())
SECONDS = 60


def client(package):
    """The package's client, which raises on each status that the document does not have."""
    return package.AuthenticatedClient(READY["gateway"], READY["token"], raise_on_unexpected_status=True)


def done(operation, status, *arguments, **options):
    """Calls the operation and returns what it replied; fails unless it replied with that status."""
    reply = operation.sync_detailed(*arguments, **options)
    assert reply.status_code == status, (operation.__name__, reply.status_code, reply.content)
    assert reply.parsed is not None or status == HTTPStatus.NO_CONTENT, operation.__name__
    return reply.parsed


def until(wanted):
    """Calls `wanted` until it returns something, and returns that."""
    end = time.monotonic() + SECONDS
    while not (found := wanted()):
        assert time.monotonic() < end, "timed out"
        time.sleep(0.1)
    return found
