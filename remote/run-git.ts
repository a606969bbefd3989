// git as a program: it runs nothing that a repository names for it, and ends with its helpers.
// https://git-scm.com/docs/git-config

import { spawn } from "node:child_process";
import { TsbuildError } from "../errors.js";

export interface RunGitOptions {
  readonly cwd: string;
  /** All that git gets. */
  readonly env: NodeJS.ProcessEnv;
  /** Settings `NAME=VALUE`, over those of files. @default none */
  readonly config?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface GitOutcome {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Programs that a repository may name for git to run when it only looks at files. */
const NO_PROGRAMS = ["core.hooksPath=/dev/null", "core.fsmonitor=false"];

/** As much of its messages as says what went wrong. */
const MOST_STDERR = 64 << 10;

/** Whatever its exit code is, it is an outcome. @throws bad_git_source when git is not installed */
export function runGit(args: readonly string[], { cwd, env, config = [], signal }: RunGitOptions): Promise<GitOutcome> {
  const settings = [...NO_PROGRAMS, ...config].flatMap((setting) => ["-c", setting]);
  return new Promise((resolve, reject) => {
    const child = spawn("git", [...settings, ...args], { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const stop = () => killGroup(child.pid);
    signal?.addEventListener("abort", stop, { once: true });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr = (stderr + text).slice(-MOST_STDERR)));
    child.on("error", (error: NodeJS.ErrnoException) => reject(error.code === "ENOENT" ? notInstalled(error) : error));
    child.on("close", (code) => {
      signal?.removeEventListener("abort", stop);
      resolve({ code, stdout, stderr });
    });
  });
}

/** git starts helpers of its own, such as git-remote-https and ssh. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function notInstalled(cause: Error): TsbuildError {
  return new TsbuildError("bad_git_source", "git is needed to fetch a repository, and is not installed", {
    cause,
    hint: "Install it (apt-get install git), or give the files as a directory or an archive.",
  });
}
