// `--check --format=github`: annotations at the lines of the Dockerfile, for GitHub Actions.

import type { CheckResult } from "../../index.js";
import { annotation } from "./annotation.js";

/** Errors first: only the first ten annotations of a kind are shown. */
export function checkGithub({ warnings, error }: CheckResult): string {
  const errors = error ? [error, ...error.others] : [];
  const rows = [
    ...errors.map(({ code, message, span }) => annotation({ kind: "error", title: code, message, span })),
    ...warnings.map(({ rule, message, span, url }) =>
      annotation({ kind: "warning", title: rule, message: `${message} (${url})`, span }),
    ),
  ];
  return rows.map((row) => `${row}\n`).join("");
}
