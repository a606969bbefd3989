import { expect, test } from "vitest";
import { AMD64, failure, runOf } from "./helpers.js";

test("S-116, S-117, S-119: what a RUN needs", async () => {
  const run = await runOf("FROM base\nARG v=1\nENV w=2\nWORKDIR /app\nUSER node\nRUN make", {
    images: { base: { Env: ["A=0"], Entrypoint: ["e"], Cmd: ["c"] } },
  });
  expect(run).toEqual({
    kind: "run",
    parent: 1,
    args: ["/bin/sh", "-c", "make"],
    env: ["A=0", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "v=1", "w=2"],
    proxyEnv: [],
    cwd: "/app",
    user: "node",
    network: "default",
    security: "sandbox",
    mounts: [],
    scripts: [],
    platform: AMD64,
  });
});

test.each<[point: string, lines: string, args: string[]]>([
  ["S-016 exec form is as it is", 'ENV x=1\nRUN ["echo","$x"]', ["echo", "$x"]],
  ["S-038 the shell expands, not the builder", "ENV x=1\nRUN echo $x ${x}", ["/bin/sh", "-c", "echo $x ${x}"]],
  ["S-147 the SHELL at its line", 'SHELL ["/bin/bash","-ec"]\nRUN x', ["/bin/bash", "-ec", "x"]],
  ["S-032 one bare heredoc is the script", "RUN <<EOF\necho $x\n\tb\nEOF", ["/bin/sh", "-c", "echo $x\n\tb\n"]],
  ["S-029 <<- drops leading tabs", "RUN <<-EOF\n\t\ta\n\tEOF", ["/bin/sh", "-c", "a\n"]],
  [
    "S-032 with other words the shell reads the heredoc",
    "RUN python3 <<EOF\nprint(1)\nEOF",
    ["/bin/sh", "-c", "python3 <<EOF\nprint(1)\nEOF"],
  ],
  ["S-032 several heredocs", "RUN cat <<A <<'B'\na\nA\nb\nB", ["/bin/sh", "-c", "cat <<A <<'B'\na\nA\nb\nB"]],
  ["S-033 a script with #! is run itself", 'SHELL ["/no"]\nRUN <<EOF\n#!/bin/cat\nx\nEOF', ["/dev/pipes/EOF"]],
])("%s", async (_point, lines, args) => {
  expect((await runOf(`FROM alpine\n${lines}`)).args).toEqual(args);
});

test("S-033: the script is made available", async () => {
  expect((await runOf("FROM alpine\nRUN <<EOF\n#!/bin/cat\nx\nEOF")).scripts).toEqual([
    { name: "EOF", content: "#!/bin/cat\nx\n" },
  ]);
});

test.each([
  ["", {}, "default"],
  ["", { network: "none" }, "none"],
  ["--network=default ", { network: "host" }, "host"],
  ["--network=none ", { network: "host" }, "none"],
  ["--network=host ", { entitlements: ["network.host"] }, "host"],
] as const)("RUN %swith %j has the network %s", async (flag, options, network) => {
  expect((await runOf(`FROM alpine\nRUN ${flag}x`, options)).network).toBe(network);
});

test("--security=insecure needs an entitlement", async () => {
  const text = "FROM alpine\nRUN --security=insecure x";
  expect((await runOf(text, { entitlements: ["security.insecure"] })).security).toBe("insecure");
  expect(await failure(text)).toMatchObject({
    code: "entitlement_denied",
    hint: "Remove the flag, or allow it for the whole build with --allow security.insecure.",
    at: "2:16 insecure",
  });
});

test.each([
  ["--device=vendor.com/gpu=all", ["device"], { name: "vendor.com/gpu=all", required: false }],
  ["--device=vendor.com/gpu,required", ["device=vendor.com/gpu"], { name: "vendor.com/gpu", required: true }],
  ["--device=name=vendor.com/gpu=*,required=false", ["device"], { name: "vendor.com/gpu=*", required: false }],
] as const)("RUN %s is allowed by %j", async (flag, entitlements, device) => {
  expect((await runOf(`FROM alpine\nRUN ${flag} x`, { entitlements })).devices).toEqual([device]);
});

test.each<[flag: string, expected: object]>([
  ["--network=host", { code: "entitlement_denied" }],
  ["--device=vendor.com/gpu=all", { code: "entitlement_denied" }],
  [
    "--device=gpu",
    { code: "bad_flag_value", message: 'expected a device such as "vendor.com/class=name,required", found "gpu"' },
  ],
  ["--device=a.b/c=d,optional", { code: "bad_flag_value" }],
])("RUN %s is refused", async (flag, expected) => {
  expect(await failure(`FROM alpine\nRUN ${flag} x`)).toMatchObject(expected);
});
