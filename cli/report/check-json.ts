// `--call=check,format=json`: the result in the form that buildx prints.
// https://docs.docker.com/reference/cli/docker/buildx/build/#call-check

import type { CheckResult, CheckWarning } from "../../index.js";
import { json, location, sourceInfo } from "./json-parts.js";

export function checkJson({ file, warnings, error }: CheckResult): string {
  return json({
    warnings: warnings.map(warningRow),
    sources: [sourceInfo(file)],
    ...(error && { buildError: { message: error.message, location: location(error.span) } }),
  });
}

function warningRow({ rule, description, url, message, span }: CheckWarning): object {
  return { ruleName: rule, description, url, detail: message, location: location(span) };
}
