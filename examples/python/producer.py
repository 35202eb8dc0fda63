"""Publishes an event: python producer.py chat.message.sent '{"text": "hello"}'."""
import json
import os
import sys
import urllib.request
import uuid


def publish(event_type: str, data: dict) -> str:
    """Publishes the event and returns its id. A retry with the same Idempotency-Key publishes nothing twice."""
    request = urllib.request.Request(
        os.environ["OUTHOOK"] + "/events",
        json.dumps({"type": event_type, "data": data}).encode(),
        {
            "Authorization": "Bearer " + os.environ["OUTHOOK_TOKEN"],
            "Content-Type": "application/json",
            "Idempotency-Key": str(uuid.uuid4()),
        },
    )
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.load(reply)["id"]


if __name__ == "__main__":
    print("published", publish(sys.argv[1], json.loads(sys.argv[2])))
