// Cgroups that builds make, in all hierarchies that can be seen. Those of other programs at work are never counted.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The cgroups of steps that the process `pid` made. */
export const cgroupsOf = (pid: number): string[] => stepCgroups().filter((path) => path.includes(`-${pid}-`));

/** Of all processes, alive or dead. */
export function stepCgroups(): string[] {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => line.split(" ")[4]!);
  return mounts.flatMap((mount) => below(mount, 4)).filter((path) => /\/tsbuild-\d+-\d+-\d+-[0-9a-f]{12}$/.test(path));
}

function below(directory: string, depth: number): string[] {
  const children = directories(directory);
  return depth === 0 ? children : [...children, ...children.flatMap((child) => below(child, depth - 1))];
}

function directories(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(directory, name));
  } catch {
    return []; // it has just been removed
  }
}
