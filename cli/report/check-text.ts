// What `--check` prints for people, in docker's form.

import type { CheckResult, CheckWarning } from "../../index.js";
import { describeError } from "./error.js";
import { excerpt } from "./excerpt.js";

export function checkText({ warnings, error }: CheckResult): string {
  const count = warnings.length === 1 ? "1 warning has been found!" : `${warnings.length} warnings have been found!`;
  const head = warnings.length > 0 ? [`Check complete, ${count}`] : error ? [] : ["Check complete, no warnings found."];
  const failure = error ? [...(warnings.length > 0 ? [""] : []), ...errorText(error)] : [];
  return [...head, ...warnings.map(warningText), ...failure, ""].join("\n");
}

function warningText({ rule, url, message, span }: CheckWarning): string {
  return ["", `WARNING: ${rule} - ${url}`, message, excerpt(span.file, [span.line, span.line])].join("\n");
}

function errorText(error: NonNullable<CheckResult["error"]>): string[] {
  const { head, details } = describeError(error);
  return [head, ...details];
}
