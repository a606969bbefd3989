// Space and soundness of the store as users see it: du, prune, limits while building, verify (features rows 268, 324 to 326, 357).

import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Pruned, Usage, VerifiedStore } from "../../index.js";
import { Workspace } from "../helpers/cli.js";
import { baseImageFlags } from "../helpers/images.js";

const MEGABYTE = 1_000_000;

let busybox: string[];
let workspace: Workspace;
beforeAll(async () => void (busybox = await baseImageFlags("busybox")));
beforeEach(() => void (workspace = new Workspace()));
afterEach(() => workspace.remove());

const context = (dockerfile: string, files: Readonly<Record<string, string>> = {}) =>
  workspace.files("context", { Dockerfile: `FROM busybox\n${dockerfile}\n`, ...files });
const build = async (dockerfile: string, ...flags: string[]) =>
  workspace.expectSuccess(["build", "--progress=plain", ...flags, ...busybox, context(dockerfile)]);
const json = async <Value>(...args: string[]) =>
  JSON.parse((await workspace.expectSuccess([...args, "--format=json"])).stdout) as Value;
const prune = (...flags: string[]) => json<Pruned>("prune", "-f", ...flags);
const usage = () => json<Usage>("du");
const blobs = () => readdirSync(join(workspace.home, "blobs/sha256"));

