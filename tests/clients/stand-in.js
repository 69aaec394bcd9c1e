// An issuer that does nothing but publish a key set: whoever has the private key signs what they like.
//
//     node stand-in.js key-set.json
//
// prints where it is.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const keySet = readFileSync(process.argv[2], "utf8");

const server = createServer((request, response) => {
  const url = `http://${request.headers.host}`;
  const documents = {
    "/.well-known/openid-configuration": JSON.stringify({ issuer: url, jwks_uri: `${url}/.well-known/jwks` }),
    "/.well-known/jwks": keySet,
    "/.well-known/jwks.json": keySet,
  };
  const document = documents[request.url];
  response.writeHead(document ? 200 : 404, { "Content-Type": "application/json" });
  response.end(document);
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
