// Receives webhooks at http://127.0.0.1:8080 and verifies their signatures.
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

const webhook = new Webhook(process.env.WEBHOOK_SECRET ?? "");
const seen = new Set<string>();

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    let event: { type: string };
    try {
      // Checks the signature and that the message is at most five minutes old.
      event = webhook.verify(Buffer.concat(parts).toString(), headers) as { type: string };
    } catch {
      console.log("refused: the signature is wrong, or the message is too old");
      response.writeHead(401).end();
      return;
    }
    // An event may arrive more than once. The id stays the same, so a repeat can be dropped.
    const message = headers["webhook-id"] ?? "";
    if (!seen.has(message)) {
      seen.add(message);
      console.log("verified", event.type);
    }
    // Reply at once, and do the work afterwards: a reply after ten seconds counts as a failure.
    response.writeHead(204).end();
  });
});

const port = Number(process.env.PORT ?? 8080);
server.listen(port, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${port}`));
