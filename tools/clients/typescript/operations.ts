// The story of the operations API, through the generated types.

import assert from "node:assert/strict";
import type { paths as FlipPaths } from "./generated/flip.js";
import type { paths } from "./generated/operations.js";
import { client, done, failed } from "./story.js";

const flip = client<FlipPaths>();
const operations = client<paths>();
const body = { url: "https://typescript.example/operations", subscription: { event_types: ["chat"] } };
const made = await done(201, flip.POST("/api/webhooks/v4/webhooks", { body }));
const webhook = `flip:${made.id}`;
const one = "/operations/webhooks/{webhook_id}";
const params = { path: { webhook_id: webhook } };
const listed = await done(200, operations.GET("/operations/webhooks", { params: { query: { limit: 100 } } }));
assert.ok(listed.items.some((item) => item.id === webhook));
assert.equal((await done(200, operations.GET(one, { params }))).queued, 0);
assert.equal((await done(200, operations.POST(`${one}/pause`, { params }))).state, "paused");
assert.equal((await done(200, operations.POST(`${one}/unpause`, { params }))).state, "delivering");
const tested = await done(200, operations.POST(`${one}/test`, { params }));
assert.ok(tested.attempt.status === 200 && tested.request.endpoint.startsWith("https://typescript.example/"));
const secret = await done(200, operations.POST(`${one}/rotate-secret`, { params, body: { overlap_hours: 1 } }));
assert.ok(secret.signing_secret.startsWith("whsec_"));
assert.deepEqual((await done(200, operations.GET(`${one}/deliveries`, { params }))).items, []);
assert.ok((await done(200, operations.GET("/operations/summary", {}))).states.delivering >= 1);
const target = { kind: "webhook" as const, name: "On call", url: "https://typescript.example/oncall" };
const created = await done(201, operations.POST("/operations/notifications", { body: target }));
const targetParams = { path: { target_id: created.id } };
const path = "/operations/notifications/{target_id}";
const changed = await done(200, operations.PATCH(path, { params: targetParams, body: { name: "The team" } }));
assert.ok(changed.name === "The team" && changed.event_types.length === 5);
await done(204, operations.DELETE(path, { params: targetParams }));
const missing = await failed(404, operations.GET(one, { params: { path: { webhook_id: "flip:none" } } }));
assert.equal(missing.title, "Not Found");
