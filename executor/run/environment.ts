// The environment of a RUN: the image's, the declared ARGs, proxies, PATH and HOME; nothing of the host's (S-119).

/** PATH of an image that sets none (S-061). */
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * @param env `NAME=value`; a later one wins
 * @param home of the user, from /etc/passwd
 */
export function runEnvironment(env: readonly string[], home: string): readonly string[] {
  const values = new Map<string, string>([["PATH", DEFAULT_PATH]]);
  for (const pair of env) {
    const at = pair.indexOf("=");
    values.set(pair.slice(0, at), pair.slice(at + 1));
  }
  if (!values.has("HOME")) values.set("HOME", home);
  return [...values].map(([name, value]) => `${name}=${value}`);
}
