"""Receives webhooks at http://127.0.0.1:8080 and verifies their signatures."""
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

webhook = Webhook(os.environ["WEBHOOK_SECRET"])
seen = set()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            # Checks the signature and that the message is at most five minutes old.
            event = webhook.verify(body, dict(self.headers))
        except WebhookVerificationError:
            print("refused: the signature is wrong, or the message is too old", flush=True)
            self.reply(401)
            return
        # An event may arrive more than once. The id stays the same, so a repeat can be dropped.
        message = self.headers["webhook-id"]
        if message not in seen:
            seen.add(message)
            print("verified", event["type"], flush=True)
        # Reply at once, and do the work afterwards: a reply after ten seconds counts as a failure.
        self.reply(204)

    def reply(self, status: int) -> None:
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Prints only what was verified."""


if __name__ == "__main__":
    port = int(os.environ.get("PORT", "8080"))
    print(f"listening on http://127.0.0.1:{port}", flush=True)
    HTTPServer(("127.0.0.1", port), Receiver).serve_forever()
