// The story of Akinon's API, through the generated types.

import assert from "node:assert/strict";
import type { paths } from "./generated/akinon.js";
import { client, done, failed, ready } from "./story.js";

const akinon = client<paths>();
const list = "/organizations/{organizationId}/projects/{projectId}/settings/webhooks";
const one = "/organizations/{organizationId}/projects/{projectId}/settings/webhooks/{webhookId}";
const project = { organizationId: ready.akinon_organization, projectId: "665f1c2ab7e9d0a1b2c3d4e5" };
const body = {
  name: "Builds", url: "https://typescript.example/akinon", events: ["deployment.build.created"],
  headers: { "X-Api-Key": "key" },
};
const made = await done(201, akinon.POST(list, { params: { path: project }, body }));
assert.ok(made.signingSecret?.startsWith("whsec_") && made.active);
const listed = await done(200, akinon.GET(list, { params: { path: project } }));
assert.deepEqual(listed.map((webhook) => webhook._id), [made._id]);
const params = { path: { ...project, webhookId: made._id } };
const shown = await done(200, akinon.GET(one, { params }));
assert.deepEqual([shown.headers["X-Api-Key"], shown.createdAt], ["key", made.createdAt]);
const updated = await done(200, akinon.PATCH(one, { params, body: { name: "Deployments", active: false } }));
assert.deepEqual([updated.name, updated.active, updated.events], ["Deployments", false, ["deployment.build.created"]]);
const refused = await failed(400, akinon.PATCH(one, { params, body: { url: "http://typescript.example/" } }));
assert.ok("errors" in refused);
assert.deepEqual(refused.errors?.map((error) => error.field), ["url"]);
await done(204, akinon.DELETE(one, { params }));
await failed(404, akinon.GET(one, { params }));
