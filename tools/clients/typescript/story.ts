// What the stories of the generated TypeScript types have in common.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import createClient from "openapi-fetch";

export const ready = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Record<
  "gateway" | "akinon_organization" | "socotra_tenant" | "refusing_slack_url" | "refusing_url" | "token", string>;

/** A client of the API whose paths these are. */
export function client<Paths extends {}>() {
  return createClient<Paths>({ baseUrl: ready.gateway, headers: { Authorization: `Bearer ${ready.token}` } });
}

interface Result<Data, Failure> {
  data?: Data;
  error?: Failure;
  response: Response;
}

/** What the operation replied; fails unless it succeeded with that status. */
export async function done<Data, Failure>(status: number, result: Promise<Result<Data, Failure>>): Promise<NonNullable<Data>> {
  const { data, error, response } = await result;
  assert.equal(response.status, status, `${response.url}: ${JSON.stringify(error)}`);
  assert.ok(data !== undefined && data !== null || status === 204);
  return data as NonNullable<Data>;
}

/** The error that the operation replied; fails unless it failed with that status. */
export async function failed<Data, Failure>(status: number, result: Promise<Result<Data, Failure>>): Promise<NonNullable<Failure>> {
  const { error, response } = await result;
  assert.equal(response.status, status, response.url);
  assert.ok(error !== undefined && error !== null);
  return error;
}

/** Calls `wanted` until it gives something, and gives that. */
export async function until<Found>(wanted: () => Promise<Found | false>): Promise<Found> {
  const end = Date.now() + 60_000;
  for (;;) {
    const found = await wanted();
    if (found) return found;
    assert.ok(Date.now() < end, "timed out");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
