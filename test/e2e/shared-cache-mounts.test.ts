// Cache mounts that follow the user from machine to machine (W-01): restored when a step uses them, saved afterwards.

import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { type CliResult, Workspace } from "../helpers/cli.js";
import { type Machines, useMachines } from "../helpers/machines.js";

const DOCKERFILE = `FROM busybox
ARG TURN
RUN --mount=type=cache,id=npm,target=/c echo $TURN >>/c/turns; [ -e /c/big ] || head -c 3000000 /dev/urandom >/c/big; \\
    mkdir -p /c/deep; ln -sf big /c/deep/link; chown 7:8 /c/deep; cat /c/turns
`;

let busybox: Machines["busybox"];
let proxy: Machines["proxy"];
let ref: string;
let context: string;
let count = 0;
const machines = useMachines();
const { machine } = machines;
beforeEach(() => {
  ({ busybox, proxy } = machines);
  ref = `${proxy.host}/mounts${++count}:main`;
  context = machine().files("context", { Dockerfile: DOCKERFILE });
});

function build(workspace: Workspace, turn: number | string, ...flags: readonly string[]): Promise<CliResult> {
  const args = ["build", "--progress=plain", ...busybox, "--build-arg", `TURN=${turn}`, ...flags, context];
  return workspace.expectSuccess(args);
}