describe("du and prune", () => {
  test("du counts blocks on the disk, by kind; what images have is not reclaimable", async () => {
    await build("RUN head -c 3000000 /dev/urandom >/big", "-t", "app:1");
    const { rows, total } = await usage();
    const row = (kind: string) => rows.find((one) => one.kind === kind)!;
    expect(row("images").size).toBeGreaterThan(3 * MEGABYTE);
    expect(row("layer").size).toBeLessThan(MEGABYTE);
    expect(row("unpacked").reclaimable).toBeGreaterThan(3 * MEGABYTE);
    expect(total).toBe(rows.reduce((sum, { size }) => sum + size, 0));
  });

  test("prune removes what no image has; the image stays whole, and its steps are cached", async () => {
    await build("RUN echo old >/old", "-t", "app:1");
    await build("RUN echo new >/new", "-t", "app:1");
    const before = blobs().length;
    const { units } = await prune();
    expect(units.map(({ kind }) => kind)).toContain("layer");
    expect(blobs().length).toBeLessThan(before);
    const { stderr } = await build("RUN echo new >/new", "-t", "app:1");
    expect(stderr).toMatch(/CACHED\n/);
    expect((await workspace.expectSuccess(["run", "app:1", "cat", "/new"])).stdout).toBe("new\n");
    expect((await build("RUN echo old >/old")).stderr).toContain("why: its result was no longer in the store");
  });

  test("filters: by type, by kind, by id, by time; --dry-run touches nothing", async () => {
    await build("RUN --mount=type=cache,id=one,target=/c head -c 100000 /dev/urandom >/c/x");
    const all = (await usage()).units.length;
    const [mount] = (await prune("--filter", "type=exec.cachemount", "--dry-run")).units;
    expect(mount).toMatchObject({ kind: "mount", mutable: true });
    expect((await usage()).units).toHaveLength(all);
    expect((await prune("--filter", "until=1h")).units).toEqual([]);
    expect((await prune("--filter", `id=${mount!.id.slice(0, 12)}`)).units).toHaveLength(1);
    expect(existsSync(join(workspace.home, "mounts/v1", mount!.id, "data"))).toBe(false);
    expect((await prune("--filter", "kind=mount")).units).toEqual([]);
  });

  test("filters that mean nothing are refused, with those that do", async () => {
    for (const filter of ["label=a", "nonsense=1", "until=soon", "inuse=maybe", "id~=(", "kind=foo"]) {
      const { code, stderr } = await workspace.run(["prune", "-f", "--filter", filter]);
      expect([filter, code, stderr]).toEqual([filter, 125, expect.stringContaining(`filter "${filter}": expected`)]);
    }
  });

  test("without --force it asks on any input: only y and yes go ahead", async () => {
    await build("RUN echo x >/x", "-o", "type=cacheonly");
    const before = blobs();
    for (const stdin of ["", "n\n", "\n", "yesterday\n", "n\ny\n"]) {
      const { code, stdout, stderr } = await workspace.run(["prune"], { stdin });
      expect([stdin, code, stdout, blobs()]).toEqual([stdin, 1, "", before]);
      expect(stderr).toMatch(
        /^\d+ things with .* Continue\? \[y\/N\] \n?nothing was removed: answer y, or give --force\n$/,
      );
    }
    expect(await workspace.run(["prune"], { stdin: "Yes\n" })).toMatchObject({ code: 0 });
    expect(blobs().length).toBeLessThan(before.length);
  });

  test("what is known of compressed twins goes with them, and a twin that is lost is no damage", async () => {
    const archive = join(workspace.path, "image.tar");
    const exported = () =>
      build("RUN echo x >/x", "-o", `type=oci,dest=${archive},compression=zstd,force-compression=true`);
    const twins = () => readdirSync(join(workspace.home, "records/compressed1"), { recursive: true }).map(String);
    const facts = () => twins().filter((name) => name.includes("/"));
    await exported();
    expect(facts().length).toBeGreaterThan(1);
    await prune();
    expect(facts()).toEqual([]);
    expect((await workspace.expectSuccess(["cache", "verify"])).stdout).toContain("all is well");
    await exported();
    for (const name of facts()) {
      const { digest } = JSON.parse(readFileSync(join(workspace.home, "records/compressed1", name), "utf8"));
      rmSync(join(workspace.home, "blobs/sha256", digest.slice("sha256:".length)));
    }
    expect((await workspace.expectSuccess(["cache", "verify"])).stdout).toContain("all is well");
    await exported();
  });

  test("--max-used-space keeps what is worth most: the slow step stays, the quick large one goes", async () => {
    await build("RUN head -c 2000000 /dev/urandom >/quick", "-o", "type=cacheonly");
    await build("RUN sleep 1.2; head -c 400000 /dev/urandom >/slow", "-o", "type=cacheonly");
    await prune("--max-used-space", "1m");
    const again = (text: string) => build(text, "-o", "type=cacheonly");
    expect((await again("RUN sleep 1.2; head -c 400000 /dev/urandom >/slow")).stderr).toContain("CACHED");
    expect((await again("RUN head -c 2000000 /dev/urandom >/quick")).stderr).not.toContain("CACHED");
  });

  test("--cache-max holds when the build ends, for what it has used itself too; an image with a name stays whole", async () => {
    await build("RUN head -c 2000000 /dev/urandom >/one", "-o", "type=cacheonly");
    const two = "RUN --mount=type=cache,target=/c head -c 2000000 /dev/urandom | tee /c/x >/two";
    await build(two, "-t", "app:1", "--cache-max", "1m");
    const { reclaimable, units } = await usage();
    expect(reclaimable).toBeLessThanOrEqual(2 ** 20);
    expect(units.filter(({ kind, size }) => kind === "layer" && size > MEGABYTE)).toEqual([]);
    expect((await workspace.expectSuccess(["run", "app:1", "wc", "-c", "/two"])).stdout).toBe("2000000 /two\n");
    expect((await build(two, "-t", "app:1", "--cache-max", "1m")).stderr).toContain("CACHED");
    expect((await usage()).reclaimable).toBeLessThanOrEqual(2 ** 20);
  });

  test("the policies of gc.json hold; one that says nothing is refused", async () => {
    await build("RUN --mount=type=cache,target=/c echo x >/c/x");
    const policies = [{ filter: ["type==exec.cachemount"], maxUsedSpace: 0 }];
    writeFileSync(join(workspace.home, "gc.json"), JSON.stringify({ policies }));
    await build("RUN echo other");
    expect((await usage()).units.filter(({ kind }) => kind === "mount")).toEqual([]);
    writeFileSync(join(workspace.home, "gc.json"), '{"policies":[{"maxUsedSpace":"lots"}]}');
    const { code, stderr } = await workspace.run(["build", ...busybox, context("RUN echo third")]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/gc\.json": .*maxusedspace/)]);
  });

  test("prune beside a build leaves what that has used and what it is making", async () => {
    await build("RUN echo first >/first");
    const slow = context("RUN echo first >/first\nRUN echo begun; sleep 2; cat /first\nRUN cat /first");
    const running = workspace.start(["build", "--progress=plain", ...busybox, slow]);
    while (!running.stderr().includes("begun\n")) await new Promise((done) => setTimeout(done, 20));
    const { units } = await prune("--all");
    expect(units.map(({ description }) => description)).not.toContain("RUN echo first >/first");
    expect((await running.result).code).toBe(0);
    expect((await workspace.expectSuccess(["cache", "verify"])).stdout).toContain("all is well");
  });
});

describe("what the cache may give", () => {
  test("--cache-ttl: results that are older run again (row 268)", async () => {
    await build("RUN echo aged");
    expect((await build("RUN echo aged", "--cache-ttl", "1h")).stderr).toContain("CACHED");
    await new Promise((done) => setTimeout(done, 1100));
    const { stderr } = await build("RUN echo aged", "--cache-ttl", "1s");
    expect(stderr).toContain("why: its result is older than --cache-ttl");
    expect((await build("RUN echo aged", "--cache-ttl", "1h")).stderr).toContain("CACHED");
  });

  test("--pull=never uses only what is here; another policy is refused", async () => {
    const here = workspace.files("pull", { Dockerfile: "FROM not.example/here:1\n" });
    const { code, stderr } = await workspace.run(["build", "--pull=never", here]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('the store has no image "not.example/here:1"')]);
    expect((await workspace.run(["build", "--pull=perhaps", here])).code).toBe(125);
    await build("RUN echo base", "-t", "not.example/here:1");
    for (const policy of ["never", "missing", "newer"])
      await workspace.expectSuccess(["build", `--pull=${policy}`, here]);
  });
});

