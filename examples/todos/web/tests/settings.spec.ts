// The page's settings of sign-in, from the server or from its build.

import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { expect, test } from "./todos";

const BUILT_IN = {
  VITE_KINDE_DOMAIN: "acme.kinde.com",
  VITE_KINDE_CLIENT_ID: "built-in",
  VITE_KINDE_AUDIENCE: "one two",
  VITE_KINDE_REDIRECT_URL: "https://todos.example",
};

function build(folder: string, settings: Record<string, string>) {
  execFileSync("npx", ["vite", "build", "--logLevel", "error", "--outDir", folder], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    env: { ...process.env, ...settings },
  });
}

test("what was built in comes first", async ({ page, start }, info) => {
  const folder = info.outputPath("dist");
  build(folder, BUILT_IN);
  const server = await start({ TODOS_WEB: folder });
  await page.route("https://acme.kinde.com/**", (route) => route.fulfill({ body: "Kinde" }));

  await page.goto(server.url);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("https://acme.kinde.com/oauth2/auth?**");
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toMatchObject({
    client_id: "built-in",
    audience: "one two",
    redirect_uri: "https://todos.example",
    response_type: "code",
    code_challenge_method: "S256",
  });
});

test("at localhost the page moves to where the issuer's cookies reach it", async ({ page, server }) => {
  await page.goto(server.url.replace("127.0.0.1", "localhost"));
  await expect(page).toHaveURL(`${server.url}/`);
});

test("a page that knows no audience asks the server, and says so if nobody knows one", async ({ page, start }, info) => {
  const folder = info.outputPath("dist");
  build(folder, { VITE_KINDE_DOMAIN: BUILT_IN.VITE_KINDE_DOMAIN, VITE_KINDE_CLIENT_ID: "built-in" });
  const server = await start({ TODOS_WEB: folder });
  await page.goto(server.url);
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();

  await page.route(`${server.url}/config.json`, (route) => route.fulfill({ status: 404 }));
  await page.goto(server.url);
  await expect(page.getByRole("alert")).toHaveText(/VITE_KINDE_AUDIENCE/);
});

test("without settings the page says what is missing", async ({ page }) => {
  await page.route("/config.json", (route) => route.fulfill({ status: 404 }));
  await page.goto("/");
  await expect(page.getByRole("alert")).toHaveText(/TODOS_CLIENT_ID/);
});
