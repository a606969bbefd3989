// ADD of what is elsewhere, and build contexts that are no directory: real servers on loopback, images looked into.

import { randomBytes } from "node:crypto";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { sha256 } from "../../oci/index.js";
import { builtFiles } from "../helpers/built-files.js";
import { type CliOptions, type CliResult, Workspace } from "../helpers/cli.js";
import { FileServer } from "../helpers/file-server.js";
import { GitServer, type Repository } from "../helpers/git-server.js";
import { baseImageFlags } from "../helpers/images.js";
import { leftovers } from "../helpers/leftovers.js";

const workspace = new Workspace();
const MODIFIED = "Wed, 01 Jan 2020 00:00:00 GMT";
let files: FileServer;
let repositories: GitServer;
let app: Repository;
let count = 0;

beforeAll(async () => {
  [files, repositories] = await Promise.all([FileServer.start(), GitServer.start()]);
  app = repositories.repository("app.git");
  app.commit({
    Dockerfile: "FROM scratch\nCOPY . /\n",
    ".dockerignore": "docs\n",
    "docs/a": "A",
    "run.sh": "run",
    "sub/Containerfile": "FROM scratch\nCOPY run.sh /from-sub\n",
  });
  app.git("tag", "v1");
  app.push();
});
afterEach(() => {
  files.takeLog();
  repositories.takeLog();
  repositories.authorization = undefined;
  expect(leftovers(workspace)).toEqual([]);
});
afterAll(async () => {
  await Promise.all([files.close(), repositories.close()]);
  workspace.remove();
});

interface Built extends CliResult {
  readonly files: Record<string, string>;
}

async function build(args: readonly string[], options: CliOptions = {}): Promise<Built> {
  const layout = join(workspace.path, `image-${count++}`);
  const result = await workspace.expectSuccess(
    ["build", "--progress=plain", "-o", `type=oci,dest=${layout},tar=false`, ...args],
    options,
  );
  return { ...result, files: await builtFiles(layout) };
}

function context(dockerfile: string, more: Record<string, string> = {}): string {
  return workspace.files(`context-${count++}`, { Dockerfile: dockerfile, ...more });
}

async function refused(args: readonly string[]): Promise<string> {
  const { code, stderr } = await workspace.run(["build", "--progress=plain", ...args]);
  expect(code).toBe(1);
  expect(stderr).not.toMatch(/internal error|\n +at /);
  return stderr;
}

