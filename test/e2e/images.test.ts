// Commands on images as users of docker type them.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Workspace } from "../helpers/cli.js";
import { baseImageFlags } from "../helpers/images.js";
import { leftovers } from "../helpers/leftovers.js";
import { type Registry, startRegistry } from "../helpers/registry.js";

const workspace = new Workspace();
let busybox: string[];
let registry: Registry;
const ids: Record<string, string> = {};

const DOCKERFILE = `FROM busybox
LABEL tier=web
ENV A=1
RUN echo "$A" >/made && mkdir /d && head -c 5000 /dev/zero >/d/big
RUN rm /d/big
CMD ["cat", "/made"]
`;

beforeAll(async () => {
  [busybox, registry] = await Promise.all([baseImageFlags("busybox"), startRegistry()]);
  ids["1"] = await build("app:1", DOCKERFILE);
  ids["2"] = await build("app:2", `${DOCKERFILE.replace("A=1", "A=2")}USER 7\n`);
});
afterAll(async () => {
  await registry.stop();
  workspace.remove();
});

async function build(tag: string | undefined, dockerfile: string): Promise<string> {
  const context = workspace.files("context", { Dockerfile: dockerfile });
  const names = tag === undefined ? [] : ["-t", tag];
  const { stdout } = await workspace.expectSuccess(["build", "-q", ...names, ...busybox, context]);
  return stdout.trim();
}

const run = (...args: string[]) => workspace.run(args);
const out = async (...args: string[]): Promise<string> => (await workspace.expectSuccess(args)).stdout;
const short = (id: string): string => id.slice(7, 19);

describe("images, tag, rmi (rows 327 to 329)", () => {
  test("are listed as docker lists them", async () => {
    const [heading, ...rows] = (await out("images")).trimEnd().split("\n");
    expect(heading).toMatch(/^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE$/);
    expect(rows.find((row) => /^app +2 /.test(row))).toMatch(
      new RegExp(`^app +2 +${short(ids["2"]!)} +.* ago +[0-9.]+MB$`),
    );
    expect(await out("images", "-q", "app:1")).toBe(`${short(ids["1"]!)}\n`);
    expect(await out("images", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}", "--no-trunc", "app:1")).toBe(
      `app:1 ${ids["1"]}\n`,
    );
    expect(await out("images", "--filter", "label=tier=web", "--filter", "reference=app:1", "-q")).toBe(
      `${short(ids["1"]!)}\n`,
    );
    expect(await run("images", "--format", "{{.Nope}}")).toMatchObject({
      code: 125,
      stderr: expect.stringContaining("hint: Use .Repository, .Tag,"),
    });
    expect(await run("images", "--filter", "x=y")).toMatchObject({ code: 125 });
  });

  test("a build without a name can be run, named and removed by its ID", async () => {
    const id = await build(undefined, `${DOCKERFILE}LABEL x=unnamed\n`);
    expect(await out("run", id)).toBe("1\n");
    expect(await out("images", "--filter", "dangling=true", "-q")).toBe(`${short(id)}\n`);
    await out("tag", short(id), "late:1");
    expect(await out("images", "--filter", "dangling=true", "-q")).toBe("");
    expect(await out("rmi", short(id))).toBe(`Untagged: late:1\nDeleted: ${id}\n`);
    expect((await run("inspect", id)).code).toBe(1);
  });

  test("rmi removes what it can, and fails for the rest; --force lets what is missing pass", async () => {
    await out("tag", "app:1", "extra:1");
    const some = await run("rmi", "nope:1", "extra:1");
    expect(some).toMatchObject({ code: 1, stdout: "Untagged: extra:1\n" });
    expect(some.stderr).toContain('no image "nope:1" in the store');
    expect(await run("rmi", "-f", "nope:1")).toMatchObject({ code: 0 });
    await out("tag", "app:1", "other:1");
    expect(await run("rmi", ids["1"]!)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("has names in 2 repositories"),
    });
    await out("rmi", "other:1");
  });
});

