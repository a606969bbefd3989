// What `tsbuild doctor` tells in different worlds, and that builds agree with it.

import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { baseImage } from "../../helpers/images.js";
import { type CallOptions, type Person, UserBench } from "../../helpers/users.js";

const bench = new UserBench();
beforeAll(async () => {
  cpSync(await baseImage("busybox"), bench.at("busybox"), { recursive: true });
  mkdirSync(bench.at("context"));
  writeFileSync(bench.at("context/Dockerfile"), "FROM busybox\nRUN echo ran >/it && cat /it\n");
  bench.share();
});
afterAll(() => bench.close());

interface World extends CallOptions {
  readonly person: Person;
  readonly says: readonly RegExp[];
}

/** A filesystem on which overlayfs cannot write. */
const ON_OVERLAY = (home: string): string =>
  `mkdir -p ${home}/low ${home}/up ${home}/work ${home}/store; chown --reference=${home} ${home}/up ${home}/work ${home}/store; mount -t overlay -o lowerdir=${home}/low,upperdir=${home}/up,workdir=${home}/work store ${home}/store; chown --reference=${home} ${home}/store`;

const WORLDS: readonly (readonly [name: string, world: World])[] = [
  [
    "root",
    {
      person: "root",
      says: [
        /^ok {3}steps +can be run \(built-in\): this process is root of the machine$/m,
        /^ok {3}owners +any: /m,
        /^ok {3}snapshots +overlay: /m,
        /^ok {3}runtimes +built-in, crun, runc: /m,
        /^ok {3}network +.*isolated: (slirp4netns|pasta) serves/m,
      ],
    },
  ],
  [
    "a user with subordinate ids",
    {
      person: "mapped",
      says: [
        /^ok {3}steps +can be run \(built-in\): this process is root of a user namespace$/m,
        /^ok {3}owners +those of the user namespace: newuidmap maps your subordinate ids$/m,
        /^ok {3}snapshots +overlay in a user namespace \(userxattr\): /m,
      ],
    },
  ],
  [
    "a user without",
    {
      person: "single",
      says: [
        /^ok {3}steps +can be run \(built-in\): this process is an ordinary user: /m,
        /^no {3}owners +one: what steps set is kept beside their files.*: \/etc\/subuid has no ids for tsbuild-test$/m,
        /^hint: Add some, as root: usermod --add-subuids (\d+-\d+) --add-subgids \1 tsbuild-test\.$/m,
      ],
    },
  ],
  [
    "root of a container without CAP_SYS_ADMIN",
    {
      person: "contained",
      says: [
        /^ok {3}steps +can be run \(built-in\): this process is root without CAP_SYS_ADMIN: /m,
        /^ok {3}owners +those of the user namespace: they are those of this process$/m,
        /^ok {3}snapshots +overlay in a user namespace/m,
      ],
    },
  ],
  [
    "a store on an overlay, with fuse",
    {
      person: "root",
      prepare: ON_OVERLAY(bench.home("root")),
      says: [
        /^no {3}snapshots +fuse-overlayfs: overlay: cannot mount overlay at \/: .+$/m,
        /^hint: Put the store on ext4/m,
      ],
    },
  ],
  [
    "a store on an overlay, without fuse",
    {
      person: "single",
      prepare: ON_OVERLAY(bench.home("single")),
      fuse: false,
      says: [/^no {3}snapshots +copy: each step copies the whole image: overlay: .*; fuse-overlayfs: .*$/m],
    },
  ],
];

test.each(WORLDS)("doctor tells what there is for %s, and a build has it", async (_, { person, says, ...options }) => {
  const { code, stdout, stderr } = await bench.tsbuild(person, ["doctor"], options);
  for (const line of says) expect(stdout).toMatch(line);
  expect(code, stderr).toBe(0);
  const base = ["--build-context", `busybox=oci-layout://${bench.at("busybox")}`];
  const built = await bench.tsbuild(person, ["build", "--progress=plain", "--no-cache", ...base, "context"], options);
  expect(built.stderr).toMatch(/^#\d+ [\d.]+ ran$/m);
  expect(built.code).toBe(0);
});

test.each<Person>(["single", "mapped"])(
  "an isolated network of a user (%s) works, or is refused for the reason that doctor gives",
  async (person) => {
    const { stdout } = await bench.tsbuild(person, ["doctor"]);
    const [, found, reason = ""] = /^(ok|no) {3}network +.*isolated: (.*)$/m.exec(stdout)!;
    const base = ["--build-context", `busybox=oci-layout://${bench.at("busybox")}`];
    const words = ["build", "--progress=plain", "--no-cache", "--network=isolated", ...base, "context"];
    const { code, stderr } = await bench.tsbuild(person, words);
    if (found === "ok") expect(stderr).toMatch(/^#\d+ [\d.]+ ran$/m);
    else expect(stderr).toContain(reason);
    expect(code).toBe(found === "ok" ? 0 : 1);
  },
);

test("doctor tells what a container forbids that allows no namespaces, and what allows them (348)", async () => {
  writeFileSync(
    bench.at("context/inner"),
    "FROM busybox\nRUN /package/bin/tsbuild doctor --home /tmp/store; echo code $?\n",
  );
  const volumes = ["/usr", "/lib", "/lib64"].map((path) => `--volume=${path}:${path}:ro`);
  const words = [
    "build",
    "--progress=plain",
    "--file=context/inner",
    `--build-context=busybox=oci-layout://${bench.at("busybox")}`,
    ...volumes,
    `--volume=${bench.at("package")}:/package:ro`,
    "context",
  ];
  const { code, stderr } = await bench.tsbuild("root", words);
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/no {3}steps +cannot be run: .*; this process is root without CAP_SYS_ADMIN/);
  expect(stderr).toContain("hint: Let the container make namespaces: docker run --security-opt seccomp=unconfined");
  expect(stderr).toMatch(/ code 1$/m);
});

test("--snapshotter that cannot be had is refused, and says why", async () => {
  const base = ["--build-context", `busybox=oci-layout://${bench.at("busybox")}`];
  const words = ["build", "--progress=plain", "--no-cache", "--snapshotter=overlay", ...base, "context"];
  const { code, stderr } = await bench.tsbuild("root", words, { prepare: ON_OVERLAY(bench.home("root")) });
  expect(stderr).toMatch(/steps cannot be run on overlay: cannot mount overlay at \/: /);
  expect(stderr).toContain("Leave --snapshotter out to take what works here");
  expect(code).toBe(1);
});

test.each([
  ["/bin/false", "/bin/false ended with exit code 1 before it started the step"],
  ["/bin/true", "/bin/true ended with exit code 0 before it started the step"],
])("a program that is no OCI runtime (%s) is to blame, not the command", async (runtime, message) => {
  const base = ["--build-context", `busybox=oci-layout://${bench.at("busybox")}`];
  const words = ["build", "--progress=plain", "--no-cache", `--oci-runtime=${runtime}`, ...base, "context"];
  const { code, stderr } = await bench.tsbuild("root", words);
  expect(stderr).toContain(message);
  expect(stderr).not.toContain("did not complete successfully");
  expect(code).toBe(1);
});
