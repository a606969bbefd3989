// `tsbuild lock`, `--locked` and source policies (features rows 296, 297; S-199): the real docker-registry, files and repositories on
// loopback.

import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../oci/index.js";
import { builtFiles } from "../helpers/built-files.js";
import { Workspace } from "../helpers/cli.js";
import { FileServer } from "../helpers/file-server.js";
import { GitServer, type Repository } from "../helpers/git-server.js";
import { leftovers } from "../helpers/leftovers.js";
import { type Registry, startRegistry } from "../helpers/registry.js";

const workspace = new Workspace();
let registry: Registry;
let files: FileServer;
let repositories: GitServer;
let app: Repository;
let count = 0;
/** What the Dockerfile names, as policies name it. */
let names: { readonly base: string; readonly tool: string; readonly file: string; readonly repository: string };

beforeAll(async () => {
  [registry, files, repositories] = await Promise.all([startRegistry(), FileServer.start(), GitServer.start()]);
  app = repositories.repository("app.git");
  names = {
    base: `docker-image://${registry.host}/base:1`,
    tool: `docker-image://${registry.host}/tool:1`,
    file: files.url("/file"),
    repository: `git://${repositories.host}/app.git#main`,
  };
  for (const version of [1, 2]) {
    await publish(`base:v${version}`, "FROM scratch\nCOPY f /base\nLABEL from=base\n", `base ${version}`);
    await publish(`tool:v${version}`, "FROM scratch\nCOPY f /tool\n", `tool ${version}`);
  }
});
beforeEach(async () => {
  await Promise.all([retag("base", "v1"), retag("tool", "v1")]);
  files.serve("/file", { content: "file 1" });
  app.commit({ "in-git": "commit 1" });
});
afterEach(() => expect(leftovers(workspace)).toEqual([]));
afterAll(async () => {
  await Promise.all([registry.stop(), files.close(), repositories.close()]);
  workspace.remove();
});

/** @returns the digest, which the registry gives */
async function publish(name: string, dockerfile: string, f: string, ...flags: string[]): Promise<string> {
  const context = workspace.files(`publish-${count++}`, { Dockerfile: dockerfile, f });
  const metadata = join(context, "metadata.json");
  const image = `${registry.host}/${name}`;
  await workspace.expectSuccess(["build", "--push", "-t", image, "--metadata-file", metadata, ...flags, context]);
  return (JSON.parse(readFileSync(metadata, "utf8")) as Record<string, string>)["containerimage.digest"]!;
}

/** A Dockerfile that takes one source of each kind. */
function project(more: Record<string, string> = {}): string {
  const lines = [
    `FROM ${registry.host}/base:1`,
    `ADD ${names.file} /`,
    `ADD ${repositories.url("app.git")}#main /repository/`,
    `COPY --from=${registry.host}/tool:1 /tool /`,
    "",
  ];
  return workspace.files(`project-${count++}`, { Dockerfile: lines.join("\n"), ...more });
}

async function changeEverything(): Promise<void> {
  await Promise.all([retag("base", "v2"), retag("tool", "v2")]);
  app.commit({ "in-git": "commit 2" });
}

/** Lets the tag `1` stand for what another tag stands for. @returns the digest */
async function retag(name: string, tag: string): Promise<string> {
  const url = `http://${registry.host}/v2/${name}/manifests/`;
  const accept = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json";
  const found = await fetch(url + tag, { headers: { accept } });
  const headers = { "content-type": found.headers.get("content-type")! };
  await fetch(`${url}1`, { method: "PUT", headers, body: await found.text() });
  return found.headers.get("docker-content-digest")!;
}

async function built(args: readonly string[], home = workspace.home): Promise<Record<string, string>> {
  const layout = join(workspace.path, `image-${count++}`);
  const words = ["build", "--progress=plain", "--home", home, "-o", `type=oci,dest=${layout},tar=false`, ...args];
  await workspace.expectSuccess(words);
  const contents = Object.entries(await builtFiles(layout));
  return Object.fromEntries(contents.map(([path, line]) => [path, line.split(" ").slice(3).join(" ")]));
}

async function refused(args: readonly string[], env = {}): Promise<string> {
  const { code, stderr } = await workspace.run(args, { env });
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.not.stringContaining("internal error") });
  return stderr;
}