describe("ADD of a URL", () => {
  test("S-110: 0600, dated as the server says, named as the URL", async () => {
    const dated = files.serve("/dir/dated.txt", { content: "dated", lastModified: MODIFIED });
    const undated = files.serve("/undated", { content: "undated" });
    const root = files.serve("/", { content: "root" });
    const { files: built } = await build([
      context(`FROM scratch\nADD ${dated}?x=1 ${undated} /in/\nADD ${dated} /as/file\nADD ${root} /in/\n`),
    ]);
    expect(built).toEqual({
      "in/dated.txt": "600 0:0 2020-01-01T00:00:00Z dated",
      "in/undated": "600 0:0 1970-01-01T00:00:00Z undated",
      "as/file": "600 0:0 2020-01-01T00:00:00Z dated",
      "in/__unnamed__": "600 0:0 1970-01-01T00:00:00Z root",
    });
  });

  test("a name that looks like a pattern is a name; --chown and --chmod hold; local files may stand beside it", async () => {
    const url = files.serve("/a%5B*", { content: "odd" });
    const { files: built } = await build([
      context(`FROM scratch\nADD --chown=7:8 --chmod=640 ${url} local /in/\n`, { local: "local" }),
    ]);
    expect(built["in/a[*"]).toBe("640 7:8 1970-01-01T00:00:00Z odd");
    expect(built["in/local"]).toMatch(/^640 7:8 .* local$/);
  });

  test("S-111, S-197: an unchanged file costs one conditional request, and every step is cached; a changed one is noticed", async () => {
    const url = files.serve("/app.conf", { content: "one" });
    const directory = context(`FROM scratch\nADD ${url} /app.conf\n`);
    await build([directory]);
    expect(files.takeLog()).toEqual(["GET /app.conf 200"]);
    const again = await build([directory]);
    expect(files.takeLog()).toEqual(["GET /app.conf 304"]);
    expect(again.stderr).toMatch(/ADD http.*\n#\d+ CACHED/);
    files.serve("/app.conf", { content: "two" });
    expect((await build([directory])).files["app.conf"]).toContain("two");
    files.serve("/app.conf", { content: "two", etag: '"other"', lastModified: MODIFIED });
    const touched = await build([directory]);
    expect(touched.stderr).toMatch(/ADD http.*\n#\d+ CACHED/);
  });

  test("S-111, S-112: with --checksum a file that is here is not asked for; a wrong one is told at its place and not kept", async () => {
    const url = files.serve("/pinned", { content: "pinned" });
    const directory = context(`FROM scratch\nARG SUM\nADD --checksum=$SUM ${url} /\n`);
    const right = `SUM=${sha256("pinned")}`;
    await build(["--build-arg", right, directory]);
    files.takeLog();
    await build(["--build-arg", right, directory]);
    expect(files.takeLog()).toEqual([]);
    const said = await refused(["--build-arg", `SUM=${sha256("else")}`, directory]);
    expect(said).toContain(`expected ${sha256("else")}, downloaded ${sha256("pinned")}`);
    expect(said).toContain("Dockerfile:3");
    expect(existsSync(join(workspace.home, "blobs/sha256", sha256("else").slice(7)))).toBe(false);
  });

  test("archives are left as they are, unless --unpack says otherwise", async () => {
    const tree = workspace.files("archive", { "inner/file": "inside" });
    const tar = execFileSync("tar", ["-cz", "--mtime=@5", "--owner=3", "--group=4", "-C", tree, "inner"]);
    const url = files.serve("/a.tgz", { content: tar });
    const { files: built } = await build([
      context(`FROM scratch\nADD ${url} /packed/\nADD --unpack ${url} /unpacked/\n`),
    ]);
    expect(Object.keys(built).sort()).toEqual(["packed/a.tgz", "unpacked/inner/file"]);
    expect(built["unpacked/inner/file"]).toBe("644 3:4 1970-01-01T00:00:05Z inside");
  });

  test("secrets say who we are, and are in no output, history or key", async () => {
    const url = files.serve("/private", (request, response) => {
      if (request.headers.authorization === "Bearer t0ken-of-mine") response.end("private");
      else response.writeHead(401).end();
    });
    const directory = context(`FROM scratch\nADD ${url} /\n`);
    const said = await refused([directory]);
    expect(said).toContain("answered 401");
    expect(said).toContain("HTTP_AUTH_TOKEN_127.0.0.1");
    const { files: built, stderr } = await build(["--secret", "id=HTTP_AUTH_TOKEN_127.0.0.1,env=TOKEN", directory], {
      env: { TOKEN: "t0ken-of-mine" },
    });
    expect(built["private"]).toContain("private");
    expect(stderr).not.toContain("t0ken-of-mine");
    expect(spawnSync("grep", ["-rl", "t0ken-of-mine", workspace.home]).stdout.toString()).toBe("");
  });

  test.each<[dockerfile: (url: string) => string, says: readonly string[]]>([
    [(url) => `FROM scratch\nADD ${url}/absent /\n`, ["answered 404", "Dockerfile:2"]],
    [
      () => "FROM scratch\nADD http://127.0.0.1:1/a /\n",
      ["cannot reach 127.0.0.1:1: connection refused", "Dockerfile:2"],
    ],
    [() => "FROM scratch\nADD https://[bad/a /\n", ["expected a URL", "Dockerfile:2"]],
    [
      (url) => `FROM scratch\nADD --checksum=sha256:00 ${url} /\n`,
      ["expected sha256: and 64 hex digits", "Dockerfile:2"],
    ],
    [
      (url) => `FROM scratch\nADD --checksum=${sha256("x")} ${url}/a ${url}/b /\n`,
      ["expected one source with --checksum, found 2"],
    ],
    [(url) => `FROM scratch\nADD --keep-git-dir ${url}/a /\n`, ["expected a git repository with --keep-git-dir"]],
    [(url) => `FROM scratch\nCOPY ${url}/a /\n`, ["a URL", "Use ADD for it."]],
  ])("wrong: %s", async (dockerfile, says) => {
    const said = await refused([context(dockerfile(files.url("").replace(/\/$/, "")))]);
    for (const text of says) expect(said).toContain(text);
  });
});

describe("ADD of a git repository", () => {
  test("S-113: its files without .git, 0644 or 0755, dated as the commit; a subdirectory; another ref", async () => {
    const { files: built } = await build([
      context(
        `FROM scratch\nADD ${app.url}#v1 /src\nADD ${app.url}#:docs /docs\nADD --chown=5 ${app.url}?branch=main /own/\n`,
      ),
    ]);
    expect(built["src/run.sh"]).toBe("644 0:0 2020-02-02T02:02:02Z run");
    expect(built["docs/a"]).toBe("644 0:0 2020-02-02T02:02:02Z A");
    expect(built["own/docs/a"]).toBe("644 5:5 2020-02-02T02:02:02Z A");
    expect(Object.keys(built).filter((path) => path.includes(".git"))).toEqual([]);
  });

  test("S-197: the ref is looked up anew; an unchanged commit is cached, a whole hash asks nobody", async () => {
    const moving = repositories.repository("moving.git");
    const first = moving.commit({ f: "one" });
    const directory = context(`FROM scratch\nADD ${moving.url} /src/\n`);
    await build([directory]);
    repositories.takeLog();
    const again = await build([directory]);
    expect(again.stderr).toMatch(/ADD http.*\n#\d+ CACHED/);
    expect(new Set(repositories.takeLog())).toEqual(
      new Set(["GET /moving.git/info/refs", "POST /moving.git/git-upload-pack"]),
    );
    moving.commit({ f: "two" });
    expect((await build([directory])).files["src/f"]).toContain("two");
    repositories.takeLog();
    const pinned = context(`FROM scratch\nADD ${moving.url}#${first} /src/\n`);
    expect((await build([pinned])).files["src/f"]).toContain("one");
    expect(repositories.takeLog()).toEqual([]);
  });

  test("--checksum holds the commit, --keep-git-dir keeps .git", async () => {
    const commit = app.git("rev-parse", "v1");
    const { files: built } = await build([
      context(`FROM scratch\nADD --checksum=${commit} --keep-git-dir ${app.url}#v1 /src/\n`),
    ]);
    expect(built["src/.git/HEAD"]).toContain(commit);
    const said = await refused([context(`FROM scratch\nADD --checksum=${"0".repeat(40)} ${app.url}#v1 /src/\n`)]);
    expect(said).toContain(`expected v1 to be commit ${"0".repeat(40)}, found ${commit}`);
    expect(said).toContain("Dockerfile:2");
  });

  test("passwords in URLs get into no output, history or process list", async () => {
    repositories.authorization = `Basic ${Buffer.from("me:pass-word-1").toString("base64")}`;
    const layout = join(workspace.path, "secret-image");
    const directory = context(`FROM scratch\nADD ${app.url.replace("//", "//me:pass-word-1@")}#v1 /src/\n`);
    const { stderr } = await workspace.expectSuccess([
      "build",
      "--progress=plain",
      "-o",
      `type=oci,dest=${layout},tar=false`,
      directory,
    ]);
    expect(stderr).toContain("//****@");
    expect(stderr).not.toContain("pass-word-1");
    for (const name of readdirSync(join(layout, "blobs/sha256")))
      expect(readFileSync(join(layout, "blobs/sha256", name)).includes("pass-word-1")).toBe(false);
  });

  test("a failure says its place", async () => {
    const said = await refused([context(`FROM scratch\nADD ${app.url}#nowhere /src/\n`)]);
    expect(said).toContain('has no ref "nowhere"');
    expect(said).toContain("Dockerfile:2");
  });
});

describe("build contexts", () => {
  const PLAIN = "FROM scratch\nCOPY . /\n";

  function tar(compression: readonly string[], tree: Record<string, string>): Buffer {
    return execFileSync("tar", [
      "-c",
      ...compression,
      "--owner=9",
      "--group=9",
      "-C",
      workspace.files(`tree-${count++}`, tree),
      ".",
    ]);
  }

  test("S-186: a git repository, all of it", async () => {
    const { files: built, stderr } = await build([`${app.url}#v1`]);
    expect(Object.keys(built).sort()).toEqual([".dockerignore", "Dockerfile", "docs/a", "run.sh", "sub/Containerfile"]);
    expect(built["docs/a"]).toBe("644 0:0 2020-02-02T02:02:02Z A");
    expect(stderr).toContain(`[internal] load git source ${app.url}#v1`);
    const again = await build([`${app.url}#v1`]);
    expect(again.stderr).toMatch(/COPY \. \/\n#\d+ CACHED/);
  });

  test("a subdirectory, another Dockerfile, one of this machine, one on stdin, and .git kept", async () => {
    const sub = context("FROM scratch\nCOPY Containerfile /own\n");
    expect(Object.keys((await build(["-f", "sub/Containerfile", app.url])).files)).toEqual(["from-sub"]);
    expect(Object.keys((await build(["-f", join(sub, "Dockerfile"), `${app.url}#:sub`])).files)).toEqual(["own"]);
    expect(Object.keys((await build(["-f", "-", app.url], { stdin: "FROM scratch\nCOPY docs /\n" })).files)).toEqual([
      "a",
    ]);
    expect((await build(["--build-arg", "BUILDKIT_CONTEXT_KEEP_GIT_DIR=1", app.url])).files[".git/HEAD"]).toBeDefined();
    const relative = await build(["-f", "Dockerfile", `${app.url}#:sub`], { cwd: sub });
    expect(Object.keys(relative.files)).toEqual(["own"]);
  });

  test.each([
    ["tar", []],
    ["gzip", ["-z"]],
    ["bzip2", ["-j"]],
    ["xz", ["-J"]],
    ["zstd", ["--zstd"]],
  ] as const)("S-186: an archive on stdin: %s", async (_, compression) => {
    const stdin = tar(compression, { Dockerfile: PLAIN, ".dockerignore": "a", a: "A" });
    const { files: built } = await build(["-"], { stdin });
    expect(Object.keys(built).sort()).toEqual([".dockerignore", "Dockerfile", "a"]);
    expect(built["a"]).toMatch(/^644 0:0 .* A$/);
  });

  test("an archive on stdin with a Dockerfile in it, and with one of this machine", async () => {
    const stdin = tar([], { "build/Other": "FROM scratch\nCOPY a /in\n", a: "A" });
    expect(Object.keys((await build(["-f", "build/Other", "-"], { stdin })).files)).toEqual(["in"]);
    const own = context("FROM scratch\nCOPY a /out\n");
    expect(Object.keys((await build(["-f", join(own, "Dockerfile"), "-"], { stdin })).files)).toEqual(["out"]);
  });

  test("a Dockerfile on stdin has nothing to copy from", async () => {
    expect((await build(["-"], { stdin: "FROM scratch\nCOPY . /\nCOPY <<f /f\ntext\nf\n" })).files["f"]).toMatch(
      /^644 0:0 .* text\n$/,
    );
    const { code, stderr } = await workspace.run(["build", "-f", "Dockerfile", "-"], { stdin: "FROM scratch\n" });
    expect(code).not.toBe(0);
    expect(stderr).toContain("found a Dockerfile in the stream");
  });

  test("an archive behind a URL is downloaded and unpacked once; a Dockerfile behind one is built", async () => {
    const url = files.serve("/context.tar.gz", { content: tar(["-z"], { Dockerfile: PLAIN, a: "A" }) });
    expect((await build([url])).files["a"]).toMatch(/^644 0:0 .* A$/);
    const again = await build([url]);
    expect(files.takeLog()).toEqual(["GET /context.tar.gz 200", "GET /context.tar.gz 304"]);
    expect(again.stderr).toMatch(/COPY \. \/\n#\d+ CACHED/);
    const text = files.serve("/some.Dockerfile", { content: "FROM scratch\nCOPY <<f /f\ntext\nf\n" });
    expect(Object.keys((await build([text])).files)).toEqual(["f"]);
    expect(Object.keys((await build(["-f", text, context("", {})])).files)).toEqual(["f"]);
  });

  test("Containerfile is found where there is no Dockerfile", async () => {
    const directory = workspace.files("containerfile", { Containerfile: "FROM scratch\nCOPY Containerfile /c\n" });
    expect(Object.keys((await build([directory])).files)).toEqual(["c"]);
  });

  test("nothing outside of a context is read through its symlinks", async () => {
    const tree = workspace.files("evil", { a: "A" });
    symlinkSync(join(workspace.files("host", { secret: "FROM scratch\n" }), "secret"), join(tree, "Dockerfile"));
    symlinkSync("/etc", join(tree, "host"));
    const stdin = execFileSync("tar", ["-c", "-C", tree, "."]);
    const linked = await workspace.run(["build", "-"], { stdin });
    expect(linked.stderr).toContain("no Dockerfile, dockerfile, Containerfile in");
    const passwd = await workspace.run(
      ["build", "-f", join(context("FROM scratch\nCOPY host/passwd /\n"), "Dockerfile"), "-"],
      { stdin },
    );
    expect(passwd.stderr).toContain('"/host/passwd": not found');
    const outside = execFileSync("tar", ["-cP", "-C", tree, "--transform=s,^a$,../../../../outside,", "a"]);
    await workspace.run(["build", "-"], { stdin: outside });
    expect(existsSync(join(workspace.path, "outside"))).toBe(false);
    rmSync(tree, { recursive: true });
  });

  test("named contexts: git, archive, file, image and layout; what the target does not need is not fetched", async () => {
    const archive = files.serve("/named.tar", { content: tar([], { a: "A" }) });
    const file = files.serve("/named.txt", { content: "text" });
    const directory = context(
      "FROM scratch AS other\nCOPY --from=unused / /\nFROM src\nCOPY --from=arc a /arc\nCOPY --from=file context /file\n",
    );
    const flags = [
      `src=${app.url}#v1:docs`,
      `arc=${archive}`,
      `file=${file}`,
      "unused=http://127.0.0.1:1/never",
    ].flatMap((value) => ["--build-context", value]);
    const { files: built, stderr } = await build([...flags, directory]);
    expect(Object.keys(built).sort()).toEqual(["a", "arc", "file"]);
    expect(built["file"]).toContain("text");
    expect(stderr).toContain(`[context src] load ${app.url}`);
    const said = await refused(["--build-context", "src=s3://bucket/x", directory]);
    expect(said).toContain('build context "src": expected a directory or a URL of a known kind, found "s3://bucket/x"');
  });

  test.each<[string, () => string[], readonly string[]]>([
    ["an unknown repository", () => [repositories.url("absent.git")], ["not found"]],
    ["a bad ref", () => [`${app.url}#a..b`], ['found "a..b"']],
    ["an absent archive", () => [files.url("/absent.tar")], ["answered 404"]],
    [
      "no Dockerfile in the repository",
      () => [`${app.url}#:docs`],
      ["no Dockerfile, dockerfile, Containerfile in", "-f"],
    ],
    [
      "a broken archive",
      () => [
        files.serve("/broken.tgz", {
          content: tar(["-z"], { a: randomBytes(5000).toString("hex") }).subarray(0, 2000),
        }),
      ],
      ["gzip"],
    ],
  ])("wrong: %s", async (_, args, says) => {
    const said = await refused(args());
    for (const text of says) expect(said).toContain(text);
  });

  test("RUN mounts what a named context has, wherever it is", async () => {
    const directory = context("FROM busybox\nRUN --mount=from=src,target=/src cp /src/a /copied\n");
    const flags = [...(await baseImageFlags("busybox")), "--build-context", `src=${app.url}#v1:docs`];
    expect((await build([...flags, directory])).files["copied"]).toContain("A");
  });

  test("an interrupted download ends the build at once and leaves nothing", async () => {
    const asked = new Promise<void>((resolve) => {
      files.serve("/endless", (_, response) => {
        response.writeHead(200).write("and then nothing");
        resolve();
      });
    });
    const running = workspace.start(["build", files.url("/endless")]);
    await asked;
    running.child.kill("SIGINT");
    const started = Date.now();
    expect((await running.result).code).toBe(130);
    expect(Date.now() - started).toBeLessThan(2000);
  });
});
