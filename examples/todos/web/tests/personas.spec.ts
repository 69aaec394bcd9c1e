// For each persona, the buttons of the page and the API's answers to the same token. They agree, but the API does not rely
// on the page.

import { expect, type Persona, test } from "./todos";

interface Row {
  persona: Persona;
  permissions: string[];
  mayCreate: boolean;
  /** For own todos, and for the todos of others. */
  mayUpdate: [boolean, boolean];
  mayDelete: boolean;
  /** The API's answers to: list, create, update an own todo, update another's, delete, list users. */
  api: [number, number, number, number, number, number];
}

const KNOWN = ["read:todos", "create:todos", "update:todos", "delete:todos", "manage:users", "read:reports"];

const ROWS: Row[] = [
  {
    persona: "viewer",
    permissions: ["read:todos", "read:reports"],
    mayCreate: false,
    mayUpdate: [false, false],
    mayDelete: false,
    api: [200, 403, 403, 403, 403, 403],
  },
  {
    persona: "editor",
    permissions: ["read:todos", "create:todos", "update:todos"],
    mayCreate: true,
    mayUpdate: [true, false],
    mayDelete: false,
    api: [200, 201, 200, 403, 403, 403],
  },
  {
    persona: "admin",
    permissions: ["read:todos", "create:todos", "update:todos", "delete:todos", "manage:users"],
    mayCreate: true,
    mayUpdate: [true, true],
    mayDelete: true,
    api: [200, 201, 200, 200, 204, 200],
  },
];

for (const row of ROWS) {
  test.describe(row.persona, () => {
    test("sees what they may do, and nothing else", async ({ todos, page, server }) => {
      // A todo of another user, to change and to delete.
      await todos.signIn("admin");
      await todos.add("Buy milk");
      await page.getByRole("button", { name: "Sign out" }).click();
      await todos.signIn(row.persona);

      const milk = todos.item("Buy milk");
      await expect(milk).toBeVisible();
      for (const key of KNOWN) {
        const said = row.permissions.includes(key) ? "granted" : "not granted";
        await expect(todos.permission(key)).toHaveText(`${key} ${said}`);
      }
      await expect(todos.newTodo).toBeVisible({ visible: row.mayCreate });
      const [own, others] = row.mayUpdate;
      await expect(milk.getByRole("checkbox")).toBeEnabled({ enabled: others });
      await expect(milk.getByRole("button", { name: "Edit" })).toBeVisible({ visible: others });
      if (row.mayCreate) {
        await todos.add("Bake bread");
        await expect(todos.item("Bake bread").getByRole("button", { name: "Edit" })).toBeVisible({ visible: own });
      }
      await expect(milk.getByRole("button", { name: "Delete" })).toBeVisible({ visible: row.mayDelete });
      await expect(page.getByRole("link", { name: "Users" })).toBeVisible({ visible: row.mayDelete });

      await page.goto("/admin");
      await todos.expectSignedIn();
      if (row.mayDelete) {
        await expect(page.getByRole("heading", { name: "Users" })).toBeVisible();
        await expect(page.getByRole("row")).toHaveText(["UserTodos", /^kp_\S+2$/]);
      } else {
        await expect(page).toHaveURL(`${server.url}/unauthorized`);
        await expect(page.getByText("manage:users")).toBeVisible();
      }
    });

    test("is answered by the API as the token says, whoever sends it", async ({ todos, server }) => {
      await todos.signIn("admin");
      await todos.add("Buy milk");
      await todos.page.getByRole("button", { name: "Sign out" }).click();
      await todos.signIn(row.persona);

      const token = todos.token();
      const answers = [
        await server.call("GET", "/todos", token),
        await server.call("POST", "/todos", token, { title: "Bake bread" }),
        await server.call("PATCH", "/todos/2", token, { done: true }),
        await server.call("PATCH", "/todos/1", token, { done: true }),
        await server.call("DELETE", "/todos/1", token),
        await server.call("GET", "/admin/users", token),
      ];
      expect(answers.map((answer) => answer.status)).toEqual(row.api);
      expect(await server.call("GET", "/me/permissions", token)).toMatchObject({
        status: 200,
        body: { orgCode: "org_demo", permissions: row.permissions },
      });
    });
  });
}

test("an admin creates, changes and deletes", async ({ todos, page }) => {
  await todos.signIn("admin");
  await todos.add("Buy milk");
  await todos.add("Bake bread");

  await todos.item("Buy milk").getByRole("checkbox").click();
  await expect(todos.status).toHaveText("Changed “Buy milk”.");
  await expect(todos.item("Buy milk").getByRole("checkbox")).toBeChecked();

  await page.getByRole("button", { name: "Edit Buy milk" }).click();
  await page.getByLabel("New title of Buy milk").fill("Buy oat milk");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(todos.status).toHaveText("Changed “Buy oat milk”.");

  await page.getByRole("button", { name: "Delete Bake bread" }).click();
  await expect(todos.status).toHaveText("Deleted “Bake bread”.");
  await page.reload();
  await expect(todos.item("Buy oat milk").getByRole("checkbox")).toBeChecked();
  await expect(todos.item("Bake bread")).toHaveCount(0);
});

test("what the API refuses is shown as it says it", async ({ todos }) => {
  await todos.signIn("editor");
  await todos.newTodo.fill("   ");
  await todos.page.getByRole("button", { name: "Add" }).click();
  await expect(todos.alert).toHaveText("The title must not be empty.");
});

test("nobody is offered what they may not do, not for a moment", async ({ todos, page }) => {
  await todos.signIn("admin");
  await todos.add("Buy milk");
  await page.getByRole("button", { name: "Sign out" }).click();

  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(window, { seen });
    new MutationObserver(() => {
      for (const button of document.querySelectorAll("button")) seen.push(button.textContent);
    }).observe(document, { childList: true, subtree: true });
  });
  await todos.signIn("viewer");
  await expect(todos.item("Buy milk")).toBeVisible();
  await page.reload();
  await expect(todos.item("Buy milk")).toBeVisible();
  const seen = await page.evaluate(() => (window as unknown as { seen: string[] }).seen);
  expect(new Set(seen)).toEqual(new Set(["Sign out"]));
});

test("signed out, there are two ways in and nothing else", async ({ todos, page, server }) => {
  await page.goto("/");
  await expect(todos.signInButton).toBeVisible();
  await expect(page.getByRole("list")).toHaveCount(0);

  await page.goto("/admin");
  await expect(page).toHaveURL(`${server.url}/unauthorized`);
  await expect(page.getByText("You are not signed in.")).toBeVisible();

  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("heading", { name: "Create account" })).toBeVisible();
  await todos.choose("editor");
  await expect(todos.newTodo).toBeVisible();

  expect(await server.call("GET", "/todos")).toMatchObject({ status: 401, body: { code: "missing_token" } });
});
