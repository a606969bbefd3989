// The cgroups of one step: made with their limits, asked how the step fared, and removed.
// https://docs.kernel.org/admin-guide/cgroup-v2.html#organizing-processes-and-threads

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { TsbuildError } from "../../errors.js";
import { removeDirectories, removeEmpty } from "../../filesystem/index.js";
import { type Hierarchy, readHierarchies } from "./hierarchies.js";
import { type CgroupLimits, controllersOf, settingsOf, type Setting } from "./limits.js";
import { ownedName, removeDead } from "./owner.js";

export interface CgroupRequest {
  readonly limits: CgroupLimits;
  /** Below the root of each hierarchy; made when it is not there. @default the cgroup of this process, or one above it that allows it */
  readonly parent?: string;
  /** Told of each cgroup before it is made. @default nobody is */
  readonly onMake?: (made: MadeCgroup) => void;
}

export interface MadeCgroup {
  readonly directory: string;
  /** step: of this step alone. parent: others may use it too. */
  readonly use: "step" | "parent";
}

/** Of version 1: where a parent counts, also without limits. */
const USUAL = ["memory", "cpu", "cpuset", "pids", "blkio"];

export class StepCgroup {
  /** One for each hierarchy. */
  readonly directories: readonly string[];
  /** Those that were made for it, the highest first. */
  readonly #parents: readonly string[];

  private constructor(made: readonly MadeCgroup[]) {
    const directoriesFor = (use: MadeCgroup["use"]) =>
      made.filter((one) => one.use === use).map(({ directory }) => directory);
    this.directories = directoriesFor("step");
    this.#parents = directoriesFor("parent");
  }

  /** Undefined when nothing is asked for. @throws bad_value, unsupported when this machine cannot set a limit that is asked for */
  static make(request: CgroupRequest, hierarchies?: readonly Hierarchy[]): StepCgroup | undefined {
    const { limits, parent, onMake = () => {} } = request;
    const needed = controllersOf(limits);
    if (needed.length === 0 && parent === undefined) return undefined;
    checkParent(parent);
    const name = ownedName();
    const made: MadeCgroup[] = [];
    const making: Making = (one) => {
      onMake(one);
      made.push(one);
    };
    try {
      for (const place of placesOf(hierarchies ?? readHierarchies(), needed, { parent, making }))
        makeIn(place, { name, limits, making });
    } catch (error) {
      made.reverse().forEach(takeBack);
      throw error;
    }
    return new StepCgroup(made);
  }

  /** How often the kernel killed for want of memory. */
  oomKills(): number {
    const counts = this.directories.flatMap((directory) =>
      ["memory.events", "memory.oom_control"].map((file) => read(join(directory, file))),
    );
    return Math.max(0, ...counts.map((text) => Number(/^oom_kill (\d+)$/m.exec(text ?? "")?.[1] ?? 0)));
  }

  /** When the step has ended. The kernel lets go of its last process a moment later. */
  async remove(): Promise<void> {
    for (const directory of this.directories) {
      for (let pause = 1; pause < 500 && !removeDirectories(directory); pause *= 2) await sleep(pause);
    }
    for (const directory of this.#parents.toReversed()) removeEmpty(directory); // unless others use it
  }
}

type Making = (one: MadeCgroup) => void;

interface Place {
  readonly version: 1 | 2;
  readonly parent: string;
  readonly controllers: readonly string[];
}

interface ParentRequest {
  readonly parent: string | undefined;
  readonly making: Making;
}

function placesOf(hierarchies: readonly Hierarchy[], needed: readonly string[], request: ParentRequest): Place[] {
  const { parent, making } = request;
  const unified = hierarchies.find(({ version }) => version === 2);
  const legacy = hierarchies.filter(
    ({ version, controllers }) =>
      version === 1 && controllers.some((name) => (parent === undefined ? needed : USUAL).includes(name)),
  );
  const rest = needed.filter((name) => !legacy.some(({ controllers }) => controllers.includes(name)));
  const places = legacy.map(({ mount, own, controllers }): Place => ({
    version: 1,
    controllers,
    parent: parent === undefined ? own : makeParent(mount, parent, making),
  }));
  if (rest.length === 0 && (parent === undefined || !unified)) return places;
  if (!unified) throw cannotLimit(`no ${rest.join(", ")} controller`);
  return [...places, { version: 2, controllers: rest, parent: delegatedParent(unified, rest, request) }];
}

/** It must not lead out of the hierarchy, nor to another place than it seems to. */
function checkParent(parent = ""): void {
  if (!parent.split("/").includes("..")) return;
  throw new TsbuildError("bad_value", `expected a path without ".." for --cgroup-parent, found "${parent}"`, {
    hint: "Write the path of the cgroup from the root of the hierarchy.",
  });
}

/** @returns its directory, which is there then */
function makeParent(mount: string, parent: string, making: Making): string {
  const directory = join(mount, posix.normalize(`/${parent}`));
  const missing: string[] = [];
  for (let at = directory; !existsSync(at); at = dirname(at)) missing.unshift(at);
  for (const each of missing) {
    making({ directory: each, use: "parent" });
    makeDirectory(each);
  }
  return directory;
}

function takeBack({ directory, use }: MadeCgroup): void {
  if (use === "parent") removeEmpty(directory);
  else removeDirectories(directory);
}

/** Another build may be quicker. */
function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw isSystemError(error) ? cannotLimit(`${error.code} at ${path}`, error) : error;
  }
}

