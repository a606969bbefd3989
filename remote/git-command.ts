// Runs git with nothing of the host's configuration: no hooks, helpers, filters or prompts.
// https://git-scm.com/docs/git-config#_environment

import { dirname } from "node:path";
import { throwIfInterrupted } from "../oci/index.js";
import { gitAuthorization, type ReadSecret } from "./auth.js";
import type { GitSource } from "./git-source.js";
import { gitError } from "./git-error.js";
import { runGit } from "./run-git.js";

export interface GitOptions {
  readonly secret: ReadSecret;
  /** The socket of an ssh agent. */
  readonly sshSocket?: string;
  /** An empty directory, for what git takes for the user's home. */
  readonly home: string;
  readonly signal?: AbortSignal;
}

/** Variables that say how to reach the network, and nothing else. */
const KEPT = [
  "PATH",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "ALL_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "all_proxy",
  "GIT_SSL_CAINFO",
  "GIT_SSL_CAPATH",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
];

const CONFIG = [
  "core.autocrlf=false",
  "core.symlinks=true",
  "credential.helper=",
  "advice.detachedHead=false",
  "init.defaultBranch=main",
  "gc.auto=0",
  "maintenance.auto=false",
  "submodule.fetchJobs=2",
];

export class Git {
  /** Without user and password: these go a way that no process list shows. */
  readonly remote: string;
  readonly #source: GitSource;
  readonly #options: GitOptions;
  readonly #env: NodeJS.ProcessEnv;

  constructor(source: GitSource, options: GitOptions) {
    const url = URL.canParse(source.remote) ? new URL(source.remote) : undefined;
    const isHttp = url !== undefined && /^https?:$/.test(url.protocol);
    this.#source = source;
    this.#options = options;
    this.remote = isHttp ? plain(url) : source.remote;
    const authorization = isHttp ? gitAuthorization(url, options.secret) : undefined;
    this.#env = environment(options, authorization === undefined ? {} : header(plain(url!), authorization));
  }

  /** @returns what git printed @throws bad_git_source, unauthorized, source_unreachable, interrupted */
  async run(directory: string, ...args: readonly string[]): Promise<string> {
    const { signal } = this.#options;
    throwIfInterrupted(signal);
    const env = { ...this.#env, GIT_CEILING_DIRECTORIES: dirname(directory) };
    const { code, stdout, stderr } = await runGit(args, {
      cwd: directory,
      env,
      config: CONFIG,
      ...(signal && { signal }),
    });
    throwIfInterrupted(signal);
    if (code !== 0) throw gitError(this.#source, stderr);
    return stdout;
  }
}

function plain(url: URL): string {
  const copy = new URL(url);
  copy.username = copy.password = "";
  return copy.href;
}

function environment({ home, sshSocket }: GitOptions, secrets: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(
    KEPT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
  return {
    ...kept,
    HOME: home,
    XDG_CONFIG_HOME: home,
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TEMPLATE_DIR: home,
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "true",
    GIT_ALLOW_PROTOCOL: "http:https:git:ssh",
    GIT_LFS_SKIP_SMUDGE: "1",
    GIT_SSH_COMMAND: "ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=yes",
    ...(sshSocket !== undefined && { SSH_AUTH_SOCK: sshSocket }),
    ...secrets,
  };
}

/** A header for one repository, by the environment. All of github.com gets it, since submodules there are of the same owner. */
function header(url: string, authorization: string): NodeJS.ProcessEnv {
  const scope = /^https:\/\/(?:www\.)?github\.com\//.exec(url)?.[0] ?? url;
  return {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `http.${scope}.extraheader`,
    GIT_CONFIG_VALUE_0: `Authorization: ${authorization}`,
  };
}
