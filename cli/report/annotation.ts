// Annotations at lines of files, for GitHub Actions.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message

import type { Span } from "../../index.js";

export interface Annotation {
  readonly kind: "error" | "warning";
  readonly title: string;
  readonly message: string;
  readonly span?: Span | undefined;
}

/** Of each kind, GitHub shows this many of one step of a workflow. */
export const MOST_SHOWN = 10;

/** One line, without its end. */
export function annotation({ kind, title, message, span }: Annotation): string {
  const fields = { ...(span && placeOf(span)), title };
  const list = Object.entries(fields).map(([name, value]) => `${name}=${escapeField(String(value))}`);
  return `::${kind} ${list.join(",")}::${escapeText(message)}`;
}

function placeOf({ file, line, column, length }: Span): object {
  return { file: file.path, line, col: column, endColumn: column + length };
}

function escapeText(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeField(text: string): string {
  return escapeText(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