/** A cgroup with processes in it cannot hand controllers on, so one above may have to do. */
function delegatedParent(
  { mount, own }: Hierarchy,
  needed: readonly string[],
  { parent, making }: ParentRequest,
): string {
  if (parent !== undefined) {
    const directory = makeParent(mount, parent, making);
    if (handOn(mount, directory, needed)) return directory;
    throw cannotLimit(`the cgroup "${parent}" cannot hand on ${needed.join(", ")}`);
  }
  for (let directory = own; directory.startsWith(mount); directory = dirname(directory))
    if (handOn(mount, directory, needed)) return directory;
  throw cannotLimit(`no cgroup above this process hands on ${needed.join(", ")}`);
}

/** Turns controllers on from the top down to `directory`; false when one of them cannot be had. */
function handOn(mount: string, directory: string, needed: readonly string[]): boolean {
  const chain: string[] = [];
  for (let at = directory; at.startsWith(mount); at = dirname(at)) chain.unshift(at);
  return chain.every((at) => needed.every((name) => isOn(at, name) || turnOn(at, name)));
}

const isOn = (directory: string, name: string): boolean =>
  (read(join(directory, "cgroup.subtree_control")) ?? "").trim().split(" ").includes(name);

function turnOn(directory: string, name: string): boolean {
  try {
    writeFileSync(join(directory, "cgroup.subtree_control"), `+${name}`);
    return true;
  } catch (error) {
    if (isSystemError(error)) return false;
    throw error;
  }
}

interface StepRequest {
  readonly name: string;
  readonly limits: CgroupLimits;
  readonly making: Making;
}

function makeIn({ version, parent, controllers }: Place, { name, limits, making }: StepRequest): void {
  const directory = join(parent, name);
  try {
    removeDead(parent);
    making({ directory, use: "step" });
    mkdirSync(directory);
    if (version === 1 && controllers.includes("cpuset")) inheritCpuset(directory);
    for (const setting of settingsOf(limits, version))
      if (controllers.includes(setting.controller)) apply(directory, setting);
  } catch (error) {
    throw isSystemError(error) ? cannotLimit(`${error.code} at ${directory}`, error) : error;
  }
}

/** Without them no process may enter. */
function inheritCpuset(directory: string): void {
  for (const file of ["cpuset.cpus", "cpuset.mems"]) {
    const own = read(join(directory, file))?.trim();
    if (own !== "") continue;
    inheritCpuset(dirname(directory));
    writeFileSync(join(directory, file), read(join(dirname(directory), file)) ?? "");
  }
}

function apply(directory: string, { file, value, flag }: Setting): void {
  const path = join(directory, file);
  try {
    if (!existsSync(path)) throw Object.assign(new Error(`no ${file}`), { code: "ENOENT" });
    writeFileSync(path, value);
  } catch (error) {
    if (flag === undefined && isSystemError(error)) return;
    throw isSystemError(error) ? refused(flag!, value, file, error) : error;
  }
}

function refused(flag: string, value: string, file: string, cause: NodeJS.ErrnoException): TsbuildError {
  const reason = cause.code === "ENOENT" ? `this kernel has no ${file}` : `${cause.code} for "${value}" in ${file}`;
  return new TsbuildError("unsupported", `${flag} cannot be set: ${reason}`, {
    cause,
    hint: `Correct the value of ${flag}, or leave it out.`,
  });
}

function cannotLimit(reason: string, cause?: unknown): TsbuildError {
  return new TsbuildError("unsupported", `this machine lets steps have no limits: ${reason}`, {
    cause,
    hint: "Start the build with systemd-run --user --scope -p Delegate=yes, or name a cgroup that is yours with --cgroup-parent.",
  });
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  typeof (error as NodeJS.ErrnoException).code === "string" && !(error instanceof TsbuildError);
