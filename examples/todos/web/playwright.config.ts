import { defineConfig } from "@playwright/test";

// The distribution's Chromium; none is downloaded. Its sandbox does not work for root, as containers often are.
const root = process.getuid?.() === 0;

export default defineConfig({
  testDir: "tests",
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  forbidOnly: !!process.env["CI"],
  reporter: [["list"], ["./tests/summary.ts"]],
  use: {
    launchOptions: {
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      args: root ? ["--no-sandbox"] : [],
    },
    viewport: { width: 1280, height: 800 },
    trace: "retain-on-failure",
  },
  projects: [
    { name: "tests", testMatch: "*.spec.ts" },
    { name: "screenshots", testMatch: "screenshots.ts" },
  ],
});
