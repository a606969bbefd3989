// What git says when it fails, as an error with a code.

import { type ErrorCode, TsbuildError } from "../errors.js";
import type { GitSource } from "./git-source.js";
import { oneLine, redactUrl } from "./redact.js";

const UNAUTHORIZED =
  /authentication failed|could not read (?:username|password)|error: 40[13]\b|permission denied|host key verification failed|terminal prompts disabled/i;
const UNREACHABLE =
  /could not resolve host|connection refused|connection timed out|unable to connect|failed to connect|couldn't connect|network is unreachable|no route to host|connection reset|early eof|remote end hung up|ssl certificate|certificate/i;
const SSH_SAYS = /: permission denied|^host key verification failed|^ssh: /i;
const NOT_FOUND =
  /repository .*not found|not found$|error: 404\b|does not appear to be a git repository|access denied or repository not exported/im;

/** @param stderr all that git printed */
export function gitError(source: GitSource, stderr: string): TsbuildError {
  const remote = redactUrl(source.remote);
  return new TsbuildError(codeOf(stderr), `cannot fetch "${remote}": ${reason(stderr)}`, {
    hint: hintFor(source, stderr),
  });
}

function codeOf(stderr: string): ErrorCode {
  if (UNAUTHORIZED.test(stderr)) return "unauthorized";
  return !NOT_FOUND.test(stderr) && UNREACHABLE.test(stderr) ? "source_unreachable" : "bad_git_source";
}

/** What ssh says, else the first complaint: those after it follow from it. */
function reason(stderr: string): string {
  const lines = stderr.split("\n");
  const line =
    lines.find((each) => SSH_SAYS.test(each)) ??
    lines.find((each) => each.startsWith("fatal: ")) ??
    lines.find((each) => each.startsWith("error: "));
  const said = oneLine((line ?? stderr).replace(/^(?:fatal|error): /, ""));
  return said === "" ? "git failed without a message" : said.replace(/\.$/, "");
}

function hintFor({ remote }: GitSource, stderr: string): string {
  const isSsh = !/^(?:https?|git):/i.test(remote);
  if (/host key verification/i.test(stderr)) return "Add the host's key to ~/.ssh/known_hosts: ssh-keyscan HOST.";
  if (UNAUTHORIZED.test(stderr)) {
    return isSsh
      ? "Forward an ssh agent that has the key: --ssh default."
      : `Give a secret with the id GIT_AUTH_TOKEN.${hostOf(remote)} or GIT_AUTH_TOKEN.`;
  }
  if (NOT_FOUND.test(stderr)) return "Check the address of the repository, and that you may read it.";
  return UNREACHABLE.test(stderr)
    ? "Check the address, the network and the proxy settings (HTTPS_PROXY, NO_PROXY)."
    : "Try the same fetch with git itself.";
}

function hostOf(remote: string): string {
  return URL.canParse(remote) ? new URL(remote).host : "HOST";
}
