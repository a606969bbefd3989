// `--check --format=codequality`: a report for GitLab's merge requests.
// https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format

import { createHash } from "node:crypto";
import type { CheckResult, Span } from "../../index.js";
import { json } from "./json-parts.js";

export function checkCodequality({ warnings, error }: CheckResult): string {
  const errors = error ? [error, ...error.others] : [];
  const seen = new Map<string, number>();
  return json([
    ...errors.map(({ code, message, span }) => issue("critical", code, message, span, seen)),
    ...warnings.map(({ rule, message, span }) => issue("minor", rule, message, span, seen)),
  ]);
}

function issue(severity: string, name: string, description: string, span: Span, seen: Map<string, number>): object {
  const { path, lines } = span.file;
  const what = JSON.stringify([name, path, lines[span.line - 1], description]);
  const count = (seen.get(what) ?? 0) + 1;
  seen.set(what, count);
  return {
    description,
    check_name: name,
    fingerprint: fingerprint(what, count),
    severity,
    location: { path: path.replace(/^\.\//, ""), lines: { begin: span.line } },
  };
}

/** Stays what it is when lines are added above; equal findings on equal lines are told apart by their number. */
function fingerprint(what: string, count: number): string {
  return createHash("sha256").update(`${what} ${count}`).digest("hex");
}
