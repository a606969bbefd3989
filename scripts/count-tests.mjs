// Prints "<passed> <failed>" for a report of `vitest --reporter=json`:
//
//     node scripts/count-tests.mjs REPORT VITEST_EXIT_CODE
//
// A file that could not be loaded, a skipped test, and a run that ended badly without a failed test each count as failed.

import { existsSync, readFileSync } from "node:fs";

const [report = "", exitCode = "1"] = process.argv.slice(2);
const files = existsSync(report) ? JSON.parse(readFileSync(report, "utf8")).testResults : [];
const tests = files.flatMap((file) => file.assertionResults);

const passed = tests.filter(({ status }) => status === "passed").length;
const skipped = tests.filter(({ status }) => status !== "passed" && status !== "failed");
const broken = files.filter(
  (file) => file.status === "failed" && file.assertionResults.every(({ status }) => status !== "failed"),
);
for (const { fullName } of skipped) console.error(`FAILED: skipped test "${fullName}"`);
for (const { name } of broken) console.error(`FAILED: ${name} could not be run`);

const failed = tests.length - passed + broken.length;
const silent = failed === 0 && (exitCode !== "0" || tests.length === 0);
if (silent) console.error(`FAILED: vitest ended with exit code ${exitCode}`);
console.log(passed, failed + (silent ? 1 : 0));
