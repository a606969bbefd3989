// Measures bin/tsbuild on generated workloads against floors of this machine and the times that BuildKit needed.
//
//     npm run bench [-- --json] [-- --only=NAME]     NAME is part of a workload's name
//
// It needs no network but loopback. Other work on the machine makes the figures worse, never better.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countRequests } from "./count.mjs";
import { FLOORS } from "./floors.mjs";
import { launches } from "./launches.mjs";
import { median, peakMemory, time } from "./measure.mjs";
import { withRegistry } from "./registry.mjs";
import { compression } from "./compression.mjs";
import { jsonOf, tableOf } from "./report.mjs";
import { transfers } from "./transfers.mjs";
import { app } from "./workloads/app.mjs";
import { copy } from "./workloads/copy.mjs";
import { diamond } from "./workloads/diamond.mjs";
import { files } from "./workloads/files.mjs";
import { language } from "./workloads/language.mjs";
import { layer } from "./workloads/layer.mjs";
import { parallel } from "./workloads/parallel.mjs";
import { runs } from "./workloads/runs.mjs";
import { sharedCache } from "./workloads/shared-cache.mjs";
import { small } from "./workloads/small.mjs";
import { steps } from "./workloads/steps.mjs";

const WORKLOADS = [small, steps, language, runs, parallel, files, diamond, app, copy, layer, sharedCache];

const root = join(import.meta.dirname, "..");
const only = process.argv.find((word) => word.startsWith("--only="))?.slice("--only=".length) ?? "";
const scratch = mkdtempSync(join(tmpdir(), "tsbuild-bench-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

const make = [join(root, "fixtures/base/make.mjs"), "busybox"];
const base = execFileSync(process.execPath, make, { encoding: "utf8" }).trim();

const results = [];
for (const workload of WORKLOADS.filter(({ name }) => name.includes(only))) results.push(...(await measure(workload)));
if ("a no-op RUN".includes(only)) results.push(...launches(scratch, { build, environment, emptyStore }));
if ("transfer".includes(only)) results.push(...(await transfers(scratch)));
console.log(process.argv.includes("--json") ? jsonOf(results) : tableOf(results));
if ("compression".includes(only)) for (const line of await compression(scratch)) console.error(line);

async function measure(workload) {
  const context = join(scratch, "context");
  mkdirSync(context, { recursive: true });
  workload.prepare(context);
  const results = [];
  for (const one of workload.cases) {
    process.stderr.write(`${workload.name}: ${one.name}\n`);
    results.push({ workload: workload.name, ...one, ...(await measureCase(one, context)) });
  }
  rmSync(context, { recursive: true });
  removeOldStores();
  return results;
}

async function measureCase(one, context) {
  if (one.sharedCache) return withRegistry(join(scratch, "registry"), (host) => fromCache(one, context, host));
  if (!one.push) return timed(one, context, one.flags ?? []);
  return withRegistry(join(scratch, "registry"), async (host) => {
    if (!one.memory) return timed(one, context, ["--push", "--tag", `${host}/bench:1`]);
    const command = build(context, ["--push", "--tag", `${host}/bench:1`]);
    return { memory: await peakMemory(command, environment()) };
  });
}

/** A case without `change` whose name is "unchanged" finds everything in the cache; a cold one finds nothing. */
function timed({ name, change, repeat = 3, floor: [floor, factor] }, context, flags) {
  const isCold = name.startsWith("cold");
  const command = build(context, flags);
  if (!isCold) time(command, environment());
  const before = (round) => (isCold ? emptyStore() : change?.(context, round));
  const measured = median(repeat, before, () => time(command, environment()));
  return { ...measured, floorSeconds: FLOORS[floor](context) * factor };
}

/** The cache is filled once; then every build begins with an empty store. */
async function fromCache(one, context, registry) {
  const flags = (host) => {
    const ref = `${host}/bench:cache`;
    return [
      "--cache-from",
      ref,
      "--cache-to",
      `type=registry,ref=${ref},mode=max`,
      "--push",
      "--tag",
      `${host}/bench:1`,
    ];
  };
  time(build(context, flags(registry)), environment());
  const measured = timed(one, context, flags(registry));
  emptyStore();
  const { requests, bytes } = await countRequests(registry, (host) => build(context, flags(host)), environment());
  return { ...measured, requests, bytes };
}

function build(context, flags) {
  const busybox = ["--build-context", `busybox=oci-layout://${base}`];
  return [join(root, "bin/tsbuild"), "build", "--progress=plain", ...busybox, ...flags, context];
}

/** Moves the store aside: after many files are removed, ext4 takes longer to make new ones, in a build and in what it is held against. */
function emptyStore() {
  const store = join(scratch, "store");
  if (existsSync(store)) renameSync(store, mkdtempSync(join(scratch, "old-")));
}

function removeOldStores() {
  for (const name of readdirSync(scratch).filter((name) => name.startsWith("old-")))
    rmSync(join(scratch, name), { recursive: true });
}

function environment() {
  return { env: { ...process.env, TSBUILD_HOME: join(scratch, "store") } };
}
