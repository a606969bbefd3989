// The warnings of a build, after its end, as docker lists them.

import { LINT_RULES } from "../../index.js";
import type { Io } from "../io.js";
import { chooseTheme } from "../progress/theme.js";
import type { Warning } from "../progress/view.js";
import { excerpt } from "./excerpt.js";

export interface WarningOptions {
  readonly io: Pick<Io, "stderr" | "env">;
  /** Also prints where each stands and where it is explained. */
  readonly debug: boolean;
}

export function printWarnings(warnings: readonly Warning[], { io, debug }: WarningOptions): void {
  if (warnings.length === 0) return;
  const theme = chooseTheme(io.env, io.stderr.isTTY === true);
  const count = `${warnings.length} warning${warnings.length === 1 ? "" : "s"} found`;
  const rows = [`\n ${count}${debug ? "" : " (use --debug to expand)"}:`];
  for (const warning of warnings) rows.push(` - ${summary(warning)}`, ...(debug ? details(warning) : []));
  io.stderr.write(`${theme("warning", rows.join("\n"))}\n`);
}

function summary({ rule, message, span }: Warning): string {
  return `${rule}: ${message}${span ? ` (line ${span.line})` : ""}`;
}

function details({ rule, url, span }: Warning): string[] {
  const description = LINT_RULES.find(({ name }) => name === rule)?.description;
  return [
    ...(description === undefined ? [] : [description]),
    ...(url === undefined ? [] : [`More info: ${url}`]),
    ...(span ? [excerpt(span.file, [span.line, span.line]), ""] : []),
  ];
}