function policy(...rules: readonly object[]): string {
  const file = join(workspace.path, `policy-${count++}.json`);
  writeFileSync(file, JSON.stringify({ version: 1, rules }));
  return file;
}

const deny = (identifier: string) => ({ action: "DENY", selector: { identifier } });
const convert = (identifier: string, updates: object) => ({ action: "CONVERT", selector: { identifier }, updates });

describe("lock", () => {
  test("pins images, files and repositories, and tells what it did", async () => {
    const context = project();
    const digest = await retag("base", "v2");
    const commit = app.commit({});
    const { stdout } = await workspace.expectSuccess(["lock", context]);
    const lock = join(context, "Dockerfile.lock");
    expect(stdout.split("\n")).toEqual([
      expect.stringMatching(new RegExp(`^\\+ ${names.base}  ${digest}$`)),
      expect.stringMatching(new RegExp(`^\\+ ${names.tool}  sha256:[0-9a-f]{64}$`)),
      `+ ${names.repository}  ${commit}`,
      `+ ${names.file}  ${sha256("file 1")}`,
      `${lock}: 4 sources, 4 added`,
      "",
    ]);
    const { version, rules } = JSON.parse(readFileSync(lock, "utf8")) as { version: number; rules: unknown[] };
    expect(version).toBe(1);
    expect(rules).toContainEqual(convert(names.base, { identifier: `${names.base}@${digest}` }));
    expect(rules).toContainEqual(convert(names.file, { attrs: { "http.checksum": sha256("file 1") } }));
    expect(readdirSync(context).toSorted()).toEqual(["Dockerfile", "Dockerfile.lock"]);
  });

  test("again: the same bytes; --check tells what is new, exits with 1 and changes nothing", async () => {
    const context = project();
    const lock = join(context, "Dockerfile.lock");
    const check = () => workspace.run(["lock", "--check", context]);
    expect(await check()).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("does not exist: 4 sources, 4 added"),
    });
    await workspace.expectSuccess(["lock", context]);
    const before = readFileSync(lock);
    expect((await workspace.expectSuccess(["lock", context])).stdout).toBe(`${lock}: 4 sources, no change\n`);
    expect(readFileSync(lock)).toEqual(before);
    expect(await check()).toMatchObject({ code: 0, stdout: `${lock} is up to date: 4 sources, no change\n` });

    files.serve("/file", { content: "file 2" });
    const { code, stdout } = await check();
    const change = `~ ${names.file}  ${sha256("file 1")} → ${sha256("file 2")}\n`;
    expect({ code, stdout }).toEqual({ code: 1, stdout: `${change}${lock} is out of date: 4 sources, 1 changed\n` });
    expect(readFileSync(lock)).toEqual(before);
    const { stdout: json } = await workspace.run(["lock", "--check", "--format=json", context]);
    expect(JSON.parse(json)).toMatchObject({ file: lock, exists: true, count: 4, changes: [{ kind: "changed" }] });
  });

  test("all stages, or those of the target; what is not named any more goes", async () => {
    const text = `FROM ${registry.host}/base:1 AS one\nFROM ${registry.host}/tool:1 AS two\n`;
    const context = workspace.files("stages", { Dockerfile: text });
    expect((await workspace.expectSuccess(["lock", context])).stdout).toContain(": 2 sources, 2 added");
    const { stdout } = await workspace.expectSuccess(["lock", "--target=one", context]);
    expect(stdout).toContain(`- ${names.tool}  sha256:`);
    expect(await refused(["build", "--locked", context])).toContain("not in the lock file");
    await workspace.expectSuccess(["build", "--locked", "--target=one", context]);
  });

  test("what cannot be found is told at its place, and no file is written", async () => {
    const context = workspace.files("missing", { Dockerfile: `FROM scratch\nADD ${files.url("/none")} /\n` });
    const stderr = await refused(["lock", context]);
    expect(stderr).toContain("Dockerfile:2");
    expect(stderr).toContain("404");
    expect(readdirSync(context)).toEqual(["Dockerfile"]);
  });

  test("a file that is no lock file is left alone", async () => {
    const context = project({ "package.json": '{"name": "x"}' });
    const lock = join(context, "package.json");
    expect(await refused(["lock", "--lock-file", lock, context])).toContain('package.json", rules is missing');
    expect(readFileSync(lock, "utf8")).toBe('{"name": "x"}');
  });
});