describe("cache verify", () => {
  test("finds every kind of damage, mends it by dropping, and the next build is right", async () => {
    const dockerfile = "RUN echo one >/one\nRUN cat /one >/two";
    const imageId = (await build(dockerfile, "-q", "-t", "app:1")).stdout;
    expect((await workspace.expectSuccess(["cache", "verify"])).stdout).toContain("all is well");
    for (const name of blobs()) appendFileSync(join(workspace.home, "blobs/sha256", name), "x");
    const unpacked = readdirSync(join(workspace.home, "layers/v1")).map((name) =>
      join(workspace.home, "layers/v1", name),
    );
    const changed = unpacked.find((path) => existsSync(join(path, "one")))!;
    writeFileSync(join(changed, "one"), "two\n");
    // An unpacked layer is compared with its index: another one is damaged.
    const indexes = readdirSync(join(workspace.home, "indexes/v1"));
    const other = indexes.find((name) => !changed.includes(name.split(".", 1)[0]!))!;
    truncateSync(join(workspace.home, "indexes/v1", other), 10);
    const dry = await workspace.run(["cache", "verify", "--dry-run", "--format=json"]);
    const { findings } = JSON.parse(dry.stdout) as VerifiedStore;
    expect(dry.code).toBe(1);
    expect(new Set(findings.map(({ kind }) => kind))).toEqual(
      new Set(["blob", "index", "unpacked", "record", "image"]),
    );
    expect((await workspace.run(["cache", "verify"])).code).toBe(1);
    expect((await workspace.expectSuccess(["cache", "verify"])).stdout).toContain("all is well");
    expect((await build(dockerfile, "-q", "-t", "app:1")).stdout).toMatch(/^sha256:/);
    expect((await workspace.expectSuccess(["run", "app:1", "cat", "/two"])).stdout).toBe("one\n");
    expect(imageId).toMatch(/^sha256:/);
  });

  test("a record that was touched by hand is dropped", async () => {
    await build("RUN echo one >/one");
    const table = join(workspace.home, "records/k1");
    const [prefix] = readdirSync(table);
    const [key] = readdirSync(join(table, prefix!));
    const path = join(table, prefix!, key!);
    writeFileSync(path, readFileSync(path, "utf8").replace(/"diffID":"sha256:..../, '"diffID":"sha256:0000'));
    utimesSync(path, 1, 1);
    const { stdout } = await workspace.run(["cache", "verify"]);
    expect(stdout).toMatch(/^record records\/k1\/.*: it names sha256:0000/m);
    expect(existsSync(path)).toBe(false);
  });
});
