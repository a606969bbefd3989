import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  checkOut,
  Git,
  type GitOptions,
  type GitSource,
  parseGitSource,
  type ResolvedRef,
  resolveRef,
} from "../../remote/index.js";
import { GitServer, type Repository } from "../helpers/git-server.js";

const directory = mkdtempSync(join(tmpdir(), "tsbuild-checkout-"));
let server: GitServer;
let app: Repository;
let commits: readonly [string, string];
let count = 0;

beforeAll(async () => {
  server = await GitServer.start();
  app = server.repository("app.git");
  commits = [app.commit({ "a.txt": "one", "docs/readme": "read", "run.sh": "#!/bin/sh\n" }), ""];
  app.git("tag", "-a", "v1", "-m", "v1");
  app.git("tag", "light");
  chmodSync(join(app.work, "run.sh"), 0o755);
  symlinkSync("/etc", join(app.work, "etc"));
  commits = [commits[0], app.commit({ "a.txt": "two" })];
  app.git("checkout", "--quiet", "-b", "v2");
  app.commit({ "a.txt": "branch" });
  app.git("tag", "v2", "main");
  app.push();
});
afterEach(() => {
  server.authorization = undefined;
  server.takeLog();
});
afterAll(async () => {
  await server.close();
  rmSync(directory, { recursive: true });
});

interface Checkout extends ResolvedRef {
  readonly files: string;
}

async function fetch(text: string | GitSource, options: Partial<GitOptions> = {}): Promise<Checkout> {
  const source = typeof text === "string" ? parseGitSource(text)! : text;
  const scratch = join(directory, String(count++));
  const home = join(scratch, "home");
  mkdirSync(home, { recursive: true });
  const git = new Git(source, { secret: () => undefined, home, ...options });
  const ref = await resolveRef(git, source, home);
  const files = join(scratch, "tree");
  await checkOut(git, source, ref, { scratch, directory: files });
  return { ...ref, files };
}

const read = (checkout: Checkout, name: string) => readFileSync(join(checkout.files, name), "utf8");