describe("--locked", () => {
  test("takes what was locked, on an empty machine too, whatever names stand for now", async () => {
    const context = project();
    await workspace.expectSuccess(["lock", context]);
    const before = await built(["--locked", context]);
    expect(before).toMatchObject({ base: "base 1", tool: "tool 1", file: "file 1", "repository/in-git": "commit 1" });
    await changeEverything();
    const log = registry.log();
    files.takeLog();
    repositories.takeLog();
    await workspace.expectSuccess(["build", "--locked", context]);
    expect(registry.log()).toBe(log); // what is pinned and here, nobody is asked for
    expect([files.takeLog(), repositories.takeLog()]).toEqual([[], []]);
    expect(await built(["--locked", context], join(workspace.path, "empty"))).toEqual(before);
    rmSync(join(workspace.path, "empty"), { recursive: true });
    expect(await built(["--pull", context])).toMatchObject({ base: "base 2", "repository/in-git": "commit 2" });
  });

  test("makes the same config and history as a build without", async () => {
    const context = project();
    await workspace.expectSuccess(["lock", context]);
    const idOf = async (...flags: string[]) =>
      (await workspace.expectSuccess(["build", "-q", "--pull", "--source-date-epoch=1", ...flags, context])).stdout;
    expect(await idOf("--locked", "--no-cache")).toBe(await idOf("--no-cache"));
  });

  test("a file that changed is no longer what was locked", async () => {
    const context = project();
    await workspace.expectSuccess(["lock", context]);
    files.serve("/file", { content: "file 3" });
    const home = join(workspace.path, "other");
    expect(await refused(["build", "--home", home, "--locked", context])).toContain(sha256("file 1"));
    rmSync(home, { recursive: true });
  });

  test("names what is not in the file, and where it is", async () => {
    const context = project();
    expect(await refused(["build", "--locked", context])).toContain("there is no lock file");
    await workspace.expectSuccess(["lock", context]);
    const text = readFileSync(join(context, "Dockerfile"), "utf8");
    writeFileSync(
      join(context, "Dockerfile"),
      `${text}ADD ${files.url("/new")} /\nCOPY --from=${registry.host}/base:2 / /\n`,
    );
    for (const command of [["build"], ["build", "--check"], ["plan"], ["shell"]]) {
      const { code, stdout, stderr } = await workspace.run([...command, "--locked", context]);
      expect({ command, code }).toEqual({ command, code: 1 });
      expect(stdout + stderr).toContain(`"${files.url("/new")}" is not in the lock file`);
      expect(stdout + stderr).toContain("Dockerfile:5");
      expect(stdout + stderr).toContain("Dockerfile:6");
    }
    const stderr = await refused(["build", "--locked", context]);
    expect(stderr).toContain(`"docker-image://${registry.host}/base:2" is not in the lock file`);
    expect(stderr).toContain("Run tsbuild lock with the options of this build");
  });

  test("needs no entry for what the Dockerfile pins", async () => {
    const digest = await publish("pinned:1", "FROM scratch\nCOPY f /\n", "pinned");
    const commit = app.commit({});
    const lines = [
      `FROM ${registry.host}/pinned@${digest}`,
      `ADD --checksum=${sha256("file 1")} ${names.file} /`,
      `ADD ${repositories.url("app.git")}#${commit} /`,
    ];
    const context = workspace.files("pinned", { Dockerfile: `${lines.join("\n")}\n` });
    expect((await workspace.expectSuccess(["lock", context])).stdout).toContain(": 0 sources, no change");
    expect(await built(["--locked", context])).toMatchObject({ f: "pinned", file: "file 1" });
  });

  test("platforms: one entry, the index, for all of them", async () => {
    const platforms = "--platform=linux/amd64,linux/arm64";
    const digest = await publish("multi:1", "FROM scratch\nCOPY f /multi\n", "multi 1", platforms);
    const context = workspace.files("multi", { Dockerfile: `FROM ${registry.host}/multi:1\nCOPY Dockerfile /\n` });
    const { stdout } = await workspace.expectSuccess(["lock", platforms, context]);
    expect(stdout).toContain(`+ docker-image://${registry.host}/multi:1  ${digest}\n`);
    await publish("multi:1", "FROM scratch\nCOPY f /multi\n", "multi 2", platforms);
    const layout = join(workspace.path, "multi-layout");
    const output = `type=oci,dest=${layout},tar=false`;
    await workspace.expectSuccess(["build", "--locked", platforms, "-o", output, context]);
    const blobs = readdirSync(join(layout, "blobs/sha256")).map((name) =>
      readFileSync(join(layout, "blobs/sha256", name)),
    );
    const configs = blobs.filter((blob) => blob.includes('"architecture"') && blob.includes('"rootfs"'));
    expect(configs).toHaveLength(2);
    expect((await built(["--locked", "--platform=linux/arm64", context]))["multi"]).toBe("multi 1");
  });

  test("triggers of base images, named contexts and remote build contexts are locked as well", async () => {
    await publish("trigger:1", `FROM scratch\nONBUILD ADD ${names.file} /\n`, "");
    app.commit({
      Dockerfile: `FROM ${registry.host}/trigger:1\nCOPY --from=extra in-git /extra\nCOPY --from=tool /tool /\n`,
    });
    const remote = [
      `--build-context=extra=${repositories.url("app.git")}#main`,
      `--build-context=tool=docker-image://${registry.host}/tool:1`,
      `${repositories.url("app.git")}#main`,
    ];
    const without = await workspace.run(["lock", ...remote]);
    expect(without).toMatchObject({ code: 125, stderr: expect.stringContaining("Add --lock-file FILE.") });
    const lock = ["--lock-file", join(workspace.path, "remote.lock")];
    const { stdout } = await workspace.expectSuccess(["lock", ...lock, ...remote]);
    for (const name of [`docker-image://${registry.host}/trigger:1`, names.tool, names.file, names.repository])
      expect(stdout).toContain(`+ ${name}  `);
    app.commit({ Dockerfile: "FROM none", "in-git": "commit 3" });
    expect(await built(["--locked", ...lock, ...remote])).toMatchObject({
      extra: "commit 1",
      tool: "tool 1",
      file: "file 1",
    });
    expect(await workspace.run(["build", "--locked", ...remote])).toMatchObject({ code: 125 });
    const alone = await workspace.run(["build", ...lock, ...remote]);
    expect(alone).toMatchObject({
      code: 125,
      stderr: expect.stringContaining("Add --locked, or leave out --lock-file."),
    });
  });

  test("passwords of URLs stay out of the file", async () => {
    const url = `http://user:hush-hush@${repositories.host}/app.git`;
    const file = `http://user:hush-hush@${files.host}/file`;
    const context = workspace.files("password", { Dockerfile: `FROM scratch\nADD ${url} /a\nADD ${file} /b\n` });
    const { stdout, stderr } = await workspace.expectSuccess(["lock", context]);
    expect(stdout + stderr + readFileSync(join(context, "Dockerfile.lock"), "utf8")).not.toContain("hush");
    await workspace.expectSuccess(["build", "--locked", context]);
  });

  test("a lock file is a source policy, and without --locked it has no effect", async () => {
    const context = project();
    await workspace.expectSuccess(["lock", context]);
    await changeEverything();
    const { base } = await built(["--pull", "--source-policy", join(context, "Dockerfile.lock"), context]);
    expect(base).toBe("base 1");
    writeFileSync(join(context, "Dockerfile.lock"), "no JSON");
    expect(await built(["--pull", context])).toMatchObject({ base: "base 2" });
    expect(await refused(["build", "--locked", context])).toContain("expected JSON");
  });
});

