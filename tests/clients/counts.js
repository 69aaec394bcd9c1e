// A reporter for `node --test` that says how many tests passed and failed, for run.sh to add up.

export default async function* counts(events) {
  let [passed, failed] = [0, 0];
  for await (const { type } of events) {
    if (type === "test:pass") passed += 1;
    if (type === "test:fail") failed += 1;
  }
  yield `${passed} ${failed}\n`;
}
