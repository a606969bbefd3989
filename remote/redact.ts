// URLs in messages, logs and image histories: without passwords.

/** Hides what stands before the "@" of every URL in `text`, whatever the text is. The user of ssh is part of the address. */
export function redactUrl(text: string): string {
  return text.replace(/\b([a-z][a-z\d+.-]*:\/\/)([^\s/@?#]+)@/gi, (whole, scheme: string, user: string) =>
    scheme.toLowerCase() === "ssh://" && !user.includes(":") ? whole : `${scheme}****@`,
  );
}

/** A text of another program as one short line. */
export function oneLine(text: string): string {
  const line = redactUrl(text.replace(/[\p{Cc}\s]+/gu, " ").trim());
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
