// Publishes an event: node dist/producer.js chat.message.sent '{"text": "hello"}'
import { randomUUID } from "node:crypto";

/** Publishes the event and returns its id. A retry with the same Idempotency-Key publishes nothing twice. */
async function publish(type: string, data: unknown): Promise<string> {
  const reply = await fetch(`${process.env.OUTHOOK}/events`, {
    method: "POST",
    headers: {
      "Authorization": `Bearer ${process.env.OUTHOOK_TOKEN}`,
      "Content-Type": "application/json",
      "Idempotency-Key": randomUUID(),
    },
    body: JSON.stringify({ type, data }),
  });
  if (!reply.ok) {
    throw new Error(`${reply.status} ${await reply.text()}`);
  }
  return ((await reply.json()) as { id: string }).id;
}

const [type = "", data = "{}"] = process.argv.slice(2);
console.log("published", await publish(type, JSON.parse(data)));