describe("checkOut()", () => {
  test("S-113: the files of HEAD, 0644 or 0755, without .git, dated as the commit", async () => {
    app.git("checkout", "--quiet", "main");
    const checkout = await fetch(app.url);
    expect(checkout).toMatchObject({ commit: commits[1], name: "HEAD" });
    expect(readdirSync(checkout.files).sort()).toEqual(["a.txt", "docs", "etc", "run.sh"]);
    const modes = ["a.txt", "run.sh", "docs", "docs/readme"].map((name) =>
      (lstatSync(join(checkout.files, name)).mode & 0o7777).toString(8),
    );
    expect(modes).toEqual(["644", "755", "755", "644"]);
    for (const name of ["", "a.txt", "docs", "etc"])
      expect(lstatSync(join(checkout.files, name)).mtimeMs).toBe(Date.parse("2020-02-02T02:02:02Z"));
    expect(lstatSync(join(checkout.files, "etc")).isSymbolicLink()).toBe(true);
  });

  test.each<[ref: string, content: string]>([
    ["#v1", "one"],
    ["#light", "one"],
    ["#refs/tags/v1", "one"],
    ["#tags/v1", "one"],
    ["?tag=v1", "one"],
    ["#main", "two"],
    ["#v2", "branch"],
    ["?branch=v2", "branch"],
    ["?tag=v2", "two"],
  ])("%s is %s: a branch goes before a tag", async (ref, content) => {
    expect(read(await fetch(`${app.url}${ref}`), "a.txt")).toBe(content);
  });

  test("a commit by its hash, also one that is no tip; the remote is not asked which it is", async () => {
    const checkout = await fetch(`${app.url}#${commits[0]}`);
    expect(checkout.commit).toBe(commits[0]);
    expect(read(checkout, "a.txt")).toBe("one");
  });

  test("the tag's object or its commit may be named as the checksum; any other is refused", async () => {
    const tag = app.git("rev-parse", "v1");
    for (const checksum of [commits[0], commits[0].slice(0, 7), tag])
      expect((await fetch(`${app.url}?tag=v1&checksum=${checksum}`)).commit).toBe(commits[0]);
    await expect(fetch(`${app.url}?tag=v1&checksum=${commits[1]}`)).rejects.toMatchObject({
      code: "checksum_mismatch",
      message: `"${app.url}": expected refs/tags/v1 to be commit ${commits[1]}, found ${commits[0]}, of the tag ${tag}`,
    });
    await expect(fetch({ remote: app.url, ref: commits[0], checksum: commits[1] })).rejects.toMatchObject({
      code: "checksum_mismatch",
    });
  });

  test("a subdirectory is all there is; a symlink is none", async () => {
    expect(readdirSync((await fetch(`${app.url}#main:docs`)).files)).toEqual(["readme"]);
    for (const path of ["etc", "a.txt", "absent", ".git"]) {
      await expect(fetch(`${app.url}#main:${path}`)).rejects.toMatchObject({
        code: "bad_git_source",
        message: `"${app.url}" has no directory "${path}"`,
      });
    }
  });

  test("keep-git-dir keeps a repository that git reads, with the commit checked out and nothing of this machine", async () => {
    const { files } = await fetch(`${app.url.replace("//", "//me:secret@")}?keep-git-dir&branch=main`);
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "safe.directory=*", ...args], { cwd: files, encoding: "utf8" }).trim();
    expect(git("rev-parse", "HEAD")).toBe(commits[1]);
    expect(git("rev-parse", "refs/heads/main")).toBe(commits[1]);
    expect(git("status", "--porcelain")).toBe("");
    expect(git("remote", "get-url", "origin")).toBe(app.url);
    expect(readdirSync(join(files, ".git"))).not.toContain("hooks");
    expect(spawnSync("grep", ["-rl", "secret", files]).stdout.toString()).toBe("");
  });

  test("mtime=checkout dates files now", async () => {
    const { files } = await fetch(`${app.url}?mtime=checkout`);
    expect(Math.abs(statSync(join(files, "a.txt")).mtimeMs - Date.now())).toBeLessThan(60_000);
  });

  test("submodules come along, also relative and nested ones, unless they are switched off", async () => {
    const [inner, middle, outer] = ["inner.git", "middle.git", "outer.git"].map((name) => server.repository(name));
    middle!.addSubmodule(inner!.url, "inner", inner!.commit({ deep: "deep" }));
    outer!.addSubmodule("../middle.git", "lib/middle", middle!.commit({ mid: "mid" }));
    outer!.commit({ top: "top" });
    const checkout = await fetch(outer!.url);
    expect(read(checkout, "lib/middle/inner/deep")).toBe("deep");
    expect(execFileSync("find", [checkout.files, "-name", ".git"], { encoding: "utf8" })).toBe("");
    expect(readdirSync(join((await fetch(`${outer!.url}?submodules=false`)).files, "lib/middle"))).toEqual([]);
    middle!.commit({ mid: "newer" });
    expect(read(await fetch(outer!.url), "lib/middle/mid")).toBe("mid");
  });

  test("a submodule with a path of this machine is refused", async () => {
    const evil = server.repository("evil.git");
    evil.addSubmodule(app.path, "host", commits[0]);
    evil.commit({});
    await expect(fetch(evil.url)).rejects.toMatchObject({
      code: "bad_git_source",
      message: expect.stringContaining("transport 'file' not allowed"),
    });
  });

  test("hooks, filters and configuration of the host have no effect", async () => {
    const home = join(directory, "hosthome");
    mkdirSync(home);
    const marker = join(home, "ran");
    writeFileSync(
      join(home, ".gitconfig"),
      `[core]\n\thooksPath = ${home}\n[filter "x"]\n\tsmudge = touch ${marker}; cat\n[url "http://127.0.0.1:1/"]\n\tinsteadOf = ${app.url}\n`,
    );
    writeFileSync(join(home, "post-checkout"), `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
    const filtered = server.repository("filtered.git");
    filtered.commit({ ".gitattributes": "* filter=x\n", f: "as it is" });
    const saved = { ...process.env };
    Object.assign(process.env, {
      HOME: home,
      GIT_DIR: "/nonexistent",
      GIT_CONFIG_GLOBAL: join(home, ".gitconfig"),
      GIT_CONFIG_COUNT: "x",
    });
    try {
      expect(read(await fetch(filtered.url), "f")).toBe("as it is");
    } finally {
      for (const name of ["GIT_DIR", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_COUNT"]) delete process.env[name];
      process.env["HOME"] = saved["HOME"];
    }
    expect(existsSync(marker)).toBe(false);
  });
});

describe("authentication", () => {
  const secret = (values: Record<string, string>) => ({
    secret: (id: string) => (values[id] === undefined ? undefined : Buffer.from(values[id])),
  });
  const token = `Basic ${Buffer.from("x-access-token:abc").toString("base64")}`;

  test.each<[what: string, sent: string, values: (host: string) => Record<string, string>, user: string]>([
    ["GIT_AUTH_TOKEN", token, () => ({ GIT_AUTH_TOKEN: "abc\n" }), ""],
    [
      "GIT_AUTH_TOKEN.host before it",
      token,
      (host) => ({ GIT_AUTH_TOKEN: "other", [`GIT_AUTH_TOKEN.${host}`]: "abc" }),
      "",
    ],
    [
      "GIT_AUTH_HEADER before a token",
      "Basic eDp5",
      () => ({ GIT_AUTH_HEADER: "Basic eDp5", GIT_AUTH_TOKEN: "abc" }),
      "",
    ],
    ["the user of the URL", `Basic ${Buffer.from("me:p@w").toString("base64")}`, () => ({}), "me:p%40w@"],
  ])("%s", async (_, sent, values, user) => {
    server.authorization = sent;
    expect(read(await fetch(app.url.replace("//", `//${user}`), secret(values(server.host))), "a.txt")).toBe("two");
  });

  test("without it, or with a wrong one: unauthorized, with the secret to give, and no secret in the message", async () => {
    server.authorization = "Basic right";
    const failure = {
      code: "unauthorized",
      hint: `Give a secret with the id GIT_AUTH_TOKEN.${server.host} or GIT_AUTH_TOKEN.`,
    };
    await expect(fetch(app.url)).rejects.toMatchObject(failure);
    const wrong = await fetch(app.url.replace("//", "//me:hunter2@"), secret({ GIT_AUTH_TOKEN: "wrongtoken" })).catch(
      (error: Error) => error,
    );
    expect(wrong).toMatchObject(failure);
    expect(JSON.stringify([String(wrong), (wrong as Error).stack])).not.toMatch(/hunter2|wrongtoken/);
  });

  test("ssh asks nothing, checks the host's key, and gets the agent only when one was given", async () => {
    const bin = join(directory, "bin");
    mkdirSync(bin);
    const seen = join(bin, "seen");
    writeFileSync(
      join(bin, "ssh"),
      `#!/bin/sh\necho "$* agent=$SSH_AUTH_SOCK" >>${seen}\nfor last; do :; done\nexec sh -c "$last"\n`,
      { mode: 0o755 },
    );
    const path = process.env["PATH"];
    process.env["PATH"] = `${bin}:${path}`;
    process.env["SSH_AUTH_SOCK"] = "/the/users/own";
    try {
      const remote = { remote: `git@x.org:${app.path}`, ref: "main" };
      expect(read(await fetch(remote), "a.txt")).toBe("two");
      expect(read(await fetch(remote, { sshSocket: "/given" }), "a.txt")).toBe("two");
    } finally {
      process.env["PATH"] = path;
      delete process.env["SSH_AUTH_SOCK"];
    }
    const lines = readFileSync(seen, "utf8").trim().split("\n");
    expect(lines[0]).toMatch(
      /-F \/dev\/null -o BatchMode=yes -o StrictHostKeyChecking=yes .*git@x\.org git-upload-pack .* agent=$/,
    );
    expect(lines.at(-1)).toMatch(/agent=\/given$/);
  });
});

