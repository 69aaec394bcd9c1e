// The backend of Kinde's guide, on Express: `node server.js DOMAIN`, where DOMAIN serves the key set.

import { jwtDecoder } from "@kinde/jwt-decoder";
import { validateToken } from "@kinde/jwt-validator";
import express from "express";

const domain = process.argv[2];
const app = express();
app.disable("etag").disable("x-powered-by");

app.get("/", async (request, response) => {
  const token = request.get("authorization")?.replace("Bearer ", "");
  const { valid } = token ? await validateToken({ token, domain }) : { valid: false };
  if (!valid) return response.status(401).end();
  if (!jwtDecoder(token).permissions?.includes("create:todos")) return response.status(403).end();
  response.type("text/plain").send("ok");
});

const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
server.keepAliveTimeout = 60_000;
// The server ends with its parent process.
process.stdin.on("end", () => process.exit(0)).resume();
