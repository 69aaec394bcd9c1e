// Tokens of the stand-in, right and wrong. Its key is one that `kinde-perms token mint` made.

import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign as signature } from "node:crypto";
import { readFileSync } from "node:fs";

const { AUDIENCE, STAND_IN, STAND_IN_KEY, STAND_IN_KEY_SET } = process.env;

const KEY = createPrivateKey({
  key: Buffer.from(JSON.parse(readFileSync(STAND_IN_KEY, "utf8")).private_key, "base64"),
  format: "der",
  type: "pkcs8",
});
const [{ kid: KID }] = JSON.parse(readFileSync(STAND_IN_KEY_SET, "utf8")).keys;

/** A key that no key set has. */
export const FOREIGN = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;

export const now = () => Math.floor(Date.now() / 1000);

const encode = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

const role = (key) => ({ id: randomUUID(), key, name: key });

/** What Kinde puts into the token of an admin who is an editor as well. */
const usual = () => ({
  aud: [AUDIENCE],
  azp: "stand-in-web",
  exp: now() + 3600,
  iat: now(),
  iss: STAND_IN,
  jti: randomUUID(),
  org_code: "org_demo",
  permissions: ["read:todos", "create:todos", "update:todos", "delete:todos", "manage:users"],
  roles: ["editor", "admin"].map(role),
  scp: ["openid", "profile", "email", "offline"],
  sub: "kp_00000000000000000000000000000009",
});

/** Signs the usual token with these changes: a member that is `undefined` is left out. */
export function signed(changes = {}, header = {}, how = rs256()) {
  return sealed(JSON.stringify({ ...usual(), ...changes }), header, how);
}

/** The same of a payload that is text. */
export function sealed(payload, header = {}, how = rs256()) {
  const input = `${encode({ alg: "RS256", kid: KID, typ: "JWT", ...header })}.${encode(payload)}`;
  return `${input}.${how(input)}`;
}

/** The usual payload as text, with `more` before its end. */
export const text = (more) => JSON.stringify(usual()).replace(/}$/, `,${more}}`);

export function rs256(key = KEY, options = {}) {
  return (input) => signature(options.hash ?? "sha256", Buffer.from(input), { key, ...options.key }).toString("base64url");
}

/** What some validators take for a signature: the public key, which everybody has, as the secret of an HMAC. */
export function hs256() {
  const secret = createPublicKey(KEY).export({ format: "pem", type: "spki" });
  return (input) => createHmac("sha256", secret).update(input).digest("base64url");
}

export const unsigned = () => "";

/** The same token, its payload changed after it was signed. */
export function tampered(token, changes) {
  const [header, payload, signature] = token.split(".");
  const claims = { ...JSON.parse(Buffer.from(payload, "base64url")), ...changes };
  return [header, encode(claims), signature].join(".");
}

/** The same token whose signature ends in another character that decodes to the same bytes. */
export function respelt(token) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const last = alphabet.indexOf(token.at(-1));
  return token.slice(0, -1) + alphabet[last ^ 1];
}

/** A token whose header needs the two characters in which base64url differs from base64. */
export function withUrlCharacters() {
  const token = signed({}, { note: "???>>>???>>>" });
  const [header] = token.split(".");
  if (!/[-_]/.test(header)) throw new Error(`${header} is the same in base64`);
  return token;
}
