import { expect, test } from "vitest";
import { checkCodequality } from "../../../cli/report/check-codequality.js";
import { DockerfileError } from "../../../index.js";

function report(lines: readonly string[], line: number): Record<string, unknown>[] {
  const file = { path: "./app/Dockerfile", lines };
  const span = { file, line, column: 1, length: 3 };
  const warning = { rule: "JSONArgsRecommended", message: "use JSON", description: "", url: "", span };
  const error = new DockerfileError("unknown_stage", "no stage", span);
  return JSON.parse(checkCodequality({ file, warnings: [warning, warning], error }));
}

test("codequality: an array of issues as GitLab reads it, errors first", () => {
  const [error, warning] = report(["FROM a", "CMD x"], 2);
  const location = { path: "app/Dockerfile", lines: { begin: 2 } };
  const fingerprint = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect(error).toEqual({
    description: "no stage",
    check_name: "unknown_stage",
    fingerprint,
    severity: "critical",
    location,
  });
  expect(warning).toMatchObject({ check_name: "JSONArgsRecommended", severity: "minor", location });
});

test("codequality: fingerprints differ within a report, and stay when lines are added above", () => {
  const before = report(["FROM a", "CMD x"], 2).map(({ fingerprint }) => fingerprint);
  expect(new Set(before).size).toBe(3);
  expect(report(["# new", "FROM a", "CMD x"], 3).map(({ fingerprint }) => fingerprint)).toEqual(before);
});
