// `openid-client` at the local issuer. It checks what it receives, ID tokens with their signatures included.

import assert from "node:assert/strict";
import { test } from "node:test";

import * as client from "openid-client";

import { AUDIENCE, begin, choose, ISSUER, page, REDIRECT_URI, SCOPE, server, SERVER_ID, signIn, TODOS } from "./issuer.js";

const list = (token) => fetch(`${TODOS}/todos`, { headers: { Authorization: `Bearer ${token}` } });

/** What the issuer says when it refuses: the client reads it from the body. */
const refusal = (error) => (thrown) => {
  assert.equal(thrown.error, error, thrown);
  return true;
};

/** Why the client itself refuses what the issuer says. */
const because = (message) => (thrown) => {
  assert.equal(thrown.cause?.message, message, thrown);
  return true;
};

test("discovery names every endpoint that a client needs", async () => {
  const metadata = (await page()).serverMetadata();
  assert.equal(metadata.issuer, ISSUER);
  assert.ok(metadata.supportsPKCE());
  const endpoints = [
    "authorization_endpoint",
    "token_endpoint",
    "jwks_uri",
    "userinfo_endpoint",
    "introspection_endpoint",
    "revocation_endpoint",
    "end_session_endpoint",
  ];
  for (const endpoint of endpoints) assert.ok(metadata[endpoint]?.startsWith(`${ISSUER}/`), endpoint);
});

test("a page signs somebody in by code and PKCE, and the API takes the token", async () => {
  const tokens = await signIn(await page(), "viewer");
  assert.equal(tokens.token_type, "bearer");
  assert.equal(tokens.scope.split(" ").sort().join(" "), SCOPE.split(" ").sort().join(" "));
  assert.equal(tokens.expiresIn(), 86_400);
  assert.equal((await list(tokens.access_token)).status, 200);
});

for (const method of ["ClientSecretPost", "ClientSecretBasic"]) {
  test(`a server signs somebody in with its secret: ${method}`, async () => {
    const config = await server(client[method]);
    const tokens = await signIn(config, "editor");
    assert.deepEqual([tokens.claims().aud].flat(), [SERVER_ID]);
    assert.equal((await list(tokens.access_token)).status, 200);
  });
}

async function beginWithoutPkce(config) {
  const { url, checks } = begin(config);
  const plain = await url();
  plain.searchParams.delete("code_challenge");
  plain.searchParams.delete("code_challenge_method");
  return { plain, checks };
}

test("a server needs no PKCE", async () => {
  const config = await server();
  const { plain, checks } = await beginWithoutPkce(config);
  const { pkceCodeVerifier, ...others } = checks;
  const tokens = await client.authorizationCodeGrant(config, await choose(plain, "viewer"), others);
  assert.ok(tokens.access_token);
});

test("a page without PKCE is sent back with an error", async () => {
  const config = await page();
  const { plain, checks } = await beginWithoutPkce(config);
  const answer = await fetch(plain, { redirect: "manual" });
  const back = new URL(answer.headers.get("location"));
  await assert.rejects(client.authorizationCodeGrant(config, back, checks), refusal("invalid_request"));
});

test("the ID token says who signed in, when and to which client", async () => {
  const tokens = await signIn(await page(), "viewer");
  const claims = tokens.claims();
  assert.equal(claims.iss, ISSUER);
  assert.equal(claims.name, "Demo Viewer");
  assert.deepEqual(claims.org_codes, ["org_demo"]);
  assert.ok(claims.auth_time <= claims.iat && claims.at_hash);
  assert.equal(claims.permissions, undefined);
});

test("the client refuses an answer with another nonce", async () => {
  const config = await page();
  const { url, checks } = begin(config);
  const back = await choose(await url(), "viewer");
  const exchange = client.authorizationCodeGrant(config, back, { ...checks, expectedNonce: client.randomNonce() });
  await assert.rejects(exchange, because('unexpected ID Token "nonce" claim value'));
});

test("the client refuses an answer with another state, before the code is used", async () => {
  const config = await page();
  const { url, checks } = begin(config);
  const back = await choose(await url(), "viewer");
  const exchange = client.authorizationCodeGrant(config, back, { ...checks, expectedState: client.randomState() });
  await assert.rejects(exchange, because('unexpected "state" response parameter value'));
  assert.ok((await client.authorizationCodeGrant(config, back, checks)).access_token);
});

test("a code is worth nothing with another verifier, another client, or a second time", async () => {
  const config = await page();
  const other = begin(config);
  const stolen = await choose(await other.url(), "viewer");
  const wrong = { ...other.checks, pkceCodeVerifier: client.randomPKCECodeVerifier() };
  await assert.rejects(client.authorizationCodeGrant(config, stolen, wrong), refusal("invalid_grant"));

  const mine = begin(config);
  const back = await choose(await mine.url(), "viewer");
  await assert.rejects(client.authorizationCodeGrant(await server(), back, mine.checks), refusal("invalid_grant"));

  const { url, checks } = begin(config);
  const twice = await choose(await url(), "viewer");
  const tokens = await client.authorizationCodeGrant(config, twice, checks);
  await assert.rejects(client.authorizationCodeGrant(config, twice, checks), refusal("invalid_grant"));
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), refusal("invalid_grant"));
});

