import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { runCommandLine } from "../../cli/command-line.js";
import { COMMANDS } from "../../cli/commands.js";
import type { Io } from "../../cli/io.js";

const folder = mkdtempSync(join(tmpdir(), "tsbuild-cli-"));
const home = join(folder, "home");
const context = join(folder, "context");
const path = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  words: readonly string[],
  { stdin = "", env = {}, signal = new AbortController().signal } = {},
): Promise<Outcome> {
  const stdout = new PassThrough();
  const out: Buffer[] = [];
  stdout.on("data", (chunk: Buffer) => out.push(chunk));
  let stderr = "";
  const write = (text: string | Uint8Array) => void (stderr += Buffer.from(text as string).toString());
  const io: Io = {
    stdin: Readable.from([Buffer.from(stdin, "latin1")]),
    stdout,
    stderr: { write },
    env: { TSBUILD_HOME: home, ...env },
    signal,
    signals: () => () => {},
  };
  const { code } = await runCommandLine(words, io);
  await new Promise(setImmediate);
  return { code, stdout: Buffer.concat(out).toString("latin1"), stderr };
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;

beforeEach(() => {
  rmSync(context, { recursive: true, force: true });
  rmSync(home, { recursive: true, force: true });
});

/** A context with a Dockerfile that needs no sandbox. */
async function sample(
  dockerfile = "FROM scratch\nARG MODE=a\nCOPY a.txt /\nENV MODE=$MODE\nLABEL from=file\n",
): Promise<string> {
  mkdirSync(context);
  writeFileSync(join(context, "a.txt"), "hi\n");
  writeFileSync(join(context, "Dockerfile"), dockerfile);
  return context;
}

async function inspect(name: string) {
  const { stdout } = await run(["inspect", name]);
  const [image] = JSON.parse(stdout) as [{ Config: { Env: string[]; Labels: Record<string, string> } }];
  return image.Config;
}

describe("build", () => {
  test("is the command when the first word is none, and stdout has results only", async () => {
    const { code, stdout, stderr } = await run(["-t", "app:1", await sample()]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toContain("[1/1] COPY a.txt /\n");
    expect(stderr).toContain("naming to docker.io/library/app:1 done\n");
  });

  test("-q prints the image ID alone", async () => {
    const { stdout, stderr } = await run(["-q", await sample()]);
    expect(stdout.trimEnd()).toMatch(DIGEST);
    expect(stderr).toBe("");
  });

  test("--iidfile and --metadata-file say what was made", async () => {
    const result = await run([
      "-q",
      "-t",
      "app:1",
      "--iidfile",
      path("iid"),
      "--metadata-file",
      path("meta"),
      await sample(),
    ]);
    const id = readFileSync(path("iid"), "utf8");
    expect(`${id}\n`).toBe(result.stdout);
    const metadata = JSON.parse(readFileSync(path("meta"), "utf8")) as Record<string, unknown>;
    expect(metadata).toEqual({
      "buildx.build.provenance": expect.objectContaining({ buildType: "urn:tsbuild:dockerfile:v1" }),
      "buildx.build.ref": expect.stringMatching(/^tsbuild\/tsbuild0\/\S+$/),
      "containerimage.config.digest": id,
      "containerimage.descriptor": expect.objectContaining({
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        size: expect.any(Number),
      }),
      "containerimage.digest": expect.stringMatching(DIGEST),
      "image.name": "docker.io/library/app:1",
    });
  });

  test("a failed build leaves no --iidfile of an earlier one", async () => {
    writeFileSync(path("iid"), "sha256:old");
    writeFileSync(path("meta"), "{}");
    const { code } = await run([
      "-q",
      "--iidfile",
      path("iid"),
      "--metadata-file",
      path("meta"),
      await sample("FROM scratch\nCOPY missing /\n"),
    ]);
    expect([code, existsSync(path("iid")), existsSync(path("meta"))]).toEqual([1, false, false]);
  });

  test("--iidfile that is a link or a device is written through, and stays", async () => {
    symlinkSync(path("target"), path("link"));
    await run(["-q", "--iidfile", path("link"), "--metadata-file", "/dev/null", await sample()]);
    expect(readFileSync(path("target"), "utf8")).toMatch(DIGEST);
    expect([lstatSync(path("link")).isSymbolicLink(), lstatSync("/dev/null").isCharacterDevice()]).toEqual([
      true,
      true,
    ]);
  });

  test("--iidfile that cannot be written fails the build", async () => {
    const { code, stderr } = await run(["--progress=none", "--iidfile", path("no/such/iid"), await sample()]);
    expect(code).toBe(1);
    expect(stderr).toContain(`cannot write "${path("no/such/iid")}": ENOENT`);
  });

  test("--build-arg takes values from the line, then from the environment, else the Dockerfile's default", async () => {
    await sample();
    const modeWith = async (args: string[], env = {}) => {
      await run(["-q", "-t", "app", ...args, context], { env });
      return (await inspect("app")).Env.find((line) => line.startsWith("MODE="));
    };
    expect(await modeWith(["--build-arg", "MODE=x=y"])).toBe("MODE=x=y");
    expect(await modeWith(["--build-arg", "MODE"], { MODE: "env" })).toBe("MODE=env");
    expect(await modeWith(["--build-arg", "MODE"])).toBe("MODE=a");
    expect(await modeWith(["--build-arg", "MODE=1", "--build-arg=MODE=2"])).toBe("MODE=2");
  });

  test("--label adds to the labels of the Dockerfile", async () => {
    await run(["-q", "-t", "app", "--label", "by=line", "--label", "empty", await sample()]);
    expect((await inspect("app")).Labels).toEqual({ from: "file", by: "line", empty: "" });
  });

  test("-f - reads the Dockerfile from stdin, with the context of the line", async () => {
    const { code, stderr } = await run(["-f", "-", await sample("nonsense")], {
      stdin: "FROM scratch\nCOPY a.txt /b\n",
    });
    expect(code).toBe(0);
    expect(stderr).toContain("COPY a.txt /b");
  });

  test("- reads the Dockerfile from stdin, with nothing to copy", async () => {
    expect((await run(["-q", "-"], { stdin: "FROM scratch\nENV A=b\n" })).stdout.trimEnd()).toMatch(DIGEST);
    const { code, stderr } = await run(["-"], { stdin: "FROM scratch\nCOPY a /\n" });
    expect([code, stderr.includes('"/a": not found')]).toEqual([1, true]);
  });

  test("- reads an archive from stdin, with the Dockerfile in it or by its side", async () => {
    await sample();
    const { stdout: stdin } = spawnSync("tar", ["-cz", "-C", context, "."], { encoding: "latin1" });
    expect((await run(["-q", "-"], { stdin })).stdout.trimEnd()).toMatch(DIGEST);
    writeFileSync(path("other"), "FROM scratch\nCOPY a.txt /other\n");
    expect((await run(["-f", path("other"), "-"], { stdin })).stderr).toContain("COPY a.txt /other");
  });

  test("-f - and - together are refused", async () => {
    expect(await run(["-f", "-", "-"])).toMatchObject({
      code: 125,
      stderr: expect.stringContaining("stdin cannot be both build context and Dockerfile"),
    });
  });

  test("-o type=oci,dest=- writes the archive, and nothing else, to stdout", async () => {
    const { stdout } = await run(["-o", "type=oci,dest=-", await sample()]);
    expect(stdout.slice(257, 262)).toBe("ustar");
    expect(stdout.length % 512).toBe(0);
  });

  test("--rm and --force-rm are noted, as they change nothing", async () => {
    const { code, stderr } = await run(["-q", "--rm", "--force-rm=true", await sample()]);
    expect(code).toBe(0);
    expect(stderr).toBe(
      "note: --rm has no effect: tsbuild keeps no intermediate containers\nnote: --force-rm has no effect: tsbuild keeps no intermediate containers\n",
    );
  });

  test("--progress=rawjson prints only JSON to stderr", async () => {
    const { stderr } = await run(["--progress=rawjson", await sample()]);
    const names = stderr
      .trimEnd()
      .split("\n")
      .flatMap(
        (line) => (JSON.parse(line) as { vertexes?: { name: string }[] }).vertexes?.map(({ name }) => name) ?? [],
      );
    expect(names).toContain("[1/1] COPY a.txt /");
  });

  test("errors of the Dockerfile are told together, with places", async () => {
    const { code, stderr } = await run(["--progress=none", await sample("FROM scratch\nRUNN x\nCOPY --chwon=1 a /\n")]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^ERROR: failed to build: failed to solve: dockerfile parse error on line 2: /);
    expect(stderr.match(/^.*Dockerfile:\d+:\d+: error\[\w+\]/gm)).toHaveLength(2);
  });

  test("a build that is interrupted before it begins says so", async () => {
    const { code, stderr } = await run(["--progress=none", await sample()], { signal: AbortSignal.abort() });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^ERROR: failed to build: failed to solve: interrupted\n\d finished steps? (is|are) cached\n$/,
    );
  });
});

describe("images", () => {
  test("are listed, named, renamed and removed", async () => {
    const { stdout: id } = await run(["-q", "-t", "app:1", await sample()]);
    expect(await run(["tag", "app:1", "other:2"])).toMatchObject({ code: 0, stdout: "" });
    expect(await run(["rmi", "app:1"])).toMatchObject({ code: 0, stdout: "Untagged: app:1\n" });
    const { stdout } = await run(["images"]);
    expect(stdout).toMatch(/^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE\nother +2 +[0-9a-f]{12} +\S.* ago +[\d.]+k?B\n$/);
    expect((await run(["images", "-q", "--no-trunc"])).stdout).toBe(id);
    expect((await run(["images", "-q"])).stdout).toBe(`${id.slice(7, 19)}\n`);
    expect(JSON.parse((await run(["images", "--format=json"])).stdout)).toMatchObject({
      Repository: "other",
      Tag: "2",
      ID: id.slice(7, 19),
    });
  });

  test("an empty store has none", async () => {
    expect(await run(["images"])).toEqual({
      code: 0,
      stdout: "REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\n",
      stderr: "",
    });
  });

  test.each([["inspect"], ["rmi"], ["push"], ["run"]])("%s of a name that is not there fails", async (command) => {
    expect(await run([command, "nope"])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^ERROR: no image "nope" in the store\nhint: /),
    });
  });
});

