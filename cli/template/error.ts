// What is wrong with a template.

import type { TsbuildError } from "../../index.js";
import { usageError } from "../flags/usage-error.js";

export function badTemplate(template: string, what: string, hint?: string): TsbuildError {
  return usageError(`--format "${template}": ${what}`, hint);
}
