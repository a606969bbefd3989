// What a 401 asks for: `WWW-Authenticate: Bearer realm="…",service="…",scope="…"`.
// https://www.rfc-editor.org/rfc/rfc9110#name-www-authenticate
// https://distribution.github.io/distribution/spec/auth/token/

export interface Challenge {
  /** In lower case: `basic`, `bearer`. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const SCHEME = /\s*([A-Za-z][\w-]*)(?=\s|,|$)(?!\s*=)/y;
const PARAMETER = /[\s,]*([A-Za-z][\w-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/y;

/** The challenges of all `WWW-Authenticate` headers, in order. What cannot be read ends the list. */
export function parseChallenges(headers: readonly string[]): Challenge[] {
  return headers.flatMap(parseHeader);
}

function parseHeader(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  for (let position = 0; position < header.length;) {
    const [text, scheme] = matchAt(SCHEME, header, position);
    if (scheme === undefined) break;
    position += text.length;
    const { parameters, end } = parseParameters(header, position);
    challenges.push({ scheme: scheme.toLowerCase(), parameters });
    position = end + matchAt(/[\s,]*/y, header, end)[0].length;
  }
  return challenges;
}

function parseParameters(header: string, start: number): { parameters: Record<string, string>; end: number } {
  const parameters: Record<string, string> = {};
  for (let end = start; ;) {
    const [text, name, quoted, token] = matchAt(PARAMETER, header, end);
    if (name === undefined) return { parameters, end };
    parameters[name.toLowerCase()] = token ?? (quoted ?? "").replace(/\\(.)/g, "$1");
    end += text.length;
  }
}

function matchAt(pattern: RegExp, text: string, position: number): [text: string, ...groups: (string | undefined)[]] {
  pattern.lastIndex = position;
  const match = pattern.exec(text);
  return match === null ? [""] : [match[0], ...match.slice(1)];
}