test("parse prints the tree of a file, or of stdin", async () => {
  await sample("FROM scratch AS x\n");
  const tree = { instructions: [expect.objectContaining({ kind: "FROM" })] };
  expect(JSON.parse((await run(["parse", "--format=json", join(context, "Dockerfile")])).stdout)).toMatchObject(tree);
  expect(JSON.parse((await run(["parse", "-"], { stdin: "FROM scratch\n" })).stdout)).toMatchObject(tree);
});

test("parse tells what is wrong, with its place", async () => {
  expect(await run(["parse", "-"], { stdin: "FORM scratch\n" })).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("\n-:1:1: error[unknown_instruction]\n"),
  });
  expect(await run(["parse", path("nope")])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("ENOENT\nhint: Give the path"),
  });
});

test.each(COMMANDS.map(({ name }) => name))("%s --help goes to stdout", async (name) => {
  const { code, stdout, stderr } = await run([name, "--help"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^Usage: tsbuild /);
});

test.each([[["--version"]], [["-v"]], [["version"]]])("%j prints one line", async (words) => {
  expect((await run(words)).stdout).toMatch(/^tsbuild \d+\.\d+\.\d+\n$/);
});

test("no words at all print the help", async () => {
  expect((await run([])).stdout).toBe((await run(["build", "--help"])).stdout);
});

test("help explains flags, refused ones too", async () => {
  expect((await run(["help", "--builder"])).stdout).toContain("It is not supported by this version.");
  expect((await run(["help", "-t"])).stdout).toContain("tsbuild build -t, --tag NAME[:TAG]\n");
  expect(await run(["help", "pus"])).toMatchObject({
    code: 125,
    stderr: expect.stringContaining('hint: Did you mean "push"?'),
  });
});

test.each<[words: string[], message: string]>([
  [["build"], "tsbuild build: expected 1 argument, found none"],
  [["a", "b"], "tsbuild build: expected 1 argument, found 2: a b"],
  [["tag", "a"], "tsbuild tag: expected 2 arguments, found 1: a"],
  [["images", "x", "y"], "tsbuild images: expected 0 to 1 arguments, found 2: x y"],
  [["rmi"], "tsbuild rmi: expected at least 1 argument, found none"],
  [["--buidl-arg", "x", "."], "unknown flag: --buidl-arg (did you mean --build-arg?)"],
  [["--policy", "x", "."], "--policy is not supported by this version"],
  [["completion", "csh"], 'no completion for "csh"'],
  [["--build-arg", "=x", "."], '--build-arg "=x": expected NAME or NAME=VALUE'],
  [["--build-context", "x", "."], '--build-context "x": expected NAME=SOURCE'],
  [["--label", "=x", "."], '--label "=x": the name is missing'],
])("%j is a usage error", async (words, message) => {
  const { code, stdout, stderr } = await run(words);
  expect({ code, stdout }).toEqual({ code: 125, stdout: "" });
  expect(stderr).toMatch(/See "tsbuild \w+ --help"\.\n$/);
  expect(stderr.split("\n")[0]).toBe(`ERROR: ${message}`);
});

test.each([
  [["--squash", "all", "."], 'hint: Write "--squash=all".'],
  [["manifest", "push", "--all=false", "a"], "what it would turn off is always so"],
  [["manifest", "create", "--all=false", "a", "b"], "what it would turn off is always so"],
  [["push", "--disable-content-trust=false", "a"], "what it would turn off is always so"],
  [["rmi", "--no-prune=false", "a"], "what it would turn off is always so"],
  [["save", "-m=false", "a"], "-m=false: what it would turn off is always so"],
  [["run", "--rm=false", "a"], "what it would turn off is always so"],
  [["pull", "-a", "--policy=never", "a"], "--all-tags asks the registry which tags there are"],
  [["pull", "--policy=never", "oci:/nowhere"], 'hint: Leave the policy "never" out.'],
  [["copy", "--remove-signatures=false", "oci:a", "oci:b"], "signatures are copied by --referrers alone"],
])("%j says what to write instead", async (words, hint) => {
  const { code, stderr } = await run(words);
  expect(code).toBe(125);
  expect(stderr).toContain(hint);
});

describe("a first word that is no command", () => {
  test.each([
    [["mount", "two:1"], '"mount" is no command of tsbuild', "tsbuild build -o DIR"],
    [["commit", "-m", "text", "c"], '"commit" is no command of tsbuild', "Write the steps into a Dockerfile"],
    [["--home", "/nowhere", "config", "--env", "A=b", "c"], '"config" is no command of tsbuild', "FROM IMAGE"],
    [["info"], '"info" is no command of tsbuild', "Use tsbuild doctor"],
    [["imagetools", "create", "-t", "a", "b"], '"imagetools" is no command of tsbuild', "tsbuild manifest create"],
    [["quux", "a"], '"quux" is neither a command nor a folder', "tsbuild --help"],
  ])("%j is told what tsbuild has in its place (rows 336, 337, 340)", async (words, message, hint) => {
    const { code, stderr } = await run(words);
    expect(code).toBe(125);
    expect(stderr).toContain(message);
    expect(stderr).toContain(hint);
  });

  test.each(["--version", "-v", "version"])("%s may stand after --home", async (word) => {
    expect(await run(["--home", home, word])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^tsbuild \d/) });
  });
});

