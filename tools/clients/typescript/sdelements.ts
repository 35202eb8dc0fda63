// The story of SD Elements' API, through the generated types.

import assert from "node:assert/strict";
import type { paths } from "./generated/sdelements.js";
import { client, done, failed, ready, until } from "./story.js";

const api = client<paths>();
// Webhooks and their event configurations.
const list = "/api/v2/webhooks/";
const one = "/api/v2/webhooks/{webhook_id}/";
const made = await done(201, api.POST(list, { body: { name: "TypeScript", url: ready.refusing_slack_url } }));
assert.ok(made.integration_type === "slack" && made.active);
assert.equal((await done(200, api.GET(list, { params: { query: { page_size: 100 } } }))).results.at(-1)?.id, made.id);
const params = { path: { webhook_id: made.id } };
const updated = await done(200, api.PATCH(one, { params, body: { description: "d" } }));
assert.deepEqual([updated.name, updated.description], ["TypeScript", "d"]);
assert.deepEqual(await done(200, api.GET(one, { params })), updated);
const refused = await failed(400, api.POST(list, { body: { name: "", url: "x" } }));
assert.deepEqual("name" in refused && refused["name"], ["This field may not be blank."]);
const configurations = "/api/v2/webhooks/{webhook_id}/configs/";
const configuration = "/api/v2/webhooks/{webhook_id}/configs/{id}/";
const source = { event_source: "CreatedProjectActivity" } as const;
const subscribed = await done(201, api.POST(configurations, { params, body: source }));
const its = { path: { webhook_id: made.id, id: subscribed.id } };
assert.equal((await done(200, api.GET(configuration, { params: its }))).webhook, made.id);
assert.ok((await done(200, api.PATCH(configuration, { params: its, body: { active: true } }))).active);
assert.equal((await done(200, api.GET(configurations, { params }))).results[0]?.id, subscribed.id);
const paged = await done(200, api.GET(configurations, { params: { ...params, query: { page_size: 5 } } }));
assert.equal(paged.count, 1);
// An activity that Slack refuses, and its delivery.
const activities = "/api/v2/projects/{project_id}/activities/";
const project = { path: { project_id: "11" } };
const activity = { name: "CreatedProjectActivity", actor: 1, data: { project_desc: "Apollo" } };
const published = await done(201, api.POST(activities, { params: project, body: activity }));
assert.deepEqual([published.data, published.actor], [{ project_desc: "Apollo" }, 1]);
const newest = await done(200, api.GET(activities, { params: { ...project, query: { page_size: 1 } } }));
assert.equal(newest.results[0]?.id, published.id);
const diverted = async () => {
  const query = { state: "diverted" } as const;
  const page = await done(200, api.GET(`${one}deliveries/`, { params: { ...params, query } }));
  return page.results[0] ?? false;
};
assert.equal((await until(diverted)).id, published.id);
const delivery = { params: { path: { webhook_id: made.id, delivery_id: published.id } } };
const shown = await done(200, api.GET(`${one}deliveries/{delivery_id}/`, delivery));
assert.ok(shown.attempts.at(-1)?.status === 400 && shown.finished !== null);
assert.equal((await done(202, api.POST(`${one}deliveries/{delivery_id}/resend/`, delivery))).state, "pending");
await until(diverted);
const again = { state: "delivered" } as const;
assert.ok((await done(202, api.POST(`${one}resend/`, { params, body: again }))).requested);
await done(204, api.DELETE(`${one}deliveries/{delivery_id}/`, delivery));
// Its state.
assert.equal((await done(200, api.POST(`${one}test/`, { params }))).status, 400);
assert.equal((await done(200, api.POST(`${one}pause/`, { params }))).state, "paused");
assert.equal((await done(200, api.POST(`${one}unpause/`, { params }))).state, "active");
assert.equal((await done(200, api.POST(`${one}unsuspend/`, { params }))).since, null);
const status = await done(200, api.GET(`${one}status/`, { params }));
assert.deepEqual([status.queued, status.more_queued], [0, false]);
await done(204, api.DELETE(configuration, { params: its }));
await done(204, api.DELETE(one, { params }));
assert.equal((await failed(404, api.GET(one, { params }))).detail, "Not found.");
