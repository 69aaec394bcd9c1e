// The pictures of the documentation, made anew: `bash test.sh screenshots`.

import { fileURLToPath } from "node:url";

import { expect, test } from "./todos";

const WIDTHS = { desktop: 1280, phone: 390 };

for (const [name, width] of Object.entries(WIDTHS)) {
  test(name, async ({ todos, page }) => {
    // A picture is as high as the page, which is at least as high as the window.
    await page.setViewportSize({ width, height: 200 });
    const picture = async (what: string) => {
      // Without a cursor in a field, and without the last notice.
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
      const path = fileURLToPath(new URL(`../../docs/${what}-${name}.png`, import.meta.url));
      await page.screenshot({ path, fullPage: true });
    };

    await page.goto("/");
    await todos.signInButton.click();
    await expect(page.locator("button[data-persona]")).toHaveCount(3);
    await picture("sign-in");

    await todos.choose("admin");
    for (const title of ["Buy milk", "Bake bread", "Water the plants"]) await todos.add(title);
    await todos.item("Bake bread").getByRole("checkbox").click();
    await expect(todos.item("Bake bread").getByRole("checkbox")).toBeChecked();
    await page.reload();
    await expect(todos.item("Buy milk").getByRole("button", { name: "Delete" })).toBeVisible();
    await picture("todos-admin");

    await page.getByRole("button", { name: "Sign out" }).click();
    await todos.signIn("viewer");
    await expect(todos.item("Buy milk")).toBeVisible();
    await expect(todos.permission("read:todos")).toBeVisible();
    await picture("todos-viewer");

    await page.goto("/admin");
    await expect(page.getByRole("heading", { name: "You may not see that page" })).toBeVisible();
    await picture("unauthorized");
  });
}
