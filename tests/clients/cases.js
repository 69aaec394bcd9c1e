// The requests that both backends answer. `both` is the status that they agree on; where they do not, `differences.json`
// says so, and why.
//
// `at` names the token's issuer: `local` is the local issuer, `standIn` the second issuer, whose private key the tests have.

import * as client from "openid-client";

import { ROUTES } from "./guide.js";
import { AUDIENCE, control, ISSUER, page, server, signIn } from "./issuer.js";
import { FOREIGN, hs256, now, respelt, rs256, sealed, signed, tampered, text, unsigned, withUrlCharacters } from "./tokens.js";

const { list, create, users } = ROUTES;
const { STAND_IN } = process.env;

const bearer = (token) => `Bearer ${token}`;

/** A request with the token of a person who signs in for it. */
const person = (name, route, id, both, parameters) => ({
  name,
  at: "local",
  route,
  both,
  authorization: async () => bearer((await signIn(await page(), id, parameters)).access_token),
});

const people = [
  person("a viewer lists", list, "viewer", 200),
  person("a viewer creates", create, "viewer", 403),
  person("a viewer looks at users", users, "viewer", 403),
  person("an editor lists", list, "editor", 200),
  person("an editor creates", create, "editor", 201),
  person("an editor looks at users", users, "editor", 403),
  person("an admin lists", list, "admin", 200),
  person("an admin creates", create, "admin", 201),
  person("an admin looks at users", users, "admin", 200),
  person("signed in to the organisation by its code", list, "viewer", 200, { org_code: "org_demo" }),
  person("a permission in another case", list, "another-case", 403),
  person("the role without the permission", users, "role-alone", 403),
  person("the permission without the role", users, "permission-alone", 403),
  person("signed in for no audience", list, "viewer", 401, { audience: "" }),
  {
    name: "an ID token",
    at: "local",
    route: list,
    both: 401,
    authorization: async () => bearer((await signIn(await page(), "viewer")).id_token),
  },
];

const machine = (name, both, audience) => ({
  name,
  at: "local",
  route: list,
  both,
  authorization: async () =>
    bearer((await client.clientCredentialsGrant(await server(), { audience })).access_token),
});

const machines = [
  machine("a machine's token", 403, AUDIENCE),
  machine("a machine's token for the Management API", 401, `${ISSUER}/api`),
];

/** A request with the token of a person who signed in while the issuer was in the given state. */
const told = (name, action, both) => ({
  ...person(name, list, "viewer", both),
  prepare: () => control(action),
  restore: () => control({ action: "reset" }),
});

const times = [
  told("signed in, but the token had expired an hour ago", { action: "expired_tokens", on: true }),
  told("the issuer's clock is an hour ahead", { action: "clock_skew", seconds: 3600 }),
  told("the issuer's clock is 20 s ahead", { action: "clock_skew", seconds: 20 }, 200),
];

/** A request to the API of the stand-in; where `both` is left out, the backends differ. */
const sent = (name, authorization, both) => ({ name, at: "standIn", route: list, both, authorization });

const headers = [
  sent("no header", () => undefined, 401),
  sent("an empty header", () => ""),
  sent("the scheme alone", () => "Bearer"),
  sent("no scheme", () => signed()),
  sent("the scheme in lower case", () => `bearer ${signed()}`),
  sent("two blanks after the scheme", () => `Bearer  ${signed()}`),
  sent("another scheme", () => `Basic ${signed()}`, 401),
  sent("no token", () => bearer("abc"), 401),
  sent("three parts of nothing", () => bearer("a.b.c"), 401),
  sent("two parts", () => bearer(signed().split(".").slice(0, 2).join(".")), 401),
  sent("four parts", () => bearer(`${signed()}.x`), 401),
  sent("something after the token", () => `${bearer(signed())} x`),
  sent("two headers, the first one good", () => [bearer(signed()), bearer("abc")]),
  sent("two headers, the second one good", () => [bearer("abc"), bearer(signed())]),
  { ...sent("the token in the query", () => undefined, 401), query: () => `?access_token=${signed()}` },
];

/** A token of the stand-in, with its key unless `how` says otherwise. */
const token = (name, make, both) => sent(name, () => bearer(make()), both);

const signatures = [
  token("a good token", () => signed(), 200),
  token("the payload changed after it was signed", () => tampered(signed(), { sub: "kp_somebody_else" }), 401),
  token("no signature, alg none", () => signed({}, { alg: "none" }, unsigned), 401),
  token("no signature", () => signed({}, {}, unsigned), 401),
  token("HS256 with the public key as secret", () => signed({}, { alg: "HS256" }, hs256()), 401),
  {
    ...sent("a token of another issuer", undefined, 401),
    authorization: async () => bearer((await signIn(await page(), "viewer")).access_token),
  },
  token("a key that is not in the set", () => signed({}, { kid: "unknown" }, rs256(FOREIGN)), 401),
  token("another key under the name of the right one", () => signed({}, {}, rs256(FOREIGN)), 401),
  token("no kid", () => signed({}, { kid: undefined }), 401),
  token("RS512", () => signed({}, { alg: "RS512" }, rs256(undefined, { hash: "sha512" })), 401),
  token("alg none over a good signature", () => signed({}, { alg: "none" })),
  token("alg HS256 over a good signature", () => signed({}, { alg: "HS256" })),
  token("no alg over a good signature", () => signed({}, { alg: undefined })),
  token("a signature in another spelling", () => respelt(signed())),
  token("a header that needs the letters of base64url", withUrlCharacters),
  token("crit names what nobody knows", () => signed({}, { crit: ["exp-policy"], "exp-policy": 1 })),
  token("an unencoded payload is announced (b64)", () => signed({}, { crit: ["b64"], b64: false })),
  token("the typ of a logout token", () => signed({}, { typ: "logout+jwt" })),
];

