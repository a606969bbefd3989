import { expect, test } from "vitest";
import type { RunMount } from "../../planner/index.js";
import { failure, names, ops, planText, runOf } from "./helpers.js";

async function mounts(flags: string, before = ""): Promise<readonly RunMount[]> {
  return (await runOf(`FROM alpine\n${before}RUN ${flags} x`)).mounts;
}

const owner = { uid: 0, gid: 0 };

test.each<[point: string, flag: string, expected: object]>([
  [
    "S-130 bind is the default, read-only, from the context",
    "target=/t",
    { type: "bind", target: "/t", source: "/", readonly: true, input: 1 },
  ],
  [
    "S-130 rw",
    "type=bind,target=/t,source=a/b,rw",
    { type: "bind", target: "/t", source: "/a/b", readonly: false, input: 1 },
  ],
  ["S-130 readwrite=false", "target=/t,readwrite=false", { readonly: true }],
  ["S-130 ro=false", "dst=/t,ro=0", { readonly: false }],
  ["S-135 a source cannot leave its root", "destination=/t,src=../../x", { source: "/x" }],
  [
    "S-131 the id of a cache is its cleaned target",
    "type=cache,target=/c/../d/",
    { type: "cache", id: "/d", target: "/d", sharing: "shared", source: "/", readonly: false, mode: 0o755, ...owner },
  ],
  [
    "S-131 cache with everything",
    "type=cache,id=i,target=c,sharing=locked,from=alpine,source=s,ro,mode=0700,uid=1,gid=2",
    { id: "i", target: "/c", sharing: "locked", input: 0, source: "/s", readonly: true, mode: 0o700, uid: 1, gid: 2 },
  ],
  ["S-137 tmpfs", "type=tmpfs,target=/t", { type: "tmpfs", target: "/t" }],
  ["S-137 tmpfs size", "type=tmpfs,target=/t,size=1.5m", { size: 1_572_864 }],
  ["S-137 tmpfs size in bytes", "type=tmpfs,target=/t,size=100", { size: 100 }],
  ["S-137 tmpfs size with a long unit", "type=tmpfs,target=/t,size=2GiB", { size: 2 * 1024 ** 3 }],
  [
    "S-138 a secret is below /run/secrets",
    "type=secret,id=a/npmrc",
    { type: "secret", id: "a/npmrc", target: "/run/secrets/npmrc", required: false, mode: 0o400, ...owner },
  ],
  [
    "S-138 its id may come from the target",
    "type=secret,target=/root/.npmrc,required",
    { id: ".npmrc", target: "/root/.npmrc", required: true },
  ],
  [
    "S-138 env alone makes no file",
    "type=secret,id=t,env=T",
    { type: "secret", id: "t", env: "T", required: false, mode: 0o400, ...owner },
  ],
  [
    "S-138 env and a file",
    "type=secret,id=t,env=T,dst=/t,mode=0444,uid=5",
    { env: "T", target: "/t", mode: 0o444, uid: 5 },
  ],
  ["what a mount is anyway may be said", "type=secret,id=a,ro", { type: "secret", id: "a" }],
  ["what a tmpfs is anyway may be said", "type=tmpfs,target=/t,rw", { type: "tmpfs" }],
  [
    "S-139 ssh",
    "type=ssh",
    { type: "ssh", id: "default", target: "/run/buildkit/ssh_agent.0", required: false, mode: 0o600, ...owner },
  ],
  [
    "S-139 ssh with everything",
    "type=ssh,id=k,target=/s,required=true,mode=0666,uid=1,gid=1",
    { id: "k", target: "/s", required: true, mode: 0o666, uid: 1, gid: 1 },
  ],
  ["options are in any case and order", "TARGET=/c,ID=x,TYPE=CACHE", { type: "cache", id: "x" }],
])("%s", async (_point, flag, expected) => {
  expect(await mounts(`--mount=${flag}`)).toEqual([expect.objectContaining(expected)]);
});

test("S-138: a secret with env alone has no target", async () => {
  const [mount] = await mounts("--mount=type=secret,id=t,env=T");
  expect(mount).not.toHaveProperty("target");
});

test("S-049: values are expanded", async () => {
  const [mount] = await mounts("--mount=type=cache,target=$d/$n,id=${n}", "ARG d=/c n=1\n");
  expect(mount).toMatchObject({ target: "/c/1", id: "1" });
});

test("S-136: a relative target is below WORKDIR", async () => {
  expect(await mounts("--mount=target=. --mount=type=tmpfs,target=a/../b", "WORKDIR /w\n")).toMatchObject([
    { target: "/w" },
    { target: "/w/b" },
  ]);
});

