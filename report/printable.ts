// Names of files as text that a terminal or a page may show: whoever made an image chose them.

/**
 * Control characters, those that turn the direction of text or are not seen, and bytes that are no UTF-8, are escaped as a
 * shell's $'…' has them.
 */
export function printableName(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\\]/gu, (one) => {
    const code = one.codePointAt(0)!;
    if (one === "\\") return "\\\\";
    if (one === "\n") return "\\n";
    if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`; // a byte of a name that is not UTF-8
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}