/** What the step printed: the turns that its mount has seen. */
const turnsOf = ({ stderr }: CliResult) => [...stderr.matchAll(/^#\d+ [\d.]+ (\d+)$/gm)].map(([, turn]) => turn);
const sentBytes = () => proxy.requests.reduce((sum, { sent }) => sum + sent, 0);

test("W-01: another machine goes on where the first one stopped, and only what is new travels", async () => {
  const flags = ["--cache-mounts-from", ref, "--cache-mounts-to", ref];
  const first = await build(machine(), 1, ...flags);
  expect(first.stderr).toContain(`there are no cache mounts at registry ${ref}`);
  expect(turnsOf(first)).toEqual(["1"]);
  expect(sentBytes()).toBeGreaterThan(3_000_000);
  proxy.requests.length = 0;
  const second = await build(machine(), 2, ...flags);
  expect(turnsOf(second)).toEqual(["1", "2"]);
  expect(second.stderr).toContain(`restoring cache mount npm from registry ${ref}`);
  expect(sentBytes()).toBeLessThan(1_100_000);
});

test("a mount that no step uses is not fetched, and an unchanged one is not sent", async () => {
  const flags = ["--cache-mounts-from", ref, "--cache-mounts-to", ref];
  const here = machine();
  await build(here, 1, ...flags);
  proxy.requests.length = 0;
  expect((await build(here, 1, ...flags)).stderr).toContain("CACHED"); // nothing runs, so nothing is asked for
  expect(proxy.requests).toEqual([]);
  writeFileSync(join(context, "Dockerfile"), "FROM busybox\nRUN --mount=type=cache,id=npm,target=/c wc -l /c/turns\n");
  await build(here, 1, ...flags);
  expect(proxy.requests.filter(({ method }) => method === "PUT")).toEqual([]);
});

test("links, owners and modes come back, and so does a local folder's content", async () => {
  const directory = join(machine().path, "kept");
  await build(machine(), 1, "--cache-mounts-to", `type=local,dest=${directory}`);
  const look =
    "RUN --mount=type=cache,id=npm,target=/c stat -c '%u:%g %a' /c/deep && readlink /c/deep/link && wc -c /c/big";
  writeFileSync(join(context, "Dockerfile"), `FROM busybox\n${look}\n`);
  const { stderr } = await build(machine(), 1, "--cache-mounts-from", `type=local,src=${directory}`);
  expect(stderr).toMatch(/ 7:8 755\n.* big\n.* 3000000 \/c\/big\n/);
});

test("--no-cache begins with an empty mount, and another id, owner or mode is another mount", async () => {
  await build(machine(), 1, "--cache-mounts-to", ref);
  expect(turnsOf(await build(machine(), 2, "--cache-mounts-from", ref, "--no-cache"))).toEqual(["2"]);
  writeFileSync(join(context, "Dockerfile"), DOCKERFILE.replace("id=npm", "id=pip"));
  expect(turnsOf(await build(machine(), 2, "--cache-mounts-from", ref))).toEqual(["2"]);
});

test("a scope is read by those who name it", async () => {
  await build(machine(), 1, "--cache-mounts-to", `type=registry,ref=${ref},scope=pr-1`);
  expect(turnsOf(await build(machine(), 2, "--cache-mounts-from", ref))).toEqual(["2"]);
  const own = `type=registry,ref=${ref},scope=pr-1`;
  expect(turnsOf(await build(machine(), 2, "--cache-mounts-from", ref, "--cache-mounts-from", own))).toEqual([
    "1",
    "2",
  ]);
});

test("what goes wrong is a warning: no place, too large, damage", async () => {
  const none = await build(
    machine(),
    1,
    "--cache-mounts-from",
    "localhost:1/a:b",
    "--cache-mounts-to",
    "localhost:1/a:b",
  );
  expect(none.stderr).toMatch(/cache mounts of registry localhost:1\/a:b are not used: cannot reach localhost:1/);
  expect(none.stderr).toMatch(/the cache mount "npm" is not saved: cannot reach localhost:1/);
  const large = await build(machine(), 1, "--cache-mounts-to", `type=registry,ref=${ref},max-size=1m`);
  expect(large.stderr).toMatch(/the cache mount "npm" is not saved: it has \d+ bytes, and max-size is 1048576/);

  const directory = join(machine().path, "kept");
  await build(machine(), 1, "--cache-mounts-to", `type=local,dest=${directory}`);
  damageLargest(join(directory, "blobs/sha256"));
  const damaged = await build(machine(), 2, "--cache-mounts-from", `type=local,src=${directory}`);
  expect(damaged.stderr).toMatch(/the cache mount "npm" begins empty: expected sha256/);
  expect(turnsOf(damaged)).toEqual(["2"]);
});

function damageLargest(blobs: string): void {
  const [largest] = readdirSync(blobs)
    .map((name) => ({ path: join(blobs, name), size: statSync(join(blobs, name)).size }))
    .sort((a, b) => b.size - a.size);
  const bytes = readFileSync(largest!.path);
  bytes[1000]! ^= 1;
  writeFileSync(largest!.path, bytes);
}

test("row cache mounts: ls, du, export, import and rm", async () => {
  const here = machine();
  await build(here, 1);
  const [there, elsewhere] = [machine(), machine()];
  const cli = async (workspace: Workspace, ...args: string[]) =>
    (await workspace.expectSuccess(["cache", "mounts", ...args])).stdout;

  expect(await cli(here, "ls")).toMatch(/^ID +KEY +MODE +OWNER\nnpm +[0-9a-f]{12} +755 +0:0\n$/);
  expect(await cli(here, "du")).toMatch(/npm .* 3\.00MB\nTotal: 3\.00MB\n/i);
  expect(await cli(here, "export", "--to", ref, "npm")).toMatch(/^npm: \d+ bytes sent\n$/);
  expect(await cli(here, "export", "--to", ref)).toBe("npm: unchanged\n");
  expect(await cli(there, "ls", "--from", ref)).toMatch(/^ID .*SAVED\nnpm /);
  expect(await cli(there, "import", "--from", ref)).toBe("npm: restored\n");
  expect(await cli(there, "import", "--from", ref, "npm")).toBe("npm: is here already\n");
  expect(await cli(there, "import", "--replace", "--from", ref)).toBe("npm: restored\n");
  expect(turnsOf(await build(there, 2))).toEqual(["1", "2"]);
  expect(await cli(there, "rm", "npm")).toMatch(/^npm: removed, 3\.00MB\n$/i);
  expect(await cli(there, "ls")).toBe("ID   KEY   MODE   OWNER\n");
  expect(turnsOf(await build(there, 3))).toEqual(["3"]);

  const failing = async (...args: string[]) => (await elsewhere.run(["cache", "mounts", ...args])).stderr;
  expect(await failing("rm", "npm")).toContain('no cache mount "npm"');
  expect(await failing("rm")).toContain("expected ids of cache mounts, or --all");
  expect(await failing("import", "--from", `${ref}-none`)).toContain("there are no cache mounts at registry");
  expect(await failing("export")).toContain("where to is not said");
  expect(await failing("import", "--from", "type=s3,bucket=b")).toContain(
    "--from type=s3: expected one of registry, local",
  );
});
