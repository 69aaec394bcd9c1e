import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

/** A reporter that ends the output with one machine-readable line. */
export default class Summary implements Reporter {
  private readonly counts = { passed: 0, failed: 0, skipped: 0 };

  onTestEnd(test: TestCase, result: TestResult) {
    if (result.status === "skipped") this.counts.skipped += 1;
    else if (result.status === test.expectedStatus) this.counts.passed += 1;
    else this.counts.failed += 1;
  }

  async onExit() {
    const { passed, failed, skipped } = this.counts;
    console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  }

  printsToStdio() {
    return false;
  }
}
