// The backend of Kinde's guide "Use Kinde permissions in React and any backend", in our words: what its Next.js route does,
// in its order, with its packages. Behind it, the routes of the todos; their handlers do nothing.

import { createServer } from "node:http";

import { jwtDecoder } from "@kinde/jwt-decoder";
import { validateToken } from "@kinde/jwt-validator";

/** The rule of each route. The guide's route asks for a permission; roles are checked in the same way. */
export const ROUTES = {
  list: { method: "GET", path: "/todos", permission: "read:todos", success: 200 },
  create: { method: "POST", path: "/todos", permission: "create:todos", success: 201, body: '{"title":"Compare"}' },
  users: { method: "GET", path: "/admin/users", permission: "manage:users", role: "admin", success: 200 },
};

/** The status of the answer to a request (of the Fetch API, as Next hands it to a route). */
async function answer(request, { permission, role, success }, { issuer, audience }) {
  const token = request.headers.get("authorization")?.replace("Bearer ", "");
  if (!token) return 401;
  try {
    const { valid } = await validateToken({ token, domain: issuer });
    if (!valid) return 401;
    const { aud, permissions = [], roles = [] } = jwtDecoder(token);
    const audiences = Array.isArray(aud) ? aud : [aud];
    if (!audiences.includes(audience)) return 401;
    const permitted = permissions.includes(permission) && (!role || roles.some(({ key }) => key === role));
    return permitted ? success : 403;
  } catch {
    return 401;
  }
}

/** Serves the routes; the settings are those that the guide reads from the environment. */
export async function startGuide(settings) {
  const server = createServer(async (message, response) => {
    const request = new Request(`http://${message.headers.host}${message.url}`, {
      method: message.method,
      headers: Object.entries(message.headers),
    });
    const { pathname } = new URL(request.url);
    const route = Object.values(ROUTES).find(({ method, path }) => method === request.method && path === pathname);
    response.writeHead(route ? await answer(request, route, settings) : 404).end();
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}
