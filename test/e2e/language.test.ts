// Points of the language that only a whole build can prove, each by the image that comes out.

import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { indexLayer } from "../../filesystem/index.js";
import { Workspace } from "../helpers/cli.js";
import { baseImageFlags } from "../helpers/images.js";
import { validateLayout } from "../helpers/validate-image.js";

const workspace = new Workspace();
afterAll(() => workspace.remove());
let count = 0;

interface Built {
  /** `mode uid:gid content` by path, the upper layer's for each; directories end in "/". */
  readonly files: Readonly<Record<string, string>>;
  readonly config: ReturnType<typeof validateLayout>["config"];
  readonly layers: number;
  readonly stderr: string;
}

type Contents = Readonly<Record<string, string>>;

async function build(dockerfile: string, contents: Contents = {}, ...flags: readonly string[]): Promise<Built> {
  return buildIn(workspace.files(`context-${count++}`, { Dockerfile: dockerfile, ...contents }), ...flags);
}

async function buildIn(context: string, ...flags: readonly string[]): Promise<Built> {
  const layout = join(workspace.path, `layout-${count++}`);
  const { stderr } = await workspace.expectSuccess(["build", ...flags, `-otype=oci,tar=false,dest=${layout}`, context]);
  const { config, layers } = validateLayout(layout);
  const files: Record<string, string> = {};
  for (const layer of layers) {
    for (const change of (await indexLayer(oneChunk(layer))).changes) {
      if (change.type !== "file" && change.type !== "directory") continue;
      const { path, type, mode, uid, gid, offset = 0, size } = change;
      const content = type === "file" ? ` ${layer.subarray(offset, offset + size).toString()}` : "";
      files[type === "file" ? path : `${path}/`] = `${mode.toString(8)} ${uid}:${gid}${content}`;
    }
  }
  return { files, config, layers: layers.length, stderr };
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** A tar with these files and their directories, all 0640 and of uid 7 and gid 8. */
function archive(name: string, contents: Contents): string {
  const from = workspace.files(`archive-${count++}`, contents);
  const file = join(workspace.path, name);
  const names = new Set(Object.keys(contents).map((path) => path.split("/")[0]!));
  execFileSync("tar", ["-cf", file, "--owner=:7", "--group=:8", "--mode=640", "-C", from, ...names]);
  return file;
}

describe("the Dockerfile", () => {
  test("S-025: `dockerfile` is found when there is no `Dockerfile`, and either may be a link", async () => {
    const context = workspace.files("lower", { dockerfile: "FROM scratch\nCOPY a /lower\n", a: "1" });
    expect(Object.keys((await buildIn(context)).files)).toEqual(["lower"]);
    writeFileSync(join(context, "real"), "FROM scratch\nCOPY a /linked\n");
    symlinkSync("real", join(context, "Dockerfile"));
    expect(Object.keys((await buildIn(context)).files)).toEqual(["linked"]);
  });

  test("S-105: it and .dockerignore can be copied although the builder needs them, unless they are ignored", async () => {
    const dockerfile = "FROM scratch\nCOPY . /\n";
    const kept = await build(dockerfile, { ".dockerignore": "b\n", a: "", b: "" });
    expect(Object.keys(kept.files).sort()).toEqual([".dockerignore", "Dockerfile", "a"]);
    const left = await build(dockerfile, { ".dockerignore": "Dockerfile\n.dockerignore\n", a: "" });
    expect(Object.keys(left.files)).toEqual(["a"]);
  });
});

describe("COPY", () => {
  test("S-081: sources of a stage begin at its root, whatever its WORKDIR", async () => {
    const { files } = await build(
      "FROM scratch AS a\nWORKDIR /w\nCOPY f .\nCOPY g /f\nFROM scratch\nCOPY --from=a f /x\nCOPY --from=a w/f /y\n",
      { f: "in the workdir", g: "at the root" },
    );
    expect(files).toMatchObject({ x: "644 0:0 at the root", y: "644 0:0 in the workdir" });
  });

  test("S-095: names are those of the filesystem at that line, through links, and part of the key", async () => {
    const dockerfile =
      "FROM scratch\nCOPY one /real/passwd\nCOPY etc /etc\nCOPY --chown=app f /a\nCOPY two /real/passwd\nCOPY --chown=app f /b\n";
    const context = workspace.files("users", {
      Dockerfile: dockerfile,
      one: "app:x:5:6::/:\n",
      two: "app:x:7:8::/:\n",
      f: "",
    });
    mkdirSync(join(context, "etc"));
    symlinkSync("../real/passwd", join(context, "etc/passwd"));
    expect((await buildIn(context)).files).toMatchObject({ a: "644 5:6 ", b: "644 7:8 " });
    writeFileSync(join(context, "one"), "app:x:50:60::/:\n");
    expect((await buildIn(context)).files).toMatchObject({ a: "644 50:60 ", b: "644 7:8 " });
  });

  test("S-102: names with %, +, blanks and letters of any language are literal", async () => {
    const names = ["a%20b", "c+d", "größe", "日本", "e f"];
    const lines = names.map((name) => `COPY ${JSON.stringify([name, `/${name}`])}`);
    const { files } = await build(`FROM scratch\n${lines.join("\n")}\n`, Object.fromEntries(names.map((n) => [n, n])));
    expect(files).toEqual(Object.fromEntries(names.map((name) => [name, `644 0:0 ${name}`])));
  });
});

test.each([
  ["COPY --chown=nobdy f /", 'unknown user "nobdy"', "              ^^^^^"],
  ["COPY f f /one", '2 sources are copied to one file "/one"', "          ^^^^"],
])("what is wrong with %s when it is copied has its place", async (line, message, caret) => {
  const context = workspace.files(`wrong-${count++}`, {
    Dockerfile: `FROM scratch\nCOPY f /etc/passwd\n${line}\n`,
    f: "",
  });
  const { code, stderr } = await workspace.run(["build", context]);
  expect(code).toBe(1);
  expect(stderr).toContain(message);
  expect(stderr).toContain(`3 | ${line}\n  | ${caret.slice(1)}`);
});

describe("ADD", () => {
  test("S-107: a link to an archive is followed; archives in a directory are left as they are", async () => {
    const tar = archive("one.tar", { "in/side": "x" });
    const context = workspace.files("links", { Dockerfile: "FROM scratch\nADD link.tar /a/\nADD dir /b/\n" });
    mkdirSync(join(context, "dir"));
    execFileSync("cp", [tar, join(context, "dir/two.tar")]);
    symlinkSync("dir/two.tar", join(context, "link.tar"));
    const { files } = await buildIn(context);
    expect(files["a/in/side"]).toBe("640 7:8 x");
    expect(Object.keys(files).sort()).toEqual(["a/", "a/in/", "a/in/side", "b/", "b/two.tar"]);
  });

  test("S-108: an archive goes into a directory, with its owners and modes or --chown, and replaces what is there", async () => {
    const tar = archive("two.tar", { "f/g": "new", h: "new" });
    const lines = [
      "FROM scratch",
      "COPY h /plain/f",
      "COPY h /plain/h",
      "ADD two.tar /plain",
      "ADD --chown=1:2 two.tar /owned",
      "ADD --chmod=777 --exclude=h two.tar /flags",
    ];
    const context = workspace.files("extract", { Dockerfile: lines.join("\n"), h: "old" });
    execFileSync("cp", [tar, context]);
    const { files, stderr } = await buildIn(context);
    expect(files).toMatchObject({
      "plain/f/g": "640 7:8 new",
      "plain/h": "640 7:8 new",
      "owned/f/g": "640 1:2 new",
      "flags/h": "640 7:8 new",
    });
    expect(stderr).toContain('--exclude and --chmod do not change what is extracted from the archive "two.tar"');
  });
});

describe("the filesystem and the config", () => {
  test("S-142: WORKDIR has a layer each time, of the USER, and leaves alone what is there", async () => {
    const dockerfile = "FROM scratch\nUSER 5:6\nWORKDIR /a/b\nWORKDIR /kept\nWORKDIR /\n";
    const made = await build(dockerfile);
    expect(made.files).toEqual({ "a/": "755 5:6", "a/b/": "755 5:6", "kept/": "755 5:6" });
    expect([made.layers, made.config.history?.map(({ empty_layer = false }) => empty_layer)]).toEqual([
      2,
      [true, false, false, true],
    ]);
    const there = await build("FROM scratch\nCOPY --chmod=700 x /kept/x\nUSER 5:6\nWORKDIR /kept\n", { x: "" });
    expect([there.files["kept/"], there.layers]).toEqual(["700 0:0", 2]);
  });

  test("S-145: VOLUME makes no directory", async () => {
    const { files, layers, config } = await build("FROM scratch\nVOLUME /data\n");
    expect([files, layers, config.config.Volumes]).toEqual([{}, 0, { "/data": {} }]);
  });

  test("S-149: Healthcheck, Shell and OnBuild are in the config of both formats", async () => {
    const dockerfile = 'FROM scratch\nHEALTHCHECK CMD ["x"]\nSHELL ["/s", "-c"]\nONBUILD RUN y\n';
    const expected = { Healthcheck: { Test: ["CMD", "x"] }, Shell: ["/s", "-c"], OnBuild: ["RUN y"] };
    expect((await build(dockerfile)).config.config).toMatchObject(expected);
    const file = join(workspace.path, "docker.tar");
    await workspace.expectSuccess(["build", "-t", "s149", `-otype=docker,dest=${file}`, "-"], { stdin: dockerfile });
    const read = (name: string) => JSON.parse(execFileSync("tar", ["-xOf", file, name], { encoding: "utf8" })) as never;
    const [{ Config }] = read("manifest.json") as [{ Config: string }];
    expect((read(Config) as { config: object }).config).toMatchObject(expected);
  });
});

test("S-055: another value of an ARG busts the next RUN, though it does not use it, and nothing before it", async () => {
  const base = await baseImageFlags("busybox");
  const dockerfile = "FROM busybox\nRUN echo one\nARG V\nCOPY a /\nRUN echo two\n";
  const context = workspace.files("arg", { Dockerfile: dockerfile, a: "" });
  const steps = async (value: string) => {
    const words = ["build", "--progress=plain", ...base, `--build-arg=V=${value}`, context];
    const { stderr } = await workspace.expectSuccess(words);
    const names = new Map(Array.from(stderr.matchAll(/^#(\d+) \[\d\/4\] (.*)$/gm), ([, id, name]) => [id, name]));
    return Array.from(stderr.matchAll(/^#(\d+) CACHED$/gm), ([, id]) => names.get(id)).filter(Boolean);
  };
  await steps("1");
  expect(await steps("2")).toEqual(["RUN echo one", "COPY a /"]);
  expect(await steps("2")).toEqual(["RUN echo one", "COPY a /", "RUN echo two"]);
  rmSync(context, { recursive: true });
});

describe("build arguments that steer the builder (features rows 96 to 99)", () => {
  test("BUILDKIT_SANDBOX_HOSTNAME names the machine that steps see", async () => {
    const base = await baseImageFlags("busybox");
    const flag = "--build-arg=BUILDKIT_SANDBOX_HOSTNAME=builder7";
    const { files } = await build(
      "FROM busybox AS a\nRUN hostname >/name\nFROM scratch\nCOPY --from=a /name /\n",
      {},
      ...base,
      flag,
    );
    expect(files["name"]).toBe("644 0:0 builder7\n");
  });

  test("BUILDKIT_INLINE_CACHE=1 is --cache-to type=inline", async () => {
    const dockerfile = "FROM scratch\nCOPY a /\n";
    const byArgument = await build(
      dockerfile,
      { a: "" },
      "--source-date-epoch=0",
      "--build-arg=BUILDKIT_INLINE_CACHE=1",
    );
    const byFlag = await build(dockerfile, { a: "" }, "--source-date-epoch=0", "--cache-to=type=inline");
    const without = await build(dockerfile, { a: "" }, "--source-date-epoch=0");
    expect(Object.keys(byArgument.config).sort()).toEqual(Object.keys(byFlag.config).sort());
    expect(Object.keys(byArgument.config).length).toBeGreaterThan(Object.keys(without.config).length);
  });

  test.each([
    ["BUILDKIT_SYNTAX=example.org/frontend", 'the frontend "example.org/frontend" cannot be run'],
    ["BUILDKIT_MULTI_PLATFORM=1", "BUILDKIT_MULTI_PLATFORM asks for an index of one platform"],
  ])("%s is refused", async (argument, message) => {
    const context = workspace.files("refused", { Dockerfile: "FROM scratch\nCOPY a /\n", a: "" });
    const { code, stderr } = await workspace.run(["build", `--build-arg=${argument}`, context]);
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
    await workspace.expectSuccess(["build", "--build-arg=BUILDKIT_SYNTAX=docker/dockerfile:1", context]);
  });
});
