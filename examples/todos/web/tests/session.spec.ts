// A session from sign-in to sign-out: reloads, renewals, new keys, outages, revocation.

import { expect, test, Todos } from "./todos";

/** The shortest life at which the SDK renews a token once a minute, ten seconds before its end. */
const LIFE = 60;

test.describe("reload", () => {
  for (const insecure of [false, true]) {
    const where = insecure ? "local storage" : "the issuer's cookie";
    test(`keeps the session, with the refresh token in ${where}`, async ({ todos, page, context }) => {
      if (insecure) {
        await page.route("/config.json", async (route) => {
          const response = await route.fetch();
          const json = { ...(await response.json()), useInsecureForRefreshToken: true };
          await route.fulfill({ response, json });
        });
      }
      await todos.signIn("editor");
      await todos.add("Buy milk");
      await page.reload();
      await todos.expectSignedIn();
      await expect(todos.item("Buy milk")).toBeVisible();
      await expect(todos.newTodo).toBeVisible();

      const stored = await page.evaluate(() => Object.keys(localStorage).some((key) => key.startsWith("refreshToken")));
      expect(stored).toBe(insecure);
      const names = (await context.cookies(`${todos.server.issuer}/oauth2/token`)).map((cookie) => cookie.name);
      if (!insecure) expect(names).toEqual(expect.arrayContaining([expect.stringMatching(/^refresh_token_\d+$/), "_kbrte"]));
    });
  }

  test("shows the page that was open", async ({ todos, page }) => {
    await todos.signIn("admin");
    await page.getByRole("link", { name: "Users" }).click();
    await page.reload();
    await expect(page.getByRole("heading", { name: "Users" })).toBeVisible();
  });
});

test("signing out ends the session here and at the issuer", async ({ todos, page, server }) => {
  await todos.signIn("editor");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(todos.signInButton).toBeVisible();
  await expect(page).toHaveURL(`${server.url}/`);
  await page.reload();
  await expect(todos.signInButton).toBeVisible();

  await todos.signInButton.click();
  await expect(page.locator("button[data-persona]").first()).toBeVisible();
  await page.goBack();
  await expect(todos.signInButton).toBeVisible();
});

test("a refusal of the issuer is shown", async ({ todos, page }) => {
  await page.goto("/?error=access_denied&error_description=You+closed+the+form");
  await expect(todos.alert).toHaveText("Signing in did not work: You closed the form.");
  await expect(todos.signInButton).toBeVisible();
});

test.describe("with short tokens", () => {
  test.beforeEach(async ({ server, page }) => {
    await server.control({ action: "token_life", seconds: LIFE });
    await page.clock.install();
  });

  test("they are renewed silently", async ({ todos, server }) => {
    await todos.signIn("editor");
    const first = todos.token();
    await todos.renew();
    expect(todos.token()).not.toBe(first);
    await todos.add("Buy milk");
    await expect(todos.alert).toHaveCount(0);
    expect(await server.tokenRequests()).toBe(2);
  });

  test("a second tab, which has renewed since, does not end the session of the first", async ({ todos, context, server }) => {
    await todos.signIn("editor");
    const second = new Todos(await context.newPage(), server);
    for (let renewal = 0; renewal < 3; renewal += 1) {
      await second.page.goto("/");
      await second.expectSignedIn();
    }
    await todos.renew();
    await todos.add("Buy milk");
    await second.page.reload();
    await expect(second.item("Buy milk")).toBeVisible();
  });

  test("a new key in mid-session goes unnoticed", async ({ todos, server }) => {
    await todos.signIn("editor");
    for (const action of ["rotate", "replace_key"] as const) {
      const before = keyOf(todos);
      await server.control({ action });
      await todos.renew();
      if (action === "rotate") expect(keyOf(todos)).not.toBe(before);
      await todos.add(`After ${action}, with the new token`);
    }
  });

  test("a permission that was taken away is missing from the next token, and from the page", async ({ todos, server }) => {
    await todos.signIn("editor");
    await todos.add("Buy milk");
    const held = todos.token();
    await server.control({ action: "permissions", persona: "editor", permissions: ["read:todos"] });

    // Until then the old token is in use.
    await todos.add("Bake bread");
    await todos.renew();
    await expect(todos.newTodo).toHaveCount(0);
    await expect(todos.item("Buy milk").getByRole("button")).toHaveCount(0);
    await expect(todos.permission("create:todos")).toHaveText("create:todos not granted");
    expect((await server.call("POST", "/todos", todos.token(), { title: "Tea" })).status).toBe(403);
    expect((await server.call("POST", "/todos", held, { title: "Tea" })).status).toBe(201);

    await server.control({ action: "permissions", persona: "editor", permissions: [] });
    await todos.renew();
    await expect(todos.alert).toHaveText(/Missing: permissions read:todos\.$/);
  });

  test("the page works on while the issuer is down, and recovers", async ({ todos, server, page }) => {
    await todos.signIn("editor");
    await server.control({ action: "fault", endpoint: "all", fault: "outage" });
    await todos.add("Buy milk");

    expect(await todos.untilRenewal()).toBe(503);
    await expect(todos.alert).toHaveText(/^Your session could not be renewed\./);
    await todos.add("Bake bread");

    await server.control({ action: "fault", endpoint: "all", fault: "none" });
    await server.control({ action: "token_life", seconds: 3600 });
    await page.clock.setSystemTime(Date.now() + 2 * LIFE * 1000);
    await todos.add("Boil tea");
    await expect(todos.alert).toHaveCount(0);
    await todos.expectSignedIn();
  });

  test("a session that was revoked ends with a sentence", async ({ todos, server, page }) => {
    await todos.signIn("editor");
    await server.control({ action: "revoke", persona: "editor" });
    expect(await todos.untilRenewal()).toBe(400);
    await expect(todos.alert).toHaveText(/^Your session could not be renewed\./);
    await page.reload();
    await expect(todos.signInButton).toBeVisible();
  });

  test("ten minutes pass without a sign-out and without a storm", async ({ todos, server }) => {
    await todos.signIn("editor");
    const renewals = 600 / (LIFE - 10);
    for (let renewal = 1; renewal <= renewals; renewal += 1) {
      await todos.renew();
      await todos.add(`After renewal ${renewal}`);
      await expect(todos.alert).toHaveCount(0);
    }
    await todos.expectSignedIn();
    expect(await server.tokenRequests()).toBe(1 + renewals);
  });
});

test("ten real minutes pass without a sign-out and without a storm", async ({ todos, server }) => {
  test.skip(!process.env["TODOS_REAL_TIME"], "it takes ten minutes: set TODOS_REAL_TIME=1");
  test.setTimeout(11 * 60_000);
  await server.control({ action: "token_life", seconds: LIFE });
  await todos.signIn("editor");
  const end = Date.now() + 600_000;
  for (let minute = 1; Date.now() < end; minute += 1) {
    const old = todos.token();
    await expect.poll(() => todos.token() !== old, { timeout: LIFE * 1000 }).toBe(true);
    await todos.add(`Renewal ${minute}`);
    await expect(todos.alert).toHaveCount(0);
  }
  await todos.expectSignedIn();
  const requests = await server.tokenRequests();
  console.log(`${requests} requests for tokens in ten minutes`);
  expect(requests).toBeLessThanOrEqual(14);
});

function keyOf(todos: Todos): string {
  const [header = ""] = todos.token().split(".");
  return JSON.parse(Buffer.from(header, "base64url").toString()).kid;
}
