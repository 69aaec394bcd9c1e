// Accessibility: keyboard, phone, axe's rules, and error messages.

import { AxeBuilder } from "@axe-core/playwright";

import { expect, type Persona, test } from "./todos";

const PHONE = { width: 390, height: 844 };
const PAGES = ["/", "/admin", "/unauthorized"];

test("everything can be done by keyboard", async ({ todos, page }) => {
  await page.goto("/");
  await expect(todos.signInButton).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(todos.signInButton).toBeFocused();
  await page.keyboard.press("Enter");

  const admin = page.locator("button[data-persona=admin]");
  await expect(admin).toBeVisible();
  for (let presses = 0; presses < 20 && !(await admin.evaluate((button) => button === document.activeElement)); presses += 1) {
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await todos.expectSignedIn();
  await expect(todos.newTodo).toBeVisible();
  await expect(page.getByRole("link", { name: "Users" })).toBeVisible();

  const focus = async (names: string[]) => {
    for (const name of names) {
      await page.keyboard.press("Tab");
      await expect(page.locator(":focus")).toHaveAccessibleName(name);
    }
  };
  await focus(["Todos", "Users", "Sign out", "New todo"]);
  await page.keyboard.type("Buy milk");
  await page.keyboard.press("Enter");
  await expect(todos.status).toHaveText("Added “Buy milk”.");
  await expect(todos.newTodo).toBeFocused();

  await focus(["Add", "Buy milk"]);
  await page.keyboard.press("Space");
  await expect(todos.item("Buy milk").getByRole("checkbox")).toBeChecked();

  await focus(["Edit Buy milk"]);
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("New title of Buy milk")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Edit Buy milk" })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("End");
  await page.keyboard.type(" today");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Edit Buy milk today" })).toBeFocused();

  await focus(["Delete Buy milk today"]);
  await page.keyboard.press("Enter");
  await expect(todos.status).toHaveText("Deleted “Buy milk today”.");
  await expect(page.getByRole("heading", { name: "List" })).toBeFocused();

  await page.getByRole("link", { name: "Users" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Users" })).toBeVisible();
  await expect(page.getByRole("main")).toBeFocused();
});

test("on a phone nothing is wider than the screen", async ({ todos, page }) => {
  await page.setViewportSize(PHONE);
  const expectNoScrolling = async () => {
    const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    expect(content, page.url()).toBeLessThanOrEqual(screen ?? 0);
  };
  await page.goto("/");
  await expect(todos.signInButton).toBeVisible();
  await expectNoScrolling();
  await todos.signInButton.click();
  await expect(page.locator("button[data-persona=admin]")).toBeVisible();
  await expectNoScrolling();
  await todos.choose("admin");
  await todos.add(`${"W".repeat(150)} and more`);
  await expectNoScrolling();
  await page.getByRole("button", { name: "Edit" }).click();
  await expectNoScrolling();
  await page.goto("/admin");
  await expect(page.getByRole("table")).toBeVisible();
  await expectNoScrolling();
  await page.goto("/unauthorized");
  await expect(page.getByRole("heading")).toBeVisible();
  await expectNoScrolling();
});

for (const scheme of ["light", "dark"] as const) {
  test(`no rule of accessibility is broken, in ${scheme} colours`, async ({ todos, page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    const expectAccessible = async () => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => [id, ...nodes.map((node) => node.html)])).toEqual([]);
    };
    await page.goto("/");
    await expect(todos.signInButton).toBeVisible();
    await expectAccessible();
    for (const persona of ["admin", "viewer"] satisfies Persona[]) {
      await todos.signIn(persona);
      if (persona === "admin") {
        await todos.add("Buy milk");
        await todos.add("Bake bread");
        await todos.item("Buy milk").getByRole("checkbox").click();
        await expect(todos.status).toHaveText("Changed “Buy milk”.");
      }
      for (const path of PAGES) {
        await page.goto(path);
        await todos.expectSignedIn();
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expectAccessible();
      }
      await page.getByRole("button", { name: "Sign out" }).click();
      await expect(todos.signInButton).toBeVisible();
    }
  });
}

test("that the API is not ready, or gone, is shown as a sentence", async ({ todos, server, page }) => {
  await server.control({ action: "token_life", seconds: 60 });
  await page.clock.install();
  await todos.signIn("editor");
  await server.control({ action: "rotate" });
  await server.control({ action: "fault", endpoint: "keys", fault: "outage" });
  await todos.renew();
  await expect(todos.alert).toHaveText(/^The API is not ready: .* Wait \d+ s\.$/);

  await server.stop();
  await todos.newTodo.fill("Buy milk");
  await page.getByRole("button", { name: "Add" }).click();
  await expect(todos.alert).toHaveText("The API cannot be reached. Check the connection and try again.");
});
