// The story of Flip's API, through the generated types.

import assert from "node:assert/strict";
import type { paths } from "./generated/flip.js";
import { client, done, failed } from "./story.js";

const flip = client<paths>();
const list = "/api/webhooks/v4/webhooks";
const one = "/api/webhooks/v4/webhooks/{webhook_id}";
const body = { url: "https://typescript.example/flip", subscription: { event_types: ["chat.message", "hr"] } };
const made = await done(201, flip.POST(list, { body }));
assert.ok(made.authentication?.signing_secret.startsWith("whsec_") && made.status === "ACTIVE");
const listed = await done(200, flip.GET(list, { params: { query: { show_authentication: false } } }));
assert.deepEqual(listed.webhooks.map((webhook) => webhook.id), [made.id]);
const params = { path: { webhook_id: made.id } };
const shown = await done(200, flip.GET(one, { params: { ...params, query: { show_authentication: true } } }));
assert.deepEqual(shown, made);
const taken = await failed(409, flip.POST(list, { body }));
assert.ok("error_code" in taken && taken.error_code === "DUPLICATE_URL");
assert.equal((await done(200, flip.POST(`${one}/pause`, { params }))).status, "PAUSED");
assert.equal((await done(200, flip.POST(`${one}/unpause`, { params }))).status, "ACTIVE");
assert.equal((await done(200, flip.DELETE(one, { params }))).id, made.id);
await failed(404, flip.GET(one, { params }));
