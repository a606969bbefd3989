// cache/owner.ts, users.ts, stored-facts.ts: who uses the store, and facts that are removed while somebody uses them.

import { spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { oldestUser, removeFact, Store, storedFacts } from "../../cache/index.js";
import { isAlive, ownIdentity } from "../../cache/owner.js";
import { enter } from "../../cache/users.js";
import { sha256 } from "../../oci/index.js";

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), "tsbuild-owner-"))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const namespace = readlinkSync("/proc/self/ns/pid").replace(/\D/g, "");
const startOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]!.split(" ")[19]!;

describe("isAlive()", () => {
  test("this process lives; one with its number and another beginning does not", () => {
    expect(isAlive(ownIdentity(), Date.now())).toBe(true);
    expect(isAlive(`${process.pid}-1-${namespace}`, Date.now())).toBe(false);
    expect(isAlive("nonsense", 0)).toBe(false);
  });

  test("a process of another pid namespace counts as living for a day", () => {
    expect(isAlive("1-1-1", Date.now() - 3_600_000)).toBe(true);
    expect(isAlive("1-1-1", Date.now() - 25 * 3_600_000)).toBe(false);
  });
});

describe("oldestUser()", () => {
  test("is the first of the others that live; what the dead left is removed", async () => {
    const users = join(root, "users");
    mkdirSync(users);
    const own = enter(users);
    expect(oldestUser(users)).toBeUndefined();
    const child = spawn("sleep", ["60"]);
    const other = join(users, `${child.pid}-${startOf(child.pid!)}-${namespace}-0`);
    writeFileSync(other, "");
    utimesSync(other, 1_700_000_000, 1_700_000_000);
    writeFileSync(join(users, `${child.pid}-1-${namespace}-0`), "");
    expect(oldestUser(users)).toBe(1_700_000_000_000);
    child.kill();
    await new Promise((done) => child.on("close", done));
    expect(oldestUser(users)).toBeUndefined();
    own.release();
    expect(readdirSync(users)).toEqual([]);
  });
});

describe("removeFact()", () => {
  const layer = { diffID: sha256("tar"), content: sha256("content"), size: 3, created: "2026-01-01T00:00:00.000Z" };

  test("removes what nobody used since it was looked at, and nothing else", () => {
    const store = Store.openAt(root);
    store.layersByContent.put("ab".repeat(32), layer);
    store.layersByContent.put("cd".repeat(32), layer);
    for (const { path } of storedFacts(store.paths, "content1")) utimesSync(path, 1, 1);
    const [first, second] = storedFacts(store.paths, "content1");
    store.layersByContent.use(second!.key);
    expect([removeFact(first!), removeFact(second!)]).toEqual([true, false]);
    expect(storedFacts(store.paths, "content1").map(({ key }) => key)).toEqual([second!.key]);
    expect(removeFact(first!)).toBe(true); // it is gone already
    store.close();
  });

  test("use() dates a fact, and says nothing of one that is not there", () => {
    const store = Store.openAt(root);
    store.layersByContent.put("ab".repeat(32), layer);
    for (const { path } of storedFacts(store.paths, "content1")) utimesSync(path, 1, 1);
    expect(store.layersByContent.use("ab".repeat(32))).toEqual(layer);
    expect(storedFacts(store.paths, "content1")[0]!.lastUsed).toBeGreaterThan(1_700_000_000_000);
    expect(store.layersByContent.use("00".repeat(32))).toBeUndefined();
    store.close();
  });
});
