// Images of several platforms: cross-built from this one, and built by emulation.
// https://docs.docker.com/build/building/multi-platform/

import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostPlatform, type Index } from "../../oci/index.js";
import { type CliResult, Workspace } from "../helpers/cli.js";
import { baseImage } from "../helpers/images.js";

const OWN = hostPlatform().architecture;
const FOREIGN = OWN === "arm64" ? "amd64" : "arm64";
const MACHINE = { amd64: "x86_64", arm64: "aarch64" }[FOREIGN];
const BOTH = `linux/${OWN},linux/${FOREIGN}`;

const workspace = new Workspace();
let base: string[];
beforeAll(async () => {
  base = ["--build-context", `busybox=oci-layout://${await baseImage("busybox-platforms")}`];
});
afterAll(() => workspace.remove());

function rootOf(layout: string): Index {
  const read = (path: string) => JSON.parse(readFileSync(join(layout, path), "utf8")) as Index;
  const [root] = read("index.json").manifests;
  return read(`blobs/sha256/${root!.digest.slice(7)}`);
}

/** Unpacks one platform's image by other programs. @returns its root */
function unpacked(layout: string, architecture: string): string {
  const bundle = join(workspace.path, `bundle-${basename(layout)}-${architecture}`);
  const single = `${bundle}-layout`;
  execFileSync("skopeo", [
    "--override-arch",
    architecture,
    "copy",
    "--quiet",
    `oci:${layout}:latest`,
    `oci:${single}:x`,
  ]);
  execFileSync("umoci", ["unpack", "--image", `${single}:x`, bundle]);
  return join(bundle, "rootfs");
}

/** Bytes that programs of an architecture begin with, and those that count: from Debian's qemu-user-binfmt. */
const HEADERS: Readonly<Record<string, string>> = {
  aarch64:
    "\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00:\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff",
  x86_64:
    "\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\x3e\\x00:\\xff\\xff\\xff\\xff\\xff\\xfe\\xfe\\xfc\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff",
};

/** Runs tsbuild where binfmt_misc has emulators for these machines and no others: in a user namespace, which has its own. */
function withFormats(machines: readonly string[], args: readonly string[]): Promise<CliResult> {
  const formats = machines.map((machine) => `:${machine}:M::${HEADERS[machine]}:/usr/bin/qemu-${machine}-static:OCPF`);
  const script = [
    "read mapped",
    "mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc",
    ...formats.map((format) => `printf '%s' '${format}' > /proc/sys/fs/binfmt_misc/register`),
    'exec "$@" < /dev/null',
  ].join("\n");
  const { child, result } = workspace.start(args, {
    within: ["unshare", "--user", "--mount", "sh", "-ec", script, "sh"],
  });
  const isReady = () => readlinkSync(`/proc/${child.pid}/ns/user`) !== readlinkSync("/proc/self/ns/user");
  const begin = async () => {
    while (!isReady()) await setTimeout(10);
    for (const map of ["uid_map", "gid_map"]) writeFileSync(`/proc/${child.pid}/${map}`, "0 0 65536");
    child.stdin!.end("mapped\n");
  };
  return begin().then(() => result);
}

