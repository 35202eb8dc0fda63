// The story of Socotra's API, through the generated types. Its events are published through those of `POST /events`.

import assert from "node:assert/strict";
import type { paths as EventPaths } from "./generated/events.js";
import type { paths } from "./generated/socotra.js";
import { client, done, failed, ready, until } from "./story.js";

const api = client<paths>();
// Webhooks.
const tenant = { tenantLocator: ready.socotra_tenant };
const made = await done(200, api.POST("/event/{tenantLocator}/webhooks", {
  params: { path: tenant },
  body: {
    name: "TypeScript", enabled: true, eventTypes: ["typescript.story"],
    endpoint: { url: ready.refusing_url, headers: { "X-Api-Key": ["one", "two"] } },
    failureHandling: {
      alertEndpoint: { url: "https://typescript.example/alerts" }, divert: true, triggers: ["4xx"],
      retryStrategy: { type: "linear", interval: 1, attempts: 1 },
    },
  },
}));
assert.deepEqual([made.endpoint.headers["X-Api-Key"], made.endpoint.secret], [["one", "two"], null]);
assert.ok(made.failureHandling.retryStrategy?.type === "linear" && !made.suspended);
const one = "/event/{tenantLocator}/webhooks/{webhookLocator}";
const params = { path: { ...tenant, webhookLocator: made.locator } };
assert.deepEqual(await done(200, api.GET(one, { params })), made);
const list = "/event/{tenantLocator}/webhooks/list";
const named = await done(200, api.GET(list, { params: { path: tenant, query: { name: "TypeScript" } } }));
assert.ok(Array.isArray(named) && named[0]?.locator === made.locator);
const query = { extended: true, eventTypes: ["typescript.story"] };
const page = await done(200, api.GET(list, { params: { path: tenant, query } }));
assert.ok(!Array.isArray(page) && page.listCompleted && page.items[0]?.locator === made.locator);
const failureHandling = { removeAlertEndpoint: true, removeRetryStrategy: true };
const updated = await done(200, api.PATCH(one, { params, body: { name: "TypeScript 2", failureHandling } }));
assert.deepEqual([updated.name, updated.failureHandling.alertEndpoint], ["TypeScript 2", null]);
const refused = await failed(400, api.PATCH(one, { params, body: { name: " " } }));
assert.ok("errors" in refused);
assert.deepEqual(refused.errors.map((error) => error.field), ["name"]);
await done(204, api.PATCH(`${one}/unsuspend`, { params }));
// Two events that the endpoint refuses.
const events = client<EventPaths>();
const publish = async (number: number) => {
  const body = { type: "typescript.story", request: "typescript", data: { number } };
  const published = await done(201, events.POST("/events", { body }));
  assert.ok("id" in published);
  return published.id;
};
const [first, second] = [await publish(1), await publish(2)];
const both = async () => {
  const now = await done(200, api.GET(`${one}/diverted`, { params }));
  return now.length === 2 && now;
};
const found = await until(both);
assert.deepEqual(found.map((event) => event.eventLocator), [first, second]);
const event = { params: { path: { ...params.path, eventLocator: first } } };
assert.deepEqual(await done(200, api.GET(`${one}/diverted/{eventLocator}`, event)), found[0]);
assert.equal((await done(200, api.POST(`${one}/diverted/{eventLocator}/resend`, event))).eventLocator, first);
await until(both);
assert.equal((await done(200, api.DELETE(`${one}/diverted/{eventLocator}`, event))).requestLocator, "typescript");
// The events themselves, page by page.
const locator = { params: { path: { ...tenant, eventLocator: first } } };
assert.deepEqual((await done(200, api.GET("/event/{tenantLocator}/events/{eventLocator}", locator))).data, { number: 1 });
const request = { params: { path: { ...tenant, requestLocator: "typescript" } } };
const caused = await done(200, api.GET("/event/{tenantLocator}/events/request/{requestLocator}", request));
assert.deepEqual(caused.map((each) => each.locator), [first, second]);
const events_of = async (query: { type: string; pageSize: number } | { pagingToken: string }) =>
  done(200, api.GET("/event/{tenantLocator}/events/list", { params: { path: tenant, query } }));
const before = await events_of({ type: "typescript.story", pageSize: 1 });
const after = await events_of({ pagingToken: before.pagingToken ?? "" });
assert.deepEqual([...before.events, ...after.events].map((each) => each.locator), [first, second]);
assert.equal(after.pagingToken, null);
await done(204, api.DELETE(one, { params }));
await failed(404, api.GET(one, { params }));
