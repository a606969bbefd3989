// Measures commands: wall time, CPU time of the whole process tree, peak memory.

import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/**
 * Runs a command and its children to the end.
 * @returns {{ wall: number, cpu: number }} seconds
 */
export function time(command, options = {}) {
  const script = 'TIMEFORMAT="%R %U %S"; { time "$@" 2>&4 >&4; } 4>/dev/null';
  const { status, stderr } = spawnSync("bash", ["-c", script, "bash", ...command], { encoding: "utf8", ...options });
  if (status !== 0) throw new Error(`${command.join(" ")} ended with ${status}: ${explain(command, options)}`);
  const [wall, user, system] = stderr.trim().split(" ").map(Number);
  return { wall, cpu: user + system };
}

/** What the command printed when it is run once more: the timed run throws its output away. */
function explain([program, ...args], options) {
  return spawnSync(program, args, { encoding: "utf8", ...options }).stderr;
}

/** The median of `repeat` runs; `before` is called ahead of each, outside the time. */
export function median(repeat, before, run) {
  const results = Array.from({ length: repeat }, (_, round) => {
    before(round);
    return run(round);
  });
  return results.sort((a, b) => a.wall - b.wall)[Math.floor(results.length / 2)];
}

/**
 * Runs a command to the end and watches its processes every 20 ms.
 * @returns {Promise<number>} the highest sum of resident memory of the processes that lived at one time, in bytes
 */
export async function peakMemory([program, ...args], options = {}) {
  const child = spawn(program, args, { stdio: "ignore", ...options });
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, residentMemory(child.pid))), 20);
  const code = await new Promise((done) => child.on("close", done));
  clearInterval(timer);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}`);
  return peak;
}

function residentMemory(root) {
  const pages = familyOf(root).map((pid) => Number(read(`/proc/${pid}/statm`).split(" ")[1] ?? 0));
  return pages.reduce((sum, count) => sum + count, 0) * 4096;
}

/** The process and all below it. */
function familyOf(root) {
  const children = new Map();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    const parent = /\) \S (\d+) /.exec(read(`/proc/${pid}/stat`))?.[1];
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const family = [String(root)];
  for (const pid of family) family.push(...(children.get(pid) ?? []));
  return family;
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ESRCH") return ""; // it has ended
    throw error;
  }
}
