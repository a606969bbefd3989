/** What Go takes for white space: unlike in JavaScript, a byte order mark is not among it, and U+0085 is. */
const SPACES = "[\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const OUTER_SPACES = new RegExp(`^${SPACES}|${SPACES}$`, "g");

/** Go's strings.TrimSpace. */
export function trimSpace(text: string): string {
  return text.replaceAll(OUTER_SPACES, "");
}
