// Regular expressions of policies: Go writes a few things otherwise than JavaScript.
// https://pkg.go.dev/regexp/syntax

/** @throws SyntaxError for an expression that cannot be */
export function compileRegExp(source: string): RegExp {
  const [, letters = ""] = /^\(\?([ims]+)\)/.exec(source) ?? [];
  const rest = letters === "" ? source : source.slice(letters.length + 3);
  return new RegExp(rest.replace(/\\[^]|\(\?P</g, translate), `u${[...new Set(letters)].join("")}`);
}

/** A wildcard stands for any characters of one line, and can be named in updates: `$1`. */
export function compileWildcards(text: string): RegExp {
  return new RegExp(`^${text.split("*").map(escapeLiteral).join("(.*)")}$`, "u");
}

/** Puts what was found into a template, as Go's Regexp.Expand does: `$1`, `${1}`, `${name}`, `$$`. */
export function expandTemplate(template: string, found: RegExpExecArray): string {
  return template.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (whole, bare?: string, braced?: string) => {
    if (whole === "$$") return "$";
    const name = bare ?? braced!;
    return (/^\d+$/.test(name) ? found[Number(name)] : found.groups?.[name]) ?? "";
  });
}

function translate(piece: string): string {
  if (piece === "(?P<") return "(?<";
  if (piece === "\\A") return "(?<![^])";
  if (piece === "\\z") return "(?![^])";
  return /^\\[^\w\s]$/.test(piece) ? escapeLiteral(piece.slice(1)) : piece;
}

function escapeLiteral(text: string): string {
  return Array.from(text, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`).join("");
}
