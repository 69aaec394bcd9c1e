// The page of a server that was started for one test.

import { test as base, expect, type Page, type Request } from "@playwright/test";

import { Server } from "./server";

export { expect };

export type Persona = "viewer" | "editor" | "admin";

export class Todos {
  /** The last `Authorization` header that the page sent to the API. */
  private sent: string | undefined;

  constructor(
    readonly page: Page,
    readonly server: Server,
  ) {
    page.on("request", (request) => {
      if (isApi(request, server)) this.sent = request.headers()["authorization"]?.replace("Bearer ", "");
    });
  }

  get signInButton() {
    return this.page.getByRole("button", { name: "Sign in" });
  }

  get newTodo() {
    return this.page.getByLabel("New todo");
  }

  get alert() {
    return this.page.getByRole("alert").filter({ hasText: /./ });
  }

  get status() {
    return this.page.getByRole("status").filter({ hasText: /./ });
  }

  item(title: string) {
    return this.page.getByRole("listitem").filter({ hasText: title });
  }

  /** Returns the page's text about a permission. */
  permission(key: string) {
    return this.page.getByRole("region", { name: "Your permissions" }).getByRole("listitem").filter({ hasText: key });
  }

  async signIn(persona: Persona) {
    await this.page.goto("/");
    await this.signInButton.click();
    await this.choose(persona);
  }

  async choose(persona: Persona) {
    const listed = this.page.waitForResponse((response) => isApi(response.request(), this.server));
    await this.page.locator(`button[data-persona=${persona}]`).click();
    await listed;
    await this.expectSignedIn();
  }

  async expectSignedIn() {
    await expect(this.page.getByRole("button", { name: "Sign out" })).toBeVisible();
  }

  async add(title: string) {
    await this.newTodo.fill(title);
    await this.page.getByRole("button", { name: "Add" }).click();
    await expect(this.status).toHaveText(`Added “${title}”.`);
  }

  /** The access token that the page uses. */
  token(): string {
    if (!this.sent) throw new Error("the page has not called the API");
    return this.sent;
  }

  /** Advances the page's clock by 50 seconds, after which the SDK renews a token of 60; returns the issuer's answer. */
  async untilRenewal(): Promise<number> {
    const asked = this.page.waitForResponse((response) => response.url() === `${this.server.issuer}/oauth2/token`);
    await this.page.clock.fastForward(50_000);
    const status = (await asked).status();
    // The issuer and the API keep real time, so for them the new token has its whole life left.
    await this.page.clock.setSystemTime(Date.now());
    return status;
  }

  /** As `untilRenewal`, until the page has called the API with the new token. */
  async renew() {
    const old = this.token();
    expect(await this.untilRenewal()).toBe(200);
    await expect.poll(() => this.token() !== old).toBe(true);
  }
}

function isApi(request: Request, server: Server): boolean {
  return new URL(request.url()).origin === server.url && "authorization" in request.headers();
}

interface Fixtures {
  /** Starts a server that ends with the test, however that ends. */
  start: typeof Server.start;
  server: Server;
  todos: Todos;
}

export const test = base.extend<Fixtures>({
  start: async ({}, use) => {
    const started: Server[] = [];
    await use(async (settings) => {
      const server = await Server.start(settings);
      started.push(server);
      return server;
    });
    await Promise.all(started.map((server) => server.stop()));
  },
  server: async ({ start }, use) => use(await start()),
  baseURL: async ({ server }, use) => use(server.url),
  todos: async ({ page, server }, use) => {
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) complaints.push(message.text());
    });
    await use(new Todos(page, server));
    expect(complaints).toEqual([]);
  },
});
