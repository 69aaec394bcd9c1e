import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

/** Ends the output with one line that a script can read. */
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
