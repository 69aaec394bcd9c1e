// Kinde's own packages, unmodified, on the tokens of the local issuer and of `token mint`.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";

import * as decoder from "@kinde/jwt-decoder";
import * as validator from "@kinde/jwt-validator";
import * as client from "openid-client";

import { AUDIENCE, CLIENT_ID, ISSUER, page, server, signIn } from "./issuer.js";
import { FOREIGN, rs256, sealed, signed, tampered, unsigned } from "./tokens.js";

const { STAND_IN, STAND_IN_TODOS, MINTED } = process.env;
const require = createRequire(import.meta.url);

const VALID = { valid: true, message: "Token is valid" };

/** Returns the claims of a token, read without a library. */
const claims = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));

// The packages are published in two forms, which applications take by `import` and by `require`.
const forms = {
  import: { validateToken: validator.validateToken, jwtDecoder: decoder.jwtDecoder },
  require: {
    validateToken: require("@kinde/jwt-validator").validateToken,
    jwtDecoder: require("@kinde/jwt-decoder").jwtDecoder,
  },
};

for (const [form, { validateToken, jwtDecoder }] of Object.entries(forms)) {
  test(`jwt-validator accepts access tokens and ID tokens of everybody (${form})`, async () => {
    for (const person of ["viewer", "editor", "admin"]) {
      const tokens = await signIn(await page(), person);
      for (const token of [tokens.access_token, tokens.id_token]) {
        assert.deepEqual(await validateToken({ token, domain: ISSUER }), VALID);
      }
    }
  });

  test(`jwt-validator accepts a machine's token (${form})`, async () => {
    const { access_token: token } = await client.clientCredentialsGrant(await server(), { audience: AUDIENCE });
    assert.deepEqual(await validateToken({ token, domain: ISSUER }), VALID);
    assert.deepEqual(jwtDecoder(token).gty, ["client_credentials"]);
  });

  test(`jwt-validator accepts what \`token mint\` signed (${form})`, async () => {
    assert.deepEqual(await validateToken({ token: MINTED, domain: STAND_IN }), VALID);
    const answer = await fetch(`${STAND_IN_TODOS}/todos`, { headers: { Authorization: `Bearer ${MINTED}` } });
    assert.equal(answer.status, 200);
  });

  test(`jwt-validator refuses what was not signed (${form})`, async () => {
    const forged = {
      "another key under the name of this one": signed({}, {}, rs256(FOREIGN)),
      "a key that is not in the set": signed({}, { kid: "unknown" }, rs256(FOREIGN)),
      "a payload that was changed": tampered(signed({ permissions: [] }), { permissions: ["manage:users"] }),
      "no signature": signed({}, { alg: "none" }, unsigned),
      "no three parts": "a.b",
    };
    for (const [what, token] of Object.entries(forged)) {
      assert.equal((await validateToken({ token, domain: STAND_IN })).valid, false, what);
    }
  });

  test(`jwt-validator refuses a token of another issuer (${form})`, async () => {
    assert.equal((await validateToken({ token: MINTED, domain: ISSUER })).valid, false);
  });

  test(`jwt-decoder reads everything that a token says (${form})`, async () => {
    const tokens = await signIn(await page(), "viewer");
    const access = jwtDecoder(tokens.access_token);
    assert.deepEqual(access, claims(tokens.access_token));
    assert.deepEqual([access.aud, access.azp, access.iss], [[AUDIENCE], CLIENT_ID, ISSUER]);
    assert.deepEqual(access.permissions, ["read:todos", "read:reports"]);
    assert.deepEqual(access.roles.map(({ key }) => key), ["viewer"]);
    assert.equal(access.org_code, "org_demo");
    assert.deepEqual(access.feature_flags, {
      beta: { t: "b", v: true },
      max: { t: "i", v: 5 },
      theme: { t: "s", v: "pink" },
    });
    assert.deepEqual(jwtDecoder(tokens.id_token), claims(tokens.id_token));
    const header = jwtDecoder(tokens.access_token, 0);
    assert.deepEqual([header.alg, header.typ], ["RS256", "JWT"]);
  });

  test(`jwt-decoder reads text beyond ASCII (${form})`, () => {
    const payload = JSON.stringify({ name: "Zoë 漢字 🙂" });
    assert.equal(jwtDecoder(sealed(payload)).name, "Zoë 漢字 🙂");
  });
}
