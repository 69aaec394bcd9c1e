// The local issuer, used as an application and a browser use it.

import assert from "node:assert/strict";

import * as client from "openid-client";

export const { ISSUER, AUDIENCE, CLIENT_ID, SERVER_ID, SERVER_SECRET, REDIRECT_URI, TODOS } = process.env;

export const SCOPE = "openid profile email offline";

/** Discovers the issuer for the client; everything it signs is then verified, and plain HTTP is allowed by name. */
export function discover(id, authentication) {
  return client.discovery(new URL(ISSUER), id, undefined, authentication, {
    execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
  });
}

/** The page in a browser: no secret, and PKCE in its place. */
export const page = () => discover(CLIENT_ID, client.None());

/** The server, which has a secret. */
export const server = (authentication = client.ClientSecretPost) => discover(SERVER_ID, authentication(SERVER_SECRET));

/** Sends an action to the issuer's `/dev/control`. */
export async function control(action) {
  const answer = await fetch(`${ISSUER}/dev/control`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(action),
  });
  assert.equal(answer.status, 204, await answer.text());
}

/** Opens the page at `url`, sends its form as the person's button does, and returns the address to which it redirects. */
export async function choose(url, person) {
  const page = await fetch(url, { redirect: "manual" });
  const html = await page.text();
  assert.equal(page.status, 200, html);
  const [, action] = html.match(/<form method="post" action="([^"]+)">/);
  const [button, name] = html.match(new RegExp(`<button name="(\\w+)" value="${person}"`)) ?? [];
  assert.ok(button, `nobody is called ${person} on the page`);
  const form = new URLSearchParams({ [name]: person });
  for (const [, name, value] of html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)) {
    form.append(name, value);
  }
  const sent = await fetch(new URL(action, url), { method: "POST", body: form, redirect: "manual" });
  assert.equal(sent.status, 303, await sent.text());
  return new URL(sent.headers.get("location"));
}

/** The state that an application keeps during a sign-in. */
export function begin(config, parameters = {}) {
  const [verifier, state, nonce] = [client.randomPKCECodeVerifier(), client.randomState(), client.randomNonce()];
  const url = async () =>
    client.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT_URI,
      scope: SCOPE,
      audience: AUDIENCE,
      state,
      nonce,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      ...parameters,
    });
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  return { url, checks };
}

/** Signs a person in and returns the tokens. */
export async function signIn(config, person, parameters = {}) {
  const { url, checks } = begin(config, parameters);
  return client.authorizationCodeGrant(config, await choose(await url(), person), checks);
}
