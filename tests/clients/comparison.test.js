// The backend of Kinde's guide and the guarded API of the todos answer the same requests. Where they differ,
// `differences.json` says so, and README.md lists it.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { after, before, test } from "node:test";

import { cases } from "./cases.js";
import { ROUTES, startGuide } from "./guide.js";
import { AUDIENCE, ISSUER, TODOS } from "./issuer.js";

const { STAND_IN, STAND_IN_TODOS, DIFFERENCES } = process.env;

const read = (name) => readFileSync(new URL(name, import.meta.url), "utf8");

const declared = JSON.parse(read("differences.json"));
const apis = { local: TODOS, standIn: STAND_IN_TODOS };
const guides = {};
const found = [];

before(async () => {
  guides.local = await startGuide({ issuer: ISSUER, audience: AUDIENCE });
  guides.standIn = await startGuide({ issuer: STAND_IN, audience: AUDIENCE });
});

after(() => {
  for (const guide of Object.values(guides)) guide.stop();
  writeFileSync(DIFFERENCES, found.map(({ guide, ours, name }) => `${guide}  ${ours}  ${name}\n`).join(""));
});

/** Sends the request as it is, a header that stands twice included, and returns the status of the answer. */
function send(server, { method, path, body }, authorization, query = "") {
  const headers = { Connection: "close" };
  if (authorization !== undefined) headers.Authorization = authorization;
  if (body) headers["Content-Type"] = "application/json";
  return new Promise((resolve, reject) => {
    const sent = request(`${server}${path}${query}`, { method, headers }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

for (const it of cases) {
  test(it.name, async (t) => {
    // The validator reports the intended failure to fetch keys on standard error.
    t.mock.method(console, "error", () => {});
    await it.prepare?.();
    const [authorization, query] = [await it.authorization(), it.query?.()];
    await it.restore?.();
    const guide = await send(guides[it.at].url, it.route, authorization, query);
    const ours = await send(apis[it.at], it.route, authorization, query);
    if (guide !== ours) found.push({ name: it.name, guide, ours });
    const difference = declared.find((difference) => difference.case === it.name);
    const expected = difference ?? { guide: it.both, ours: it.both };
    assert.deepEqual({ guide, ours }, { guide: expected.guide, ours: expected.ours });
  });
}

test("rubbish makes the guide fetch the key set each time, and us never", async () => {
  const fetched = async () => (await (await fetch(`${ISSUER}/dev/state`)).json()).requests.keys;
  const costs = async (server) => {
    const before = await fetched();
    for (let sent = 0; sent < 10; sent += 1) assert.equal(await send(server, ROUTES.list, "Bearer a.b.c"), 401);
    return (await fetched()) - before;
  };
  assert.deepEqual([await costs(guides.local.url), await costs(apis.local)], [10, 0]);
});

test("every declared difference is one of a case, and has a reason", () => {
  for (const { case: name, guide, ours, why } of declared) {
    assert.equal(cases.filter((it) => it.name === name && it.both === undefined).length, 1, name);
    assert.ok(guide !== ours && why, name);
  }
});

test("README.md lists the declared differences", () => {
  const listed = read("README.md").split("\n").filter((line) => /\| \d{3} \| \d{3} \|/.test(line));
  const rows = declared.map(({ case: name, guide, ours, why }) => `| ${name} | ${guide} | ${ours} | ${why} |`);
  assert.deepEqual(listed, rows);
});
