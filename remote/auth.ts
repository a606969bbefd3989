// Which secrets say who we are to a server.
// https://docs.docker.com/build/building/secrets/#git-authentication-for-remote-contexts

/** The bytes of a secret by its id, or undefined when none was given. */
export type ReadSecret = (id: string) => Uint8Array | undefined;

/** The Authorization header for a download: `HTTP_AUTH_TOKEN_<host>`, else `HTTP_AUTH_HEADER_<host>`, else the URL's own user. */
export function httpAuthorization(url: URL, secret: ReadSecret): string | undefined {
  const token = text(secret(`HTTP_AUTH_TOKEN_${url.hostname}`));
  return token === undefined ? (text(secret(`HTTP_AUTH_HEADER_${url.hostname}`)) ?? basicOf(url)) : `Bearer ${token}`;
}

/** The header for a git repository: that of its host goes before the general one, a header before a token. */
export function gitAuthorization(url: URL, secret: ReadSecret): string | undefined {
  for (const suffix of [`.${url.host}`, ""]) {
    const header = text(secret(`GIT_AUTH_HEADER${suffix}`));
    if (header !== undefined) return header;
    const token = text(secret(`GIT_AUTH_TOKEN${suffix}`));
    if (token !== undefined) return basic("x-access-token", token);
  }
  return basicOf(url);
}

function basicOf({ username, password }: URL): string | undefined {
  return username === "" && password === ""
    ? undefined
    : basic(decodeURIComponent(username), decodeURIComponent(password));
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

/** Files that hold a secret often end in a newline, which no header has. */
function text(bytes: Uint8Array | undefined): string | undefined {
  const value = bytes === undefined ? "" : Buffer.from(bytes).toString("utf8").trim();
  return value === "" ? undefined : value;
}