describe("--platform with several", () => {
  test("stages of the build platform run once, or once for each value that they read (S-057, features 19, 320)", async () => {
    const dockerfile = [
      "FROM --platform=$BUILDPLATFORM busybox AS tools",
      "RUN echo tools > /tools",
      "FROM --platform=$BUILDPLATFORM busybox AS build",
      "ARG TARGETARCH",
      "COPY --from=tools /tools /tools",
      'RUN echo "for $TARGETARCH" > /out',
      "FROM busybox",
      "COPY --from=build /out /tools /",
    ];
    const context = workspace.files("cross", { Dockerfile: dockerfile.join("\n") });
    const output = join(workspace.path, "cross-layout");
    const { stderr } = await workspace.expectSuccess([
      "--platform",
      BOTH,
      ...base,
      "-o",
      `type=oci,dest=${output},tar=false`,
      "--progress",
      "plain",
      context,
    ]);
    expect(stderr.match(/\] RUN echo tools > \/tools$/gm)).toHaveLength(1);
    expect(stderr).toContain(`[linux/${OWN} build 3/3] RUN echo "for ${FOREIGN}" > /out`);
    expect(stderr).toContain(`[linux/${FOREIGN} stage-2 2/2] COPY --from=build /out /tools /`);
    expect(rootOf(output).manifests.map(({ platform }) => platform)).toEqual([
      { os: "linux", architecture: OWN },
      { os: "linux", architecture: FOREIGN },
    ]);
    for (const architecture of [OWN, FOREIGN]) {
      const root = unpacked(output, architecture);
      expect(readFileSync(join(root, "out"), "utf8")).toBe(`for ${architecture}\n`);
      expect(readFileSync(join(root, "tools"), "utf8")).toBe("tools\n");
    }
  });

  test("the same build again is cached as a whole, and gives the same index", async () => {
    const args = ["--platform", BOTH, ...base, "-q", join(workspace.path, "cross")];
    const first = await workspace.expectSuccess(args);
    const again = await workspace.expectSuccess(args);
    expect(again.stdout).toBe(first.stdout);
  });

  test("two flags are as one with a comma; a platform that is named twice is built once", async () => {
    const args = [...base, "-q", join(workspace.path, "cross")];
    const together = await workspace.expectSuccess(["--platform", BOTH, ...args]);
    const apart = await workspace.expectSuccess([
      "--platform",
      `linux/${OWN}`,
      "--platform",
      `${FOREIGN},linux/${OWN}`,
      ...args,
    ]);
    expect(apart.stdout).toBe(together.stdout);
  });

  test("row 123: --all-platforms is for those that all base images have", async () => {
    workspace.files("all", {
      Dockerfile: "FROM --platform=$BUILDPLATFORM busybox AS own\nFROM busybox\nCOPY --from=own /etc/group /\n",
    });
    const layout = join(workspace.path, "all-layout");
    const output = ["-o", `type=oci,dest=${layout},tar=false`];
    const context = join(workspace.path, "all");
    await workspace.expectSuccess(["build", "-q", "--all-platforms", ...base, ...output, context]);
    const platforms = rootOf(layout).manifests.map(({ platform }) => `${platform!.os}/${platform!.architecture}`);
    expect(platforms.toSorted()).toEqual(BOTH.split(",").toSorted());
    workspace.files("none", { Dockerfile: "FROM scratch\nCOPY Dockerfile /\n" });
    expect(await workspace.run(["build", "--all-platforms", join(workspace.path, "none")])).toMatchObject({
      code: 125,
      stderr: expect.stringContaining("no base image says which platforms there are"),
    });
  });

  test("an archive for docker load is refused: it holds one image", async () => {
    const context = join(workspace.path, "cross");
    const output = `type=docker,dest=${join(workspace.path, "d.tar")}`;
    const { code, stderr } = await workspace.run(["--platform", BOTH, ...base, "-o", output, context]);
    expect(code).toBe(1);
    expect(stderr).toContain("an archive for docker load holds the image of one platform");
  });

  test("a platform that the base image lacks is named", async () => {
    const { code, stderr } = await workspace.run(["--platform", "linux/s390x", ...base, join(workspace.path, "cross")]);
    expect(code).toBe(1);
    expect(stderr).toContain("linux/s390x");
  });
});

describe("RUN for another architecture", () => {
  const dockerfile = ["FROM busybox", "RUN uname -m > /machine", 'RUN ["/bin/sh", "-c", "cat /machine"]'].join("\n");

  beforeAll(() => void workspace.files("foreign", { Dockerfile: dockerfile }));

  test("with an emulator in binfmt_misc it runs as on any other machine (features 19)", async () => {
    const output = join(workspace.path, "foreign-layout");
    const { code, stderr } = await withFormats(
      [MACHINE!],
      [
        "--platform",
        BOTH,
        ...base,
        "-o",
        `type=oci,dest=${output},tar=false`,
        "--progress",
        "plain",
        join(workspace.path, "foreign"),
      ],
    );
    expect(stderr).toMatch(new RegExp(`#\\d+ [\\d.]+ ${MACHINE}$`, "m"));
    expect(code).toBe(0);
    expect(readFileSync(join(unpacked(output, FOREIGN), "machine"), "utf8")).toBe(`${MACHINE}\n`);
  });

  test("without an emulator: the step, what is missing, and what helps", async () => {
    const context = join(workspace.path, "foreign");
    const { code, stderr } = await withFormats([], ["--no-cache", "--platform", `linux/${FOREIGN}`, ...base, context]);
    expect(code).toBe(1);
    expect(stderr).toContain(`this linux/${OWN} machine has no emulator for the programs of linux/${FOREIGN}`);
    expect(stderr).toContain("Dockerfile:2");
    expect(stderr).toContain("FROM --platform=$BUILDPLATFORM");
  });
});