describe("what cannot be is refused before anything is built", () => {
  test.each([
    [
      ["-o", `type=oci,dest=${folder}`],
      `expected a file as dest of type=oci, found the directory "${folder}"`,
      "tar=false",
    ],
    [
      ["-o", `type=tar,dest=${folder}`],
      `expected a file as dest of type=tar, found the directory "${folder}"`,
      "type=local",
    ],
    [["--insecure-registry=http://x:5000/v2"], 'an insecure registry, found "http://x:5000/v2"', 'Write "x:5000".'],
  ])("%j", async (flags, message, hint) => {
    const { code, stderr } = await run(["build", ...flags, await sample()]);
    expect(code).toBe(125);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(new RegExp(`^hint: .*${hint}`, "m"));
  });

  test("a command behind flags is pointed out", async () => {
    const { code, stderr } = await run(["--progress", "plain", "pull", "alpine"]);
    expect(code).toBe(125);
    expect(stderr).toContain('hint: Write the command first: "tsbuild pull …".\n');
  });

  test.each([
    [["biuld", "."], 'hint: Did you mean "tsbuild build"?'],
    [["image", "ls"], "tsbuild images, inspect, history"],
    [["hlep"], 'ERROR: "hlep" is neither a command nor a folder\nhint: Did you mean "tsbuild help"?\nSee'],
  ])("%j: a command that is nearly one", async (words, hint) => {
    const { code, stderr } = await run(words);
    expect(code).toBe(125);
    expect(stderr).toContain(hint);
  });

  test.each([
    [["-t", "A:B:C", "."], "expected a repository in lower case"],
    [["--platform", "nosuch", "."], "expected a platform such as"],
    [["tag", "app:1", "A:B:C"], "expected a repository in lower case"],
    [["pull", "A:B:C"], "expected a repository in lower case"],
    [["inspect", "A:B:C"], "expected a repository in lower case"],
    [["copy", "A:B:C", "oci:x"], "expected a repository in lower case"],
  ])("%j: words that cannot be names or platforms", async (words, message) => {
    const { code, stderr } = await run(words);
    expect(code).toBe(125);
    expect(stderr).toMatch(new RegExp(`^ERROR: .*${message}`));
  });

  test("files that tell of the image: what cannot be written is told before the build, a folder that it makes is no reason", async () => {
    const build = await sample();
    const none = await run(["--iidfile", path("none/iid"), "-t", "never:1", build]);
    expect(none).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^ERROR: cannot write ".*none\/iid": ENOENT\n/),
    });
    expect((await run(["--metadata-file", folder, "-t", "never:1", build])).stderr).toContain(": EISDIR\n");
    const twice = await run(["--iidfile", path("one"), "--metadata-file", path("./one"), build]);
    expect(twice).toMatchObject({ code: 125, stderr: expect.stringContaining("two files are to be written to") });
    expect((await run(["-o", path("made/out"), "--iidfile", path("made/iid"), build])).code).toBe(0);
    expect(readFileSync(path("made/iid"), "utf8")).toMatch(DIGEST);
    expect((await run(["images", "-q", "never"])).stdout).toBe("");
  });

  test.each([["images"], ["du"], ["builds"], ["prune", "-f"], ["cache", "mounts", "ls"], ["cache", "verify"]])(
    "%s %s of a store that is not there: it is told, and none is made",
    async (...words) => {
      const typo = path("typo");
      const { code, stderr } = await run([...words, "--home", typo]);
      expect({ code, stderr }).toMatchObject({
        code: 0,
        stderr: expect.stringContaining(`note: there is no store at "${typo}"`),
      });
      expect((await run(["inspect", "app:1", "--home", typo])).code).toBe(1);
      expect(existsSync(typo)).toBe(false);
    },
  );

  test.each([["--cert-dir"], ["--registries-conf"], ["--authfile"]])("%s of what is not there", async (flag) => {
    const pull = await run(["pull", flag, path("nope"), "localhost:1/a"]);
    const build = await run([flag, path("nope"), await sample()]);
    for (const { code, stderr } of [pull, build]) {
      expect(code).toBe(125);
      expect(stderr).toMatch(
        /^(?:Using default tag: latest\n)?ERROR: expected a f\w+ with .* at ".*nope", found nothing\n/,
      );
    }
  });

  test("flags that all commands have may stand before the command, as docker has it", async () => {
    await run(["-q", await sample()]);
    expect(await run(["--home", home, "images", "-q"])).toMatchObject({ code: 0, stderr: "" });
    expect(await run([`--home=${home}`, "-D", "images", "-q"])).toMatchObject({ code: 0, stderr: "" });
  });

  test.each([
    [["images", "--home", "/dev/null/x"], "found a file in its place"],
    [["replay", "/no/such/file"], "it is not there (ENOENT"],
  ])("%j: a path that cannot be used is no bug of ours", async (words, message) => {
    const { code, stderr } = await run(words);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain("internal error");
  });

  test("a port that cannot be is refused before anything is asked", async () => {
    const { code, stderr } = await run(["pull", "localhost:99999/a"]);
    expect(code).toBe(125);
    expect(stderr).toContain('expected a port up to 65535, found "99999"');
  });

  test("attestations of what is no image, and keys that are none, are refused before anything runs", async () => {
    const build = await sample();
    const none = await run(["--provenance=true", "-o", "type=cacheonly", build]);
    expect(none).toMatchObject({ code: 125 });
    expect(none.stderr).toContain("attestations belong to an image or its files, and no output is either");
    const key = await run(["--sign-by", "/no/key", "--push", "-t", "localhost:1/x", build]);
    expect(key.stderr).toContain('cannot read the key "/no/key": ENOENT');
  });
});
