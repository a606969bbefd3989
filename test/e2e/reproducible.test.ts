// The same input gives the same digest, and what does not is named (rows 294, 295, 299; S-172, S-173). That it is the same
// whoever builds it is in run/rootless.test.ts.

import { execFileSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Descriptor, ImageConfig, Manifest } from "../../index.js";
import { Workspace } from "../helpers/cli.js";
import { baseImageFlags } from "../helpers/images.js";

const workspace = new Workspace();
const at = (...names: string[]) => join(workspace.path, ...names);
const EPOCH = "1600000000";
let base: string[];

const DOCKERFILE = `FROM busybox AS made
WORKDIR /made/deep
RUN for name in a b c; do echo $name >$name; done; ln a hard; ln -s a soft; mkdir empty
FROM busybox AS other
RUN sleep 0.2; echo other >/other
FROM busybox
COPY --from=made /made /made
COPY --from=other /other /
COPY text /
ARG SOURCE_DATE_EPOCH
RUN rm /etc/group; echo "built at $SOURCE_DATE_EPOCH" >/when
USER 1000:1000
WORKDIR /home/own
`;

beforeAll(async () => {
  workspace.files("context", { Dockerfile: DOCKERFILE, text: "text\n" });
  base = await baseImageFlags("busybox");
});
afterAll(() => workspace.remove());

function read<Value>(layout: string, { digest }: Pick<Descriptor, "digest">): Value {
  return JSON.parse(readFileSync(at(layout, "blobs", ...digest.split(":")), "utf8")) as Value;
}

function rootOf(layout: string): Descriptor {
  return (JSON.parse(readFileSync(at(layout, "index.json"), "utf8")) as { manifests: [Descriptor] }).manifests[0];
}

const output = (layout: string) => ["-o", `type=oci,dest=${at(layout)},tar=false,rewrite-timestamp=true`];

async function digestOf(layout: string, home: string, args: readonly string[], context = "context"): Promise<string> {
  const env = { TSBUILD_HOME: at(home), SOURCE_DATE_EPOCH: EPOCH };
  await workspace.expectSuccess(["build", "-q", ...base, ...output(layout), ...args, at(context)], { env });
  return rootOf(layout).digest;
}