test("S-136: of two mounts on one target the later one wins, at the place of the first", async () => {
  const planned = await mounts("--mount=target=/a --mount=type=tmpfs,target=/b --mount=type=cache,target=/a/");
  expect(planned.map(({ type, target }) => `${type} ${target}`)).toEqual(["cache /a", "tmpfs /b"]);
});

test("S-139: SSH_AUTH_SOCK is the first agent, unless the stage sets it", async () => {
  const run = await runOf("FROM alpine\nRUN --mount=type=ssh --mount=type=ssh,id=b x");
  expect(run.mounts.map(({ target }) => target)).toEqual(["/run/buildkit/ssh_agent.0", "/run/buildkit/ssh_agent.1"]);
  expect(run.env).toContain("SSH_AUTH_SOCK=/run/buildkit/ssh_agent.0");
  const own = await runOf("FROM alpine\nENV SSH_AUTH_SOCK=/x\nRUN --mount=type=ssh x");
  expect(own.env.filter((variable) => variable.startsWith("SSH"))).toEqual(["SSH_AUTH_SOCK=/x"]);
});

test("BUILDKIT_CACHE_MOUNT_NS keeps caches apart", async () => {
  const { mounts: planned } = await runOf("FROM alpine\nRUN --mount=type=cache,target=/c x", {
    buildArgs: { BUILDKIT_CACHE_MOUNT_NS: "ci" },
  });
  expect(planned).toMatchObject([{ id: "ci//c" }]);
});

test("from is a stage, scratch or an image", async () => {
  const text =
    "FROM a AS tools\nRUN make\nFROM b\nRUN --mount=from=Tools,target=/t --mount=from=scratch,target=/s --mount=from=c:1,target=/c x";
  const graph = await planText(text);
  const run = ops(graph, "run").at(-1)!;
  const inputs = run.mounts.map((mount) => ("input" in mount ? names(graph)[mount.input!] : undefined));
  expect(inputs).toEqual([
    "[tools 2/2] RUN make",
    "FROM scratch",
    expect.stringMatching(/^FROM docker.io\/library\/c:1@sha256:/),
  ]);
});

test.each<[flag: string, expected: object]>([
  ["type=bnid,target=/t", { code: "bad_flag_value", hint: 'Did you mean "bind"?', at: "2:18 bnid" }],
  [
    "type=cache,target=/t,sharing=lokced",
    {
      code: "bad_flag_value",
      message: 'expected sharing of shared, private, locked, found "lokced"',
      hint: 'Did you mean "locked"?',
    },
  ],
  [
    "type=bind,target=/t,mode=0644",
    {
      code: "unknown_flag",
      message: 'a mount of type bind has no option "mode"',
      hint: "Use only from, source, target, readonly with type=bind.",
    },
  ],
  ["type=tmpfs,target=/t,uid=1", { code: "unknown_flag" }],
  [
    "type=tmpfs,target=/t,ro",
    { code: "bad_flag_value", message: 'a mount of type tmpfs is always writable, found "ro"' },
  ],
  [
    "type=secret,id=a,rw",
    { code: "bad_flag_value", message: 'a mount of type secret is always read-only, found "rw"' },
  ],
  ["type=secret,from=x,id=a", { code: "unknown_flag" }],
  ["type=bind,target=/t,sharing=shared", { code: "unknown_flag" }],
  ["type=ssh,source=x", { code: "unknown_flag" }],
  ["type=cache", { code: "missing_argument", message: "expected target in a mount of type=cache, found none" }],
  ["type=secret", { code: "missing_argument", message: "expected id in a mount of type=secret, found none" }],
  ["type=secret,id=a,source=b", { code: "bad_flag_value" }],
  ["type=cache,target=/x/..", { code: "bad_mount" }],
  [
    "type=tmpfs,target=/dev/",
    { code: "bad_mount", message: 'nothing can be mounted at "/dev", where the devices of the step are' },
  ],
  ["type=bind,target=/proc/self/x", { code: "bad_mount" }],
  ["type=secret,id=s,target=/proc", { code: "bad_mount" }],
  ["type=ssh,target=/proc/1/x", { code: "bad_mount" }],
  ["type=cache,target=/t,mode=8", { code: "bad_flag_value", message: 'expected an octal number for mode, found "8"' }],
  ["type=cache,target=/t,uid=-1", { code: "bad_flag_value" }],
  ["type=cache,target=/t,gid=99999999999", { code: "bad_flag_value" }],
  [
    "type=tmpfs,target=/t,size=big",
    { code: "bad_flag_value", message: 'expected a size such as "64m" for size, found "big"' },
  ],
  ["target=/t,ro=maybe", { code: "bad_flag_value", message: 'expected true or false for ro, found "maybe"' }],
])("--mount=%s is refused", async (flag, expected) => {
  expect(await failure(`FROM alpine\nRUN --mount=${flag} x`)).toMatchObject(expected);
});