const claims = [
  token("expired", () => signed({ exp: now() - 3600 })),
  token("no exp", () => signed({ exp: undefined })),
  token("exp in milliseconds", () => signed({ exp: (now() + 3600) * 1000 })),
  token("exp as text", () => signed({ exp: String(now() + 3600) })),
  token("not yet valid", () => signed({ nbf: now() + 3600 })),
  token("issued in the future", () => signed({ iat: now() + 3600 })),
  token("another issuer's name", () => signed({ iss: "https://elsewhere.example" })),
  token("the issuer's name with a slash behind it", () => signed({ iss: `${STAND_IN}/` })),
  token("no iss", () => signed({ iss: undefined })),
  token("another audience", () => signed({ aud: ["api.example.com/other"] }), 401),
  token("an audience that begins like ours", () => signed({ aud: `${AUDIENCE}/more` }), 401),
  token("no aud", () => signed({ aud: undefined }), 401),
  token("an empty aud", () => signed({ aud: [] }), 401),
  token("aud as text", () => signed({ aud: AUDIENCE }), 200),
  token("ours among several audiences", () => signed({ aud: ["api.example.com/other", AUDIENCE] }), 200),
  token("no sub", () => signed({ sub: undefined })),
  token("an ID token that names the API", () => signed({ at_hash: "x", nonce: "x", auth_time: now(), scp: undefined })),
  token("a webhook's payload that names the API", () =>
    signed({ type: "user.updated", event_id: "event_1", data: {}, source: "admin" })),
  token("bound to a key of the client (cnf)", () => signed({ cnf: { jkt: "x" } })),
  token("a claim that stands twice", () => sealed(text('"permissions":["read:todos"]'))),
  token("a payload that is no JSON", () => sealed("not JSON"), 401),
  token("no permissions", () => signed({ permissions: undefined }), 403),
  token("none of the permissions", () => signed({ permissions: ["read:reports"] }), 403),
  token("permissions null", () => signed({ permissions: null })),
  token("permissions as text", () => signed({ permissions: "read:todos create:todos" })),
  token("permissions as text that contains ours", () => signed({ permissions: "unread:todos-of-others" })),
  token("a number among the permissions", () => signed({ permissions: ["read:todos", 7] })),
  token("permissions as an object", () => signed({ permissions: { "read:todos": true } })),
  token("permissions by the Hasura mapping", () =>
    signed({ permissions: undefined, "x-hasura-permissions": ["read:todos"] })),
  token("the permission as a scope", () => signed({ permissions: undefined, scp: ["read:todos"] }), 403),
  token("no organisation", () => signed({ org_code: undefined }), 200),
  { ...token("no roles", () => signed({ roles: undefined }), 403), route: users },
  { ...token("the role under another key", () => signed({ roles: [{ id: "1", key: "x", name: "admin" }] }), 403), route: users },
  { ...token("roles as keys", () => signed({ roles: ["admin"] })), route: users },
  { ...token("roles null", () => signed({ roles: null })), route: users },
];

/** A person's token from before an event. */
let kept;

const keep = async () => (kept = bearer((await signIn(await page(), "viewer")).access_token));

const after = (name, prepare, both) => ({ name, at: "local", route: list, both, prepare, authorization: () => kept });

const garbage = (name, prepare, both) => ({ ...after(name, prepare, both), authorization: () => bearer("a.b.c") });

/** The cases run in order: each begins with the issuer's state after the previous one. */
const events = [
  after(
    "the session was revoked, the token has not expired",
    async () => {
      await keep();
      await control({ action: "revoke", persona: "viewer" });
    },
    200,
  ),
  after(
    "the permission was taken away, the token is older",
    () => control({ action: "permissions", persona: "viewer", permissions: ["read:reports"] }),
    200,
  ),
  after("the permission was taken away, the token is the next one", keep, 403),
  after(
    "before a rotation",
    async () => {
      await control({ action: "reset" });
      await keep();
    },
    200,
  ),
  after("after a rotation, the token is older", () => control({ action: "rotate" }), 200),
  after("after a rotation, the token is the next one", keep, 200),
  garbage("rubbish while the key set cannot be fetched", () =>
    control({ action: "fault", endpoint: "keys", fault: "outage" }), 401),
  after("a good token while the key set cannot be fetched, after rubbish", () => {}),
  after("a good token when the key set is there again", () => control({ action: "reset" }), 200),
  {
    ...after("the key was replaced under its name, the token is the next one", async () => {
      await control({ action: "replace_key" });
    }),
    both: 200,
    authorization: async () => bearer((await signIn(await page(), "viewer")).access_token),
  },
  after("the key was replaced under its name, the token is older", () => {}, 401),
];

export const cases = [
  ...people,
  ...machines,
  ...times,
  ...headers,
  ...signatures,
  ...claims,
  ...events,
];