test("a wrong secret is refused, by a challenge where the client uses one", async () => {
  const posted = await server((secret) => client.ClientSecretPost(`${secret}x`));
  await assert.rejects(client.clientCredentialsGrant(posted), refusal("invalid_client"));
  const basic = await server((secret) => client.ClientSecretBasic(`${secret}x`));
  await assert.rejects(client.clientCredentialsGrant(basic), ({ cause, status }) => {
    assert.deepEqual([status, cause.map(({ scheme }) => scheme)], [401, ["basic"]]);
    return true;
  });
});

test("nobody is signed in where no browser session is: prompt=none", async () => {
  const config = await page();
  const { url, checks } = begin(config, { prompt: "none" });
  const answer = await fetch(await url(), { redirect: "manual" });
  const back = new URL(answer.headers.get("location"));
  await assert.rejects(client.authorizationCodeGrant(config, back, checks), refusal("login_required"));
});

test("a refresh gives the next tokens, and the refresh token before the last one ends them all", async () => {
  const config = await page();
  const first = await signIn(config, "editor");
  const second = await client.refreshTokenGrant(config, first.refresh_token);
  assert.notEqual(second.refresh_token, first.refresh_token);
  assert.notEqual(second.access_token, first.access_token);
  assert.equal(second.claims().sub, first.claims().sub);
  assert.equal((await list(second.access_token)).status, 200);

  const third = await client.refreshTokenGrant(config, second.refresh_token);
  await assert.rejects(client.refreshTokenGrant(config, first.refresh_token), refusal("invalid_grant"));
  await assert.rejects(client.refreshTokenGrant(config, third.refresh_token), refusal("invalid_grant"));
});

test("without the scope offline there is nothing to refresh", async () => {
  const tokens = await signIn(await page(), "viewer", { scope: "openid" });
  assert.equal(tokens.refresh_token, undefined);
});

test("a machine gets a token by its credentials; it has scopes and no permissions", async () => {
  const config = await server();
  const tokens = await client.clientCredentialsGrant(config, { audience: AUDIENCE, scope: "read:permissions" });
  assert.deepEqual([tokens.token_type, tokens.scope, tokens.expires_in], ["bearer", "read:permissions", 3600]);
  assert.equal((await list(tokens.access_token)).status, 403);
  const over = { audience: AUDIENCE, scope: "create:everything" };
  await assert.rejects(client.clientCredentialsGrant(config, over), refusal("invalid_scope"));
  await assert.rejects(client.clientCredentialsGrant(config, { audience: "elsewhere" }), refusal("invalid_request"));
});

test("a page has no tokens of its own", async () => {
  const grant = client.clientCredentialsGrant(await page(), { audience: AUDIENCE });
  await assert.rejects(grant, refusal("unauthorized_client"));
});

test("the profile is that of the person who signed in", async () => {
  const config = await page();
  const tokens = await signIn(config, "admin");
  const { sub } = tokens.claims();
  const profile = await client.fetchUserInfo(config, tokens.access_token, sub);
  assert.equal(profile.given_name, "Demo");
  assert.equal(profile.email_verified, true);
  const another = client.fetchUserInfo(config, tokens.access_token, "somebody else");
  await assert.rejects(another, because('unexpected "response" body "sub" property value'));
});

test("what is revoked is gone", async () => {
  const config = await server();
  const tokens = await signIn(config, "viewer");
  const active = async () => (await client.tokenIntrospection(config, tokens.access_token)).active;
  assert.equal(await active(), true);
  await client.tokenRevocation(config, tokens.refresh_token, { token_type_hint: "refresh_token" });
  assert.equal(await active(), false);
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), refusal("invalid_grant"));
  await client.tokenRevocation(config, "never heard of");
});

test("introspection tells who a token is of and for what", async () => {
  const config = await server();
  const tokens = await signIn(config, "viewer");
  const answer = await client.tokenIntrospection(config, tokens.access_token);
  assert.equal(answer.client_id, SERVER_ID);
  assert.equal(answer.sub, tokens.claims().sub);
  assert.deepEqual([answer.aud].flat(), [AUDIENCE]);
});

test("signing out leads back, with Kinde's name for where to", async () => {
  const url = client.buildEndSessionUrl(await page(), { redirect: REDIRECT_URI });
  const answer = await fetch(url, { redirect: "manual" });
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get("location"), REDIRECT_URI);
});
