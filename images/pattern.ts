// Patterns for names of images, as Go's path.Match has them: `*` and `?` do not cross a "/".
// https://pkg.go.dev/github.com/distribution/reference#FamiliarMatch

import { TsbuildError } from "../errors.js";
import { formatFamiliar, formatReference, type Reference } from "../oci/index.js";

/** Whether a pattern is about a name as users write it, with its tag or without; a full name may be given in full. @throws bad_pattern */
export function matchesReference(pattern: string, reference: Reference): boolean {
  const expression = expressionOf(pattern);
  const isMatch = (name: string) => expression.test(name) || expression.test(withoutTag(name));
  const isPlain = !/[*?[\\]/.test(pattern);
  return isMatch(formatFamiliar(reference)) || (isPlain && isMatch(formatReference(reference)));
}

function withoutTag(name: string): string {
  return name.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
}

function expressionOf(pattern: string): RegExp {
  const parts = pattern.match(/\\.|\[\^?(?:\\.|[^\]\\])+\]|[^[\\]|[[\\]/gs) ?? [];
  if (parts.some((part) => part === "[" || part === "\\"))
    throw new TsbuildError("bad_pattern", `the pattern "${pattern}" ends inside a [ or after a backslash`, {
      hint: "Close the bracket, or escape it with a backslash.",
    });
  return new RegExp(`^${parts.map(translate).join("")}$`, "s");
}

function translate(part: string): string {
  if (part === "*") return "[^/]*";
  if (part === "?") return "[^/]";
  if (part.length > 1) return part;
  return part.replace(/[.+^${}()|\]/]/, String.raw`\$&`);
}
