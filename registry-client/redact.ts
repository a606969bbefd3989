// URLs and texts of others, made fit for messages: no secret, no control character, one line.

/** Query parameters that say where something is, not who may have it. */
const HARMLESS = new Set(["digest", "from", "last", "mount", "n", "scope", "service"]);

/** Without user, password, and the values of query parameters that may be signatures or tokens. */
export function redactUrl(url: URL): string {
  const query = [...url.searchParams].map(([name, value]) => `${name}=${HARMLESS.has(name) ? value : "REDACTED"}`);
  return `${url.protocol}//${url.host}${url.pathname}${query.length === 0 ? "" : `?${query.join("&")}`}`;
}

/** At most 200 characters of a text that a registry or a program gave. */
export function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, " ").trim();
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
