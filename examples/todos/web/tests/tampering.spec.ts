// Users control their page. A tampered page may show more, but the API's answers stay the same.

import type { Page, Route } from "@playwright/test";

import { expect, test, type Todos } from "./todos";

const EVERYTHING = {
  permissions: ["read:todos", "create:todos", "update:todos", "delete:todos", "manage:users"],
  roles: [{ id: "1", key: "admin", name: "Admin" }],
};

/** Makes the SDK accept a token with these claims written into it; returns the issuer's genuine token. */
async function withForgedToken(todos: Todos, claims: object): Promise<() => string> {
  let genuine = "";
  await todos.page.route(`${todos.server.issuer}/oauth2/token`, async (route) => {
    const response = await route.fetch();
    const tokens = await response.json();
    genuine = tokens.access_token;
    await route.fulfill({ response, json: { ...tokens, access_token: forged(genuine, claims) } });
  });
  return () => genuine;
}

function forged(token: string, claims: object): string {
  const [header, payload = "", signature] = token.split(".");
  const written = { ...JSON.parse(Buffer.from(payload, "base64url").toString()), ...claims };
  return [header, Buffer.from(JSON.stringify(written)).toString("base64url"), signature].join(".");
}

/** Makes the page send the genuine token to the API, although it shows the tampered claims. */
async function sendGenuine(page: Page, url: string, genuine: () => string) {
  const send = (route: Route) =>
    route.continue({ headers: { ...route.request().headers(), authorization: `Bearer ${genuine()}` } });
  await page.route(`${url}/todos*`, send);
  await page.route(`${url}/todos/*`, send);
  await page.route(`${url}/admin/users`, send);
}

test("buttons forced to show lead to a refusal that names what is missing", async ({ todos, page, server }) => {
  await todos.signIn("admin");
  await todos.add("Buy milk");
  await page.getByRole("button", { name: "Sign out" }).click();

  const genuine = await withForgedToken(todos, EVERYTHING);
  await sendGenuine(page, server.url, genuine);
  await todos.signIn("viewer");

  await todos.newTodo.fill("Bake bread");
  await page.getByRole("button", { name: "Add" }).click();
  await expect(todos.alert).toHaveText(/^You may not do this: .* Missing: permissions create:todos\.$/);

  await todos.item("Buy milk").getByRole("checkbox").click();
  await expect(todos.alert).toHaveText(/Missing: permissions update:todos\.$/);
  await expect(todos.item("Buy milk").getByRole("checkbox")).not.toBeChecked();

  await page.getByRole("button", { name: "Delete Buy milk" }).click();
  await expect(todos.alert).toHaveText(/Missing: permissions delete:todos; roles admin\.$/);

  await page.getByRole("link", { name: "Users" }).click();
  await expect(page.getByRole("heading", { name: "Users" })).toBeVisible();
  await expect(todos.alert).toHaveText(/Missing: permissions manage:users; roles admin\.$/);
  await expect(page.getByRole("table")).toHaveCount(0);

  expect(await server.call("GET", "/todos", genuine())).toMatchObject({
    body: [{ title: "Buy milk", done: false }],
  });
});

test("a token that was written into is worth nothing", async ({ todos, page, server }) => {
  await withForgedToken(todos, EVERYTHING);
  await todos.signIn("viewer");
  await expect(todos.alert).toHaveText(/^The API does not accept your session: .* Sign in again\.$/);

  await todos.newTodo.fill("Bake bread");
  await page.getByRole("button", { name: "Add" }).click();
  await expect(todos.alert).toHaveText(/^The API does not accept your session: /);
  expect(await server.call("POST", "/todos", todos.token(), { title: "Bake bread" })).toMatchObject({
    status: 401,
    body: { code: "invalid_token" },
  });
});

test("permissions of another shape grant nothing, and the page says so", async ({ todos, page }) => {
  await withForgedToken(todos, { permissions: "create:todos update:todos" });
  await todos.signIn("viewer");
  await expect(page.getByText(/^Your permissions are not known: /)).toBeVisible();
  await expect(page.getByText(/^They cannot be read: /)).toBeVisible();
  await expect(todos.newTodo).toHaveCount(0);
});

test("a script that was slipped in does not run, and what it would tell leaves for no other site", async ({ page, start }) => {
  const elsewhere = await start();
  await page.goto("/");
  const told = await page.evaluate(async (url) => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.head.append(script);
    const sent = await fetch(url, { mode: "no-cors" }).then(
      () => true,
      () => false,
    );
    return { ran: "ran" in window, sent };
  }, `${elsewhere.url}/health`);
  expect(told).toEqual({ ran: false, sent: false });
});
