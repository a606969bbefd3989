import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Store } from "../../cache/index.js";
import { makeScratch, removeDeadScratch } from "../../cache/scratch.js";
import { temporaryDirectory } from "../filesystem/layers.js";

/** As a process leaves it that is killed. */
function deadScratch(parent: string): string {
  const path = join(parent, "1-dead");
  mkdirSync(path, { recursive: true });
  writeFileSync(`${path}.lock`, "");
  return path;
}

test("removeDeadScratch() removes what the dead left, with the cgroups that they noted, and leaves the living alone", () => {
  const parent = temporaryDirectory();
  const living = makeScratch(parent);
  const dead = deadScratch(parent);
  const parents = join(temporaryDirectory(), "parent");
  const cgroup = join(parents, "cgroup");
  mkdirSync(join(cgroup, "below"), { recursive: true });
  writeFileSync(`${dead}.cgroups`, `parent ${parents}\nstep ${cgroup}\nstep /is/not/there\n`);

  expect(removeDeadScratch(parent)).toEqual([]);
  expect(existsSync(parents)).toBe(false);
  expect(readdirSync(parent).filter((name) => name.startsWith("1-dead"))).toEqual([]);
  expect(existsSync(living.path)).toBe(true);
  living.remove();
  expect(readdirSync(parent)).toEqual([]);
});

test("Store.removeCgroupsOfDead() looks only where cgroups are noted", () => {
  const store = Store.openAt(join(temporaryDirectory(), "store"));
  const dead = deadScratch(store.paths.scratch);
  store.removeCgroupsOfDead();
  expect(existsSync(dead)).toBe(true);
  writeFileSync(`${dead}.cgroups`, "step /is/not/there\n");
  store.removeCgroupsOfDead();
  expect(readdirSync(store.paths.scratch)).toEqual([]);
  store.close();
});

test("a cgroup that still has processes is tried again", () => {
  const parent = temporaryDirectory();
  const dead = deadScratch(parent);
  const busy = temporaryDirectory();
  writeFileSync(join(busy, "file"), ""); // is in the way of rmdir, as a process would be
  writeFileSync(`${dead}.cgroups`, `step ${busy}\n`);
  removeDeadScratch(parent);
  expect(readdirSync(parent).sort()).toEqual(["1-dead.cgroups", "1-dead.lock"]);
});

test("a parent goes when nobody else uses it", () => {
  const parent = temporaryDirectory();
  const dead = deadScratch(parent);
  const shared = temporaryDirectory();
  mkdirSync(join(shared, "of-another-build"));
  writeFileSync(`${dead}.cgroups`, `parent ${shared}\n`);
  removeDeadScratch(parent);
  expect(readdirSync(shared)).toEqual(["of-another-build"]);
});

test("what cannot be removed stops nobody, and is told", () => {
  const parent = temporaryDirectory();
  const dead = deadScratch(parent);
  writeFileSync(join(dead, "of-root"), "");
  chownSync(parent, 1000, 1000);
  chownSync(`${dead}.lock`, 1000, 1000);
  process.seteuid!(1000);
  onTestFinished(() => process.seteuid!(0));
  expect(removeDeadScratch(parent)).toEqual([{ path: dead, reason: "EPERM" }]);
  expect(removeDeadScratch(parent)).toEqual([{ path: dead, reason: "EPERM" }]); // each time, until it is gone
});

test("Store.openAt() closes the store to other users: unpacked layers have setuid programs", () => {
  const root = join(temporaryDirectory(), "store");
  Store.openAt(root).close();
  expect(statSync(root).mode & 0o777).toBe(0o700);
  chmodSync(root, 0o755);
  Store.openAt(root).close();
  expect(statSync(root).mode & 0o777).toBe(0o700);
});

test("a note that was begun when its process was killed goes too", () => {
  const parent = temporaryDirectory();
  const dead = deadScratch(parent);
  writeFileSync(`${dead}.cgroups`, "");
  removeDeadScratch(parent);
  expect(readdirSync(parent)).toEqual([]);
});
