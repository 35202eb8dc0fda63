// The story of `POST /events`, through the generated types.

import assert from "node:assert/strict";
import type { paths } from "./generated/events.js";
import { client, done, failed } from "./story.js";

const events = client<paths>();
const data = { room: "general", words: 12, nested: { list: [1, null] } };
const once = { params: { header: { "Idempotency-Key": "typescript" } } };
const body = { type: "chat.message.sent", project: "p1", data };
const made = await done(201, events.POST("/events", { ...once, body }));
// A batch would be replied to with results.
assert.ok("type" in made);
assert.deepEqual([made.type, made.project, made.user, made.data], ["chat.message.sent", "p1", null, data]);
const again = await done(201, events.POST("/events", { ...once, body }));
assert.ok("type" in again && again.id === made.id);
assert.ok("type" in (await failed(400, events.POST("/events", { body: { type: "a..b", data: {} } }))));