describe("inspect, history, diff (rows 332 to 334)", () => {
  test("inspect prints docker's fields of several images, and tells which are missing", async () => {
    const { code, stdout, stderr } = await run("inspect", "app:1", "nope", "app:2");
    expect(code).toBe(1);
    expect(stderr).toContain('no image "nope" in the store');
    expect(JSON.parse(stdout)).toMatchObject([
      {
        Id: ids["1"],
        RepoTags: ["app:1"],
        Architecture: process.arch === "arm64" ? "arm64" : "amd64",
        Os: "linux",
        Config: { Cmd: ["cat", "/made"], Labels: { tier: "web" }, User: "" },
        RootFS: { Type: "layers", Layers: expect.any(Array) },
      },
      { Id: ids["2"], Config: { User: "7" } },
    ]);
  });

  test("inspect --format takes what docker users write", async () => {
    expect(await out("inspect", "-f", "{{.Id}}", "app:1")).toBe(`${ids["1"]}\n`);
    expect(
      await out("inspect", "-f", "{{range .Config.Env}}{{println .}}{{end}}{{index .RepoTags 0}}", "app:1"),
    ).toContain("A=1\napp:1\n");
    expect(await out("inspect", "--format", "{{json .Config.Labels}}", "app:1")).toBe('{"tier":"web"}\n');
    expect(await run("inspect", "-f", "{{.Nope}}", "app:1")).toMatchObject({ code: 125, stdout: "" });
  });

  test("inspect --raw prints the manifest byte for byte", async () => {
    const raw = await out("inspect", "--raw", "app:1");
    const digest = JSON.parse(await out("inspect", "app:1"))[0].Descriptor.digest as string;
    expect(raw).toBe(readFileSync(join(workspace.home, "blobs/sha256", digest.slice(7)), "utf8"));
  });

  test("history tells what each instruction added", async () => {
    const rows = (await out("history", "--format", "{{.Size}} {{.CreatedBy}}", "--no-trunc", "app:1")).split("\n");
    expect(rows[0]).toBe('0B CMD ["cat" "/made"]');
    expect(rows[1]).toMatch(/^0B RUN .*rm \/d\/big # buildkit$/);
    expect(rows[2]).toMatch(/^5kB RUN .*mkdir \/d/);
    expect(await out("history", "-q", "app:1")).toMatch(new RegExp(`^${short(ids["1"]!)}\n<missing>\n`));
    expect(await out("history", "--human=false", "--format", "{{.Size}}", "app:1")).toContain("\n5002\n");
  });

  test("diff tells files and config, and ends as it is asked to", async () => {
    const lines = (await out("diff", "app:1", "app:2")).trimEnd().split("\n");
    expect(lines.slice(0, -1)).toEqual([
      "C /made (content)",
      "config:",
      '  Env.A: "1" -> "2"',
      '  User: (none) -> "7"',
    ]);
    expect(lines.at(-1)).toMatch(/^0 added, 0 removed, 1 changed; files [0-9.]+MB -> [0-9.]+MB \(\+0B\)$/);
    expect(JSON.parse(await out("diff", "--format=json", "app:1", short(ids["2"]!)))).toMatchObject({
      files: [{ path: "/made", kind: "changed", aspects: ["content"], before: { size: 2 }, after: { size: 2 } }],
      config: [{ key: "Env.A" }, { key: "User", after: "7" }],
    });
    expect(await run("diff", "--exit-code", "app:1", "app:2")).toMatchObject({ code: 1 });
    expect(await run("diff", "--exit-code", "app:1", "app:1")).toMatchObject({ code: 0 });
  });
});

describe("save, load, push, pull (rows 330, 331)", () => {
  test.each(["docker", "oci"])("%s archives go through pipes, and run elsewhere", async (format) => {
    const archive = join(workspace.path, `${format}.tar`);
    await out("save", "--format", format, "-o", archive, "app:1", "app:2");
    const other = new Workspace();
    try {
      const { stdout } = await other.expectSuccess(["load"], { stdin: readFileSync(archive) });
      expect(stdout).toBe("Loaded image: app:1\nLoaded image: app:2\n");
      expect((await other.expectSuccess(["run", ids["1"]!.slice(7, 20)])).stdout).toBe("1\n");
      expect((await other.expectSuccess(["load", "-q", "-i", archive])).stdout).toBe("app:1\napp:2\n");
      expect(leftovers(other)).toEqual([]);
    } finally {
      other.remove();
    }
  });

  test("what is no archive is refused, and nothing is left of it", async () => {
    const folder = workspace.files("bad", { text: "no archive\n" });
    const cut = join(folder, "cut.tar");
    writeFileSync(cut, readFileSync(join(workspace.path, "docker.tar")).subarray(0, 100_000));
    for (const path of [join(folder, "text"), cut, folder, join(folder, "missing")]) {
      const { code, stdout, stderr } = await run("load", "-i", path);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(/^ERROR: .*\nhint: .*\n$/);
    }
    expect(leftovers(workspace)).toEqual([]);
  });

  test("save killed in the middle leaves no archive", async () => {
    const dest = join(workspace.path, "killed", "app.tar");
    const saving = workspace.start(["save", "-o", dest, "app:1"]);
    saving.child.kill("SIGKILL");
    await saving.result;
    expect(existsSync(dest)).toBe(false);
  });

  test("push and pull say what docker says", async () => {
    const name = `${registry.host}/x/app:1`;
    await out("tag", "app:1", name);
    const [, digest] = /^1: digest: (sha256:[0-9a-f]{64}) size: \d+\n$/.exec(await out("push", name))!;
    expect(await out("pull", name)).toContain(`Digest: ${digest}\nStatus: `);
    expect(await out("pull", "-q", name)).toBe(`${name}\n`);
    expect(await out("images", "--digests", "--format", "{{.Digest}}", `${registry.host}/x/app`)).toBe(`${digest}\n`);
    const other = new Workspace();
    const { stdout } = await other.expectSuccess(["pull", "-a", `${registry.host}/x/app`]);
    expect(stdout).toContain(`Status: Downloaded newer image for ${name}\n`);
    other.remove();
    expect(await run("pull", "-a", name)).toMatchObject({ code: 125 });
    await out("rmi", name);
  });
});

describe("run (row 335)", () => {
  test("takes input, variables, user, directory, entrypoint, and gives the exit code", async () => {
    const env = join(workspace.files("env", { vars: "# comment\nFILE=yes\n\nHOME\n" }), "vars");
    const args = ["-e", "B=2", "--env-file", env, "-u", "1000:7", "-w", "/made-by-w"];
    const shell = 'cat; echo "$A$B$FILE"; id -u; id -g; pwd; exit 9';
    const result = await workspace.run(["run", "-i", ...args, "--entrypoint", "sh", "app:1", "-c", shell], {
      stdin: "typed\n",
    });
    expect(result).toMatchObject({ code: 9, stdout: "typed\n12yes\n1000\n7\n/made-by-w\n" });
  });

  test("has no input without -i, and no terminal where there is none", async () => {
    expect(await workspace.run(["run", "app:1", "cat"], { stdin: "typed\n" })).toMatchObject({ code: 0, stdout: "" });
    expect(await run("run", "-it", "app:1")).toMatchObject({ code: 125 });
  });

  test("has a terminal with -t", () => {
    const command = "bin/tsbuild run -t app:1 sh -c 'test -t 0 && test -t 1 && echo terminal; exit 5'";
    const script = `script --quiet --return --command "${command}" /dev/null; echo "code $?"`;
    const env = { ...process.env, TSBUILD_HOME: workspace.home };
    expect(execFileSync("sh", ["-c", script], { env, encoding: "utf8" })).toMatch(/terminal\r\ncode 5\n$/);
  });

  test.each([
    ["ends a command that has no handler", "built-in", ["sleep", "20"], 130],
    ["is for the command", "built-in", ["sh", "-c", "trap 'exit 9' INT; while :; do sleep 0.1; done"], 9],
    ["may be ignored", "built-in", ["sh", "-c", "trap '' INT; sleep 1; exit 6"], 6],
    ["is for the command of crun", "crun", ["sh", "-c", "trap 'exit 9' INT; while :; do sleep 0.1; done"], 9],
  ])("Ctrl-C on a terminal %s", async (_what, runtime, words, code) => {
    const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
    const command = `bin/tsbuild run --oci-runtime=${runtime} -it app:1 sh -c 'echo ready; exec "$@"' sh ${quoted}`;
    const env = { ...process.env, TSBUILD_HOME: workspace.home };
    const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], { env });
    child.stdout.on("data", (data: Buffer) => {
      if (String(data).includes("ready")) setTimeout(() => child.stdin.write("\x03"), 200); // the trap is set by then
    });
    expect(await new Promise((resolve) => child.once("close", resolve))).toBe(code);
  });

  test("mounts paths of this machine, and memory", async () => {
    const folder = workspace.files("volume", { given: "here\n" });
    const flags = ["-v", `${folder}:/rw`, "-v", `${folder}:/ro:ro`, "--mount", "type=tmpfs,target=/t,size=1m"];
    const shell = "cat /ro/given; echo out >/rw/out; touch /ro/no; df /t | tail -1";
    const { stdout, stderr } = await workspace.expectSuccess(["run", ...flags, "app:1", "sh", "-c", shell]);
    expect(stdout).toMatch(/^here\ntmpfs +1024 /);
    expect(stderr).toContain("Read-only file system");
    expect(readFileSync(join(folder, "out"), "utf8")).toBe("out\n");
    expect(await run("run", "-v", "/not/there:/x", "app:1")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"/not/there" is not on this machine'),
    });
  });

  test("ends with its command when it is told to", async () => {
    const running = workspace.start(["run", "app:1", "sh", "-c", "echo up >&2; sleep 60"]);
    while (!running.stderr().includes("up")) await new Promise((resolve) => setTimeout(resolve, 50));
    running.child.kill("SIGTERM");
    expect(await running.result).toMatchObject({ code: 143 });
    expect(leftovers(workspace)).toEqual([]);
  });
});

