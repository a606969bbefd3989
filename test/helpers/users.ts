// The command line as different people have it: root, a user with subordinate ids, a user with one id, and root of a container
// without CAP_SYS_ADMIN. The users exist in a mount namespace of each call only: nothing of this machine is changed.

import { execFile, execFileSync } from "node:child_process";
import { chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isOpen, openDirectory } from "./open-directory.js";

export const PEOPLE = ["root", "mapped", "single"] as const;

export type Person = (typeof PEOPLE)[number] | "contained";

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CallOptions {
  /** @default none but those that are needed */
  readonly env?: Readonly<Record<string, string>>;
  /** Commands of sh(1) that root runs first, in the mount namespace of this call. @default none */
  readonly prepare?: string;
  /** Whether this person may open /dev/fuse. @default true */
  readonly fuse?: boolean;
}

export interface Spawned {
  readonly file: string;
  readonly args: readonly string[];
  readonly options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> };
}

const NAME = "tsbuild-test";
/** Of the users, and of their group. */
export const USER_ID = 54_330;

/** A place that everybody can read, with a copy of the package. */
export class UserBench {
  readonly path = mkdtempSync(join(openDirectory(), "tsbuild-users-"));

  /** @param withPackage whether the built command line is needed */
  constructor({ withPackage = true } = {}) {
    if (withPackage) this.#copyPackage();
    for (const name of ["devices", "node"]) mkdirSync(this.at(name));
    if (!isOpen(process.execPath)) cpSync(process.execPath, this.at("node/node"));
    for (const person of ["mapped", "single"] as const) this.#writeUsers(person);
    this.share();
  }

  at(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  /** Lets everybody read what is here. */
  share(path = this.path): void {
    execFileSync("chmod", ["-R", "a+rX", path]);
  }

  home(person: Person): string {
    const home = this.at(`home-${person}`);
    mkdirSync(home, { recursive: true });
    if (isUser(person)) chownSync(home, USER_ID, USER_ID);
    return home;
  }

  tsbuild(person: Person, words: readonly string[], options: CallOptions = {}): Promise<Ended> {
    return this.run(person, [this.at("package/bin/tsbuild"), ...words], options);
  }

  run(person: Person, words: readonly string[], options: CallOptions = {}): Promise<Ended> {
    const { file, args, options: given } = this.command(person, words, options);
    return new Promise((resolve) => {
      const settings = { ...given, encoding: "utf8", maxBuffer: 1 << 26 } as const;
      execFile(file, args, settings, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
      ).stdin?.end();
    });
  }

  /** What to spawn for `words` of this person. */
  command(person: Person, words: readonly string[], options: CallOptions = {}): Spawned {
    const home = this.home(person);
    const path = [isOpen(process.execPath) ? dirname(process.execPath) : this.at("node"), process.env["PATH"]].join(
      ":",
    );
    const env = { PATH: path, HOME: home, TSBUILD_HOME: join(home, "store"), ...options.env };
    const script = `${this.#world(person, options)}\nexec ${BECOME[person]} "$@"`;
    const args = ["--mount", "sh", "-ec", script, "sh", ...words];
    return { file: "unshare", args, options: { cwd: this.path, env } };
  }

  close(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  /** The machine as this person has it: users, ids, and a device for fuse. */
  #world(person: Person, { prepare = "", fuse = true }: CallOptions): string {
    const devices = this.at("devices");
    return [
      isUser(person) ? `mount -t overlay -o lowerdir=${this.at(`etc-${person}`)}:/etc etc /etc` : "",
      `mount -t tmpfs -o mode=755 devices ${devices}`,
      `mknod -m ${fuse ? 666 : 600} ${devices}/fuse c 10 229`,
      `test ! -e /dev/fuse || mount --bind ${devices}/fuse /dev/fuse`,
      prepare,
    ].join("\n");
  }

  #copyPackage(): void {
    for (const name of ["bin", "dist", "package.json"]) cpSync(name, this.at("package", name), { recursive: true });
    for (const name of ["koffi", "@koromix"])
      if (existsSync(`node_modules/${name}`))
        cpSync(`node_modules/${name}`, this.at("package/node_modules", name), { recursive: true });
  }

  #writeUsers(person: "mapped" | "single"): void {
    const put = (name: string, text: string): void => writeFileSync(this.at(`etc-${person}`, name), text);
    mkdirSync(this.at(`etc-${person}`));
    put("passwd", `${readFileSync("/etc/passwd", "utf8")}${NAME}:x:${USER_ID}:${USER_ID}::/:/bin/sh\n`);
    put("group", `${readFileSync("/etc/group", "utf8")}${NAME}:x:${USER_ID}:\n`);
    for (const name of ["subuid", "subgid"]) put(name, person === "mapped" ? `${NAME}:3000000:65536\n` : "");
  }
}

const isUser = (person: Person): boolean => person === "mapped" || person === "single";

const AS_USER = `setpriv --reuid ${USER_ID} --regid ${USER_ID} --clear-groups`;

/** The command that becomes this person. */
const BECOME: Record<Person, string> = {
  root: "",
  mapped: AS_USER,
  single: AS_USER,
  contained: "setpriv --bounding-set -sys_admin",
};
