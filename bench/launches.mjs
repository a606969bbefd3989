// What a RUN that does nothing costs on each runtime, its layer and its record included, against what is launched without tsbuild.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { time } from "./measure.mjs";

const STEPS = 40;
const ROUNDS = 5;
const WORKLOAD = "a no-op RUN";

/**
 * Runs take turns with what they are held against, so that a machine that is busy for a while is so for both.
 * @param {(context: string, flags: string[], options?: object) => string[]} build the command of a build
 */
export function launches(scratch, { build, environment, emptyStore }) {
  const floors = prepareFloors(scratch);
  const contexts = [1, STEPS + 1].map((steps) => contextOf(join(scratch, `runs-${steps}`), steps));
  const [one, many] = contexts;
  const cold = (context, runtime) => {
    emptyStore();
    return time(build(context, [`--oci-runtime=${runtime}`]), environment());
  };
  const step = (runtime) => {
    const [few, all] = [cold(one, runtime), cold(many, runtime)];
    return { wall: (all.wall - few.wall) / STEPS, cpu: (all.cpu - few.cpu) / STEPS };
  };
  const rows = [
    ["built-in", () => step("built-in"), floors.launch, 2],
    ["crun", () => step("crun"), floors.crun, 2],
    ["runc", () => step("runc"), floors.runc, 2],
    ["bare launch", floors.launch, floors.forkAndExec],
    ["crun alone", floors.crun, floors.forkAndExec],
    ["runc alone", floors.runc, floors.forkAndExec],
  ];
  return rows.map(([name, run, floor, most]) => {
    process.stderr.write(`${WORKLOAD}: ${name}\n`);
    const rounds = Array.from({ length: ROUNDS }, () => [run(), floor()]);
    const [{ wall, cpu }, { wall: floorSeconds }] = [0, 1].map((at) => medianOf(rounds.map((round) => round[at])));
    return {
      workload: WORKLOAD,
      name,
      wall,
      cpu,
      ...(most && { target: most * floorSeconds }),
      buildkit: 0.1,
      floorSeconds,
    };
  });
}

const medianOf = (results) => results.sort((a, b) => a.wall - b.wall)[results.length >> 1];

function contextOf(context, steps) {
  mkdirSync(context, { recursive: true });
  const lines = Array.from({ length: steps }, (_, step) => `RUN true ${step}\n`);
  writeFileSync(join(context, "Dockerfile"), `FROM busybox\n${lines.join("")}`);
  return context;
}

/** Each gives seconds of one launch. */
function prepareFloors(scratch) {
  const [program, root] = [join(scratch, "launch"), join(scratch, "root")];
  execFileSync("cc", ["-O2", "-static", "-o", program, join(import.meta.dirname, "floor/launch.c")]);
  for (const name of ["bin", "proc", "sys", "dev"]) mkdirSync(join(root, name), { recursive: true });
  copyFileSync("/usr/bin/busybox", join(root, "bin/busybox"));
  const bare = (...words) => {
    const directory = mkdtempSync(join(scratch, "bare-"));
    const wall = Number(execFileSync(program, [String(STEPS), ...words, ...(words.length > 0 ? [directory] : [])]));
    rmSync(directory, { recursive: true, force: true });
    return { wall, cpu: 0 };
  };
  return {
    forkAndExec: () => bare(),
    launch: () => bare(root),
    crun: alone("crun", ["--cgroup-manager=disabled"], root, scratch),
    runc: alone("runc", [], root, scratch),
  };
}

/** The runtime with its own default configuration; crun refuses a machine that mounts both versions of cgroups. */
function alone(name, flags, root, scratch) {
  const bundle = join(scratch, `bundle-${name}`);
  mkdirSync(bundle);
  execFileSync(name, ["spec"], { cwd: bundle });
  const config = JSON.parse(readFileSync(join(bundle, "config.json"), "utf8"));
  const { resources: _, ...linux } = config.linux;
  const command = { ...config.process, terminal: false, args: ["/bin/busybox", "true"] };
  const changed = { ...config, linux, process: command, root: { path: root, readonly: true } };
  writeFileSync(join(bundle, "config.json"), JSON.stringify(changed));
  const words = [name, ...flags, "--root", join(scratch, `state-${name}`), "run", "--bundle", bundle];
  const loop = 'mount -t cgroup2 none /sys/fs/cgroup; for i in $(seq "$0"); do "$@" "bench-$$-$i" || exit 1; done';
  const script = ["unshare", "--mount", "sh", "-c", loop, String(STEPS), ...words];
  return () => {
    const { wall, cpu } = time(script);
    return { wall: wall / STEPS, cpu: cpu / STEPS };
  };
}