test("report writes one page, whole or not at all", async () => {
  const page = join(workspace.path, "report.html");
  expect((await workspace.expectSuccess(["report", "--against", "app:1", "-o", page, "app:2"])).stderr).toBe(
    `the report is in ${page}\n`,
  );
  const text = readFileSync(page, "utf8");
  expect(text).toMatch(/^<!DOCTYPE html>[^]*Against app:1[^]*deleted by layer [^]*<\/html>\n$/);
  expect(await out("report", "--against", "app:1", "app:2")).toBe(text);
  expect(await run("report", "-o", "/proc/x.html", "app:1")).toMatchObject({ code: 1 });
});

test("a damaged layer is named with its image, and what helps", async () => {
  const id = await build("damaged:1", `${DOCKERFILE}RUN echo only-here >/only\n`);
  const { Layers } = JSON.parse(await out("inspect", "-f", "{{json .RootFS}}", id)) as { Layers: string[] };
  const blob = join(workspace.home, "blobs/sha256", Layers.at(-1)!.slice(7));
  const bytes = readFileSync(blob);
  bytes[600]! ^= 1;
  writeFileSync(blob, bytes);
  const { code, stderr } = await run("save", "-o", join(workspace.path, "damaged.tar"), "damaged:1");
  expect(code).toBe(1);
  expect(stderr).toMatch(
    new RegExp(
      `^ERROR: image "damaged:1" is not whole in the store: .*${Layers.at(-1)}.*\nhint: Build or pull it again`,
      "s",
    ),
  );
  expect(readdirSync(workspace.path).filter((name) => name.startsWith("damaged"))).toEqual([]);
  rmSync(blob, { force: true });
  expect((await run("push", "damaged:1")).stderr).toContain(Layers.at(-1)!);
});