describe("failures", () => {
  test.each<[what: string, url: () => string, code: string, message: RegExp, hint: RegExp]>([
    ["an unknown ref", () => `${app.url}#nowhere`, "bad_git_source", /has no ref "nowhere"$/, /branch or tag/],
    ["the beginning of a hash", () => `${app.url}#0123abc`, "bad_git_source", /has no ref "0123abc"$/, /all 40 digits/],
    ["an unknown commit", () => `${app.url}#${"0".repeat(39)}1`, "bad_git_source", /./, /./],
    [
      "an unknown repository",
      () => server.url("absent.git"),
      "bad_git_source",
      /cannot fetch "http:.*absent\.git": repository .* not found$/,
      /address/,
    ],
    [
      "an unreachable host",
      () => "http://127.0.0.1:1/a.git",
      "source_unreachable",
      /cannot fetch "http:\/\/127\.0\.0\.1:1\/a\.git": .*(refused|connect)/i,
      /network/,
    ],
    ["a scheme of no server", () => "git://127.0.0.1:1/a.git", "source_unreachable", /connect/, /network/],
  ])("%s", async (_, url, code, message, hint) => {
    await expect(fetch(url())).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });

  test("a repository without a commit", async () => {
    const { url } = server.repository("empty.git");
    await expect(fetch(url)).rejects.toMatchObject({ code: "bad_git_source", message: `"${url}" has no commit yet` });
  });

  test("git is not installed", async () => {
    const path = process.env["PATH"];
    process.env["PATH"] = "/nonexistent";
    try {
      await expect(fetch(app.url)).rejects.toMatchObject({
        code: "bad_git_source",
        message: "git is needed to fetch a repository, and is not installed",
        hint: expect.stringContaining("apt-get install git"),
      });
    } finally {
      process.env["PATH"] = path;
    }
  });

  test("an interruption ends git", async () => {
    const abort = new AbortController();
    const fetching = fetch(app.url, { signal: abort.signal });
    abort.abort();
    await expect(fetching).rejects.toMatchObject({ code: "interrupted" });
  });
});