describe("source policies", () => {
  test("deny images, files and repositories at the lines that name them, all of them at once", async () => {
    const context = project();
    const file = policy({ selector: { identifier: "*" } }, deny(names.tool), deny(names.file), deny("git://*"));
    for (const env of [{}, { EXPERIMENTAL_BUILDKIT_SOURCE_POLICY: file }]) {
      const flags = "EXPERIMENTAL_BUILDKIT_SOURCE_POLICY" in env ? [] : ["--source-policy", file];
      const stderr = await refused(["build", ...flags, context], env);
      for (const [name, line, rule] of [
        [names.tool, 4, 2],
        [names.file, 2, 3],
        [names.repository, 3, 4],
      ] as const) {
        expect(stderr).toContain(`"${name}" is denied by rule ${rule} of the source policy "${file}"`);
        expect(stderr).toContain(`Dockerfile:${line}`);
        expect(stderr).toContain(`Take another source, or change rule ${rule} of ${file}.`);
      }
    }
    expect(await refused(["plan", "--source-policy", file, context])).toContain("is denied by rule 2");
    const check = await workspace.run(["build", "--check", "--source-policy", file, context]);
    expect(check.code).toBe(1);
    expect(check.stdout + check.stderr).toContain("is denied by rule 2");
  });

  test("deny a digest: tags that stand for it too, whether or not the image is here", async () => {
    const digest = await publish("digest:1", "FROM scratch\nCOPY f /\n", "x", "--platform=linux/amd64,linux/arm64");
    const context = workspace.files("digest", { Dockerfile: `FROM ${registry.host}/digest:1\n` });
    const file = policy(deny(`docker-image://${registry.host}/*@${digest}`));
    for (const pull of ["--pull=always", "--pull=missing"]) {
      const stderr = await refused(["build", pull, "--platform=linux/arm64", "--source-policy", file, context]);
      expect(stderr).toContain(`"docker-image://${registry.host}/digest:1@${digest}" is denied by rule 1`);
    }
  });

  test("deny what triggers and mounts take, and build contexts", async () => {
    await publish("trigger:2", `FROM scratch\nONBUILD ADD ${names.file} /\n`, "");
    const trigger = workspace.files("trigger", { Dockerfile: `FROM ${registry.host}/trigger:2\n` });
    const denied = ["--source-policy", policy(deny(names.file), deny(names.tool), deny("git://*"))];
    const inTrigger = await refused(["build", ...denied, trigger]);
    expect(inTrigger).toContain("is denied by rule 1");
    expect(inTrigger).toContain("ONBUILD:1:5");
    const text = `FROM ${registry.host}/base:1\nRUN --mount=from=${registry.host}/tool:1,target=/m true\n`;
    const mount = workspace.files("mount", { Dockerfile: text });
    expect(await refused(["build", ...denied, mount])).toContain("is denied by rule 2");
    expect(await refused(["build", ...denied, repositories.url("app.git")])).toContain("is denied by rule 3");
    const dockerfile = ["-f", names.file, mount];
    expect(await refused(["build", ...denied, ...dockerfile])).toContain("is denied by rule 1");
  });

  test("convert, in a chain, and lock what it was converted to", async () => {
    await publish("mirror/base:1", "FROM scratch\nCOPY f /base\n", "mirrored");
    const context = project();
    const mirrored = `docker-image://${registry.host}/mirror/base:1`;
    const step = "docker-image://docker.io/library/step:1";
    const rules = [convert(names.base, { identifier: step }), convert(step, { identifier: mirrored })];
    const file = policy(...rules, convert(names.file, { attrs: { "http.checksum": sha256("file 1") } }));
    expect(await built(["--source-policy", file, context])).toMatchObject({ base: "mirrored", file: "file 1" });
    const { stdout } = await workspace.expectSuccess(["lock", "--source-policy", file, context]);
    expect(stdout).toContain(`+ ${mirrored}  sha256:`);
    expect(stdout).not.toContain(names.file);
    await publish("mirror/base:1", "FROM scratch\nCOPY f /base\n", "mirrored 2");
    expect(await built(["--locked", "--source-policy", file, context])).toMatchObject({ base: "mirrored" });
    expect(await refused(["build", "--locked", context])).toContain(`"${names.base}" is not in the lock file`);
  });

  test("a policy that cannot be is refused by the place in it", async () => {
    const context = project();
    const file = policy(deny("alpine"));
    expect(await refused(["build", "--source-policy", file, context])).toContain(
      `"${file}", rule 1: no source is called "alpine"`,
    );
    expect(await refused(["build", "--source-policy", "none.json", context])).toContain("none.json");
  });
});
