// A network of a step's own: it reaches what this machine reaches, but neither this machine's loopback nor other steps.
// The TCP/IP of the namespace is a program's, as its user, so it takes no privilege on the machine.
// man 7 network_namespaces

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { TsbuildError } from "../../errors.js";
import { findProgram, type NetworkHolder } from "../sandbox/index.js";
import { attachPasta } from "./pasta.js";
import { attachSlirp } from "./slirp4netns.js";

export interface IsolatedNetwork extends NetworkHolder {
  /** What serves it: `slirp4netns`. */
  readonly program: string;
  /** The address of its name server, which asks those of this machine. */
  readonly resolver: string;
  close(): Promise<void>;
}

export interface NetworkProgram {
  readonly program: string;
  readonly holder: NetworkHolder;
  /** A directory for its own files; the caller removes it. */
  readonly directory: string;
}

/** A program that serves the namespace until `close`, or until this process ends. */
export interface Attached {
  readonly resolver: string;
  close(): Promise<void>;
}

const PROGRAMS = { slirp4netns: attachSlirp, pasta: attachPasta };

export interface IsolatedNetworkOptions {
  readonly directory: string;
  /** @default the first that is there */
  readonly program?: keyof typeof PROGRAMS | undefined;
  /** Where programs are searched. @default PATH */
  readonly path?: string | undefined;
}

/** @throws sandbox_unavailable when no program for it is installed, or when it cannot make one here */
export async function openIsolatedNetwork({
  directory,
  program: wanted,
  path,
}: IsolatedNetworkOptions): Promise<IsolatedNetwork> {
  const [found] = Object.entries(PROGRAMS).flatMap(([name, attach]) => {
    const program = wanted === undefined || wanted === name ? findProgram(name, path) : undefined;
    return program === undefined ? [] : [{ name, program, attach }];
  });
  if (!found) throw notInstalled(wanted);
  const { process, holder } = await hold();
  try {
    const { resolver, close } = await found.attach({ program: found.program, holder, directory });
    return {
      ...holder,
      program: found.name,
      resolver,
      close: async () => void (await Promise.all([close(), end(process)])),
    };
  } catch (error) {
    await end(process);
    throw error;
  }
}

/** Ends with its standard input, so at the latest with this process. */
async function hold(): Promise<{ readonly process: ChildProcess; readonly holder: NetworkHolder }> {
  const ownsUser = process.geteuid!() !== 0;
  const user = ownsUser ? ["--user", "--map-current-user"] : [];
  const child = spawn("unshare", [...user, "--net", "sh", "-c", "echo; exec cat"], { stdio: "pipe", detached: true });
  child.stdin.on("error", () => {}); // it ended: whoever needs the namespace finds out
  const [first] = await Promise.race([once(child.stdout, "data"), once(child, "close").catch(() => [])]);
  if (!Buffer.isBuffer(first)) {
    throw new TsbuildError("sandbox_unavailable", "this machine lets nobody make a network namespace", {
      hint: "Leave out --network=isolated, or use --network=none.",
    });
  }
  return { process: child, holder: { pid: child.pid!, ownsUser } };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

function notInstalled(wanted?: string): TsbuildError {
  return new TsbuildError(
    "sandbox_unavailable",
    wanted === undefined
      ? "an isolated network needs slirp4netns or pasta, and neither is there"
      : `an isolated network was to be made by ${wanted}, which is not there`,
    {
      hint: "Install slirp4netns (apt-get install slirp4netns) or pasta (apt-get install passt).",
    },
  );
}