describe("rewrite-timestamp with SOURCE_DATE_EPOCH", () => {
  test("one digest: in new stores, with any --jobs, from another directory, later, with other times, and from the cache", async () => {
    const first = await digestOf("first", "home-1", ["-j1"]);
    cpSync(at("context"), at("elsewhere/context"), { recursive: true });
    utimesSync(at("elsewhere/context/text"), 1_700_000_000, 1_700_000_000);
    await setTimeout(1100);
    expect(await digestOf("second", "home-2", ["-j8"], "elsewhere/context")).toBe(first);
    expect(await digestOf("third", "home-2", ["--no-cache"])).toBe(first);
    expect(await digestOf("cached", "home-2", [])).toBe(first);
  });

  test("steps that ran before the epoch, and without one, are dated as those that run after it", async () => {
    workspace.files("before", { Dockerfile: "FROM busybox\nWORKDIR /w\nRUN echo x >/w/x; sleep 1.1; echo y >/w/y\n" });
    const home = at("home-before");
    await workspace.expectSuccess(["build", "-q", ...base, at("before")], { env: { TSBUILD_HOME: home } });
    await setTimeout(1100);
    const now = String(Math.floor(Date.now() / 1000));
    const build = async (layout: string, store: string) => {
      const env = { TSBUILD_HOME: store, SOURCE_DATE_EPOCH: now };
      await workspace.expectSuccess(["build", "-q", ...base, ...output(layout), at("before")], { env });
      return rootOf(layout).digest;
    };
    expect(await build("from-cache", home)).toBe(await build("from-nothing", at("home-after")));
  });

  test("S-172: image and new history are of the epoch, the base's history and layers stay", () => {
    const manifest = read<Manifest>("first", rootOf("first"));
    const { created, history } = read<ImageConfig>("first", manifest.config);
    const epoch = new Date(Number(EPOCH) * 1000).toISOString();
    expect(created).toBe(epoch);
    expect(history.slice(1).map((entry) => entry.created)).toEqual(history.slice(1).map(() => epoch));
    const layout = base[1]!.replace(/^.*oci-layout:\/\//, "");
    const [own] = (JSON.parse(readFileSync(join(layout, "index.json"), "utf8")) as { manifests: [Descriptor] })
      .manifests;
    const ownManifest = JSON.parse(readFileSync(join(layout, "blobs", ...own.digest.split(":")), "utf8")) as Manifest;
    expect(manifest.layers[0]!.digest).toBe(ownManifest.layers[0]!.digest); // S-173
  });

  test("no file of a new layer is newer than the epoch, and the steps could see it", () => {
    const { layers } = read<Manifest>("first", rootOf("first"));
    const tars = layers.slice(1).map(({ digest }) => at("first/blobs", ...digest.split(":")));
    const lists = tars.map((tar) => execFileSync("tar", ["-tvzf", tar, "--utc"], { encoding: "utf8" }));
    expect(
      lists
        .join("")
        .match(/20\d\d-\d\d-\d\d \d\d:\d\d/g)!
        .every((time) => time <= "2020-09-13 12:26"),
    ).toBe(true);
    const tar = tars[lists.findIndex((list) => / when$/m.test(list))]!;
    expect(execFileSync("tar", ["-xzOf", tar, "when"], { encoding: "utf8" })).toBe(`built at ${EPOCH}\n`);
  });
});

describe("SOURCE_DATE_EPOCH", () => {
  const created = async (args: readonly string[], env: Record<string, string>) => {
    const layout = `created-${args.length}-${Object.keys(env).length}`;
    await workspace.expectSuccess(
      ["build", "-q", ...base, "-o", `type=oci,dest=${at(layout)},tar=false`, ...args, at("context")],
      { env },
    );
    return read<ImageConfig>(layout, read<Manifest>(layout, rootOf(layout)).config).created;
  };

  test("of the flag, over the build argument, over the environment", async () => {
    const env = { SOURCE_DATE_EPOCH: "1" };
    expect(await created([], env)).toBe("1970-01-01T00:00:01.000Z");
    expect(await created(["--build-arg", "SOURCE_DATE_EPOCH=2"], env)).toBe("1970-01-01T00:00:02.000Z");
    expect(await created(["--build-arg", "SOURCE_DATE_EPOCH=2", "--source-date-epoch=3"], env)).toBe(
      "1970-01-01T00:00:03.000Z",
    );
  });

  test("that is no time is refused", async () => {
    const { code, stderr } = await workspace.run(["build", "--build-arg", "SOURCE_DATE_EPOCH=now", at("context")]);
    expect({ code, stderr }).toMatchObject({
      code: 125,
      stderr: expect.stringMatching(/to be whole seconds since 1970, .*found "now"/),
    });
  });
});

describe("--verify-reproducible (row 299)", () => {
  const verify = (name: string, lines: string) => {
    workspace.files(name, { Dockerfile: `FROM busybox\n${lines}\n` });
    return workspace.run(["build", ...base, "--verify-reproducible", "-o", `type=oci,dest=${at(name)}.tar`, at(name)]);
  };

  test("says nothing of what comes out the same, and writes it", async () => {
    const { code, stderr } = await verify("same", "WORKDIR /w\nRUN echo x >a; mkdir b");
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("build again under other conditions"),
    });
    expect(readFileSync(`${at("same")}.tar`).length).toBeGreaterThan(1000);
  });

  test("what is verified is what is written: another store writes the same digest, and so does --rewrite-timestamp", async () => {
    workspace.files("written", { Dockerfile: "FROM busybox\nRUN echo x >/a\n" });
    const digest = async (home: string, flag: string) => {
      const env = { TSBUILD_HOME: at(home), SOURCE_DATE_EPOCH: EPOCH };
      const dest = `type=oci,dest=${at(`${home}-out`)},tar=false`;
      await workspace.expectSuccess(["build", "-q", ...base, flag, "-o", dest, at("written")], { env });
      return rootOf(`${home}-out`).digest;
    };
    const verified = await digest("home-verified", "--verify-reproducible");
    expect(await digest("home-rewritten", "--rewrite-timestamp")).toBe(verified);
  });

  test.each([
    [
      "date",
      "RUN true\nRUN echo 1 >/a; date +%s >/z",
      '"RUN echo 1 >/a; date +%s >/z" for linux/',
      '"/z" differs in content',
    ],
    ["hostname", "RUN hostname >/h", '"RUN hostname >/h"', '"/h" differs in content'],
    ["random", "RUN mkdir /$(cat /proc/sys/kernel/random/uuid)", "RUN mkdir", "is only in the "],
    [
      "mode",
      "RUN touch /m; [ $(hostname) = buildkitsandbox ] || chmod 600 /m",
      "RUN touch",
      '"/m" differs in mode (644 and 600)',
    ],
  ])("names the first file that differs: %s", async (name, lines, step, difference) => {
    const { code, stderr } = await verify(name, lines);
    expect(code).toBe(1);
    expect(stderr).toContain(step);
    expect(stderr).toContain(difference);
  });

  test("the build again is kept nowhere: builds, logs and explain mean the one that was asked for", async () => {
    const env = { TSBUILD_HOME: at("home-past") };
    workspace.files("past", { Dockerfile: "FROM busybox\nRUN date +%s | tee /t\n" });
    const { code } = await workspace.run(["build", ...base, "--verify-reproducible", at("past")], { env });
    expect(code).toBe(1);
    const { stdout } = await workspace.expectSuccess(["builds", "--format=json"], { env });
    expect(JSON.parse(stdout)).toEqual([expect.objectContaining({ status: "failed" })]);
    expect(readdirSync(at("home-past/builds"))).toHaveLength(1);
    expect((await workspace.expectSuccess(["logs"], { env })).stdout).toMatch(/^\d{10}$/m);
  });
});
