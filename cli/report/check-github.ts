// `--check --format=github`: annotations at the lines of the Dockerfile, for GitHub Actions.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-a-warning-message

import type { CheckResult, Span } from "../../index.js";

/** Errors first: only the first ten annotations of a kind are shown. */
export function checkGithub({ warnings, error }: CheckResult): string {
  const errors = error ? [error, ...error.others] : [];
  const rows = [
    ...errors.map(({ code, message, span }) => annotation("error", code, message, span)),
    ...warnings.map(({ rule, message, span, url }) => annotation("warning", rule, `${message} (${url})`, span)),
  ];
  return rows.map((row) => `${row}\n`).join("");
}

function annotation(kind: string, title: string, message: string, { file, line, column, length }: Span): string {
  const fields = { file: file.path, line, col: column, endColumn: column + length, title };
  const list = Object.entries(fields).map(([name, value]) => `${name}=${escapeField(String(value))}`);
  return `::${kind} ${list.join(",")}::${escapeText(message)}`;
}

function escapeText(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeField(text: string): string {
  return escapeText(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
