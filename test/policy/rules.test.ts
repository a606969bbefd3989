// What policies make of images, files and repositories.

import { describe, expect, test } from "vitest";
import { sha256 } from "../../oci/index.js";
import { identityOfRepository, identityOfUrl } from "../../policy/identity.js";
import { parsePolicy } from "../../policy/read-policy.js";
import { SourceRules } from "../../policy/index.js";
import { type GitSource, parseGitSource } from "../../remote/index.js";

const CHECKSUM = sha256("x");
const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const git = (text: string): GitSource => parseGitSource(text)!;

function rules(...given: readonly object[]): SourceRules {
  return new SourceRules([parsePolicy(JSON.stringify({ rules: given }), "p.json")]);
}

function convert(identifier: string, updates: object): SourceRules {
  return rules({ action: "CONVERT", selector: { identifier }, updates });
}

describe("identifiers", () => {
  test.each([
    ["https://X.org/a b?q#frag", "https://x.org/a%20b?q"],
    ["https://user:secret@x.org:443/a/../b", "https://x.org/b"],
  ])("%s", (url, identifier) => {
    expect(identityOfUrl({ url }).identifier).toBe(identifier);
  });

  test.each([
    ["https://user:secret@x.org/a/b.git", "git://x.org/a/b.git"],
    ["https://x.org/b.git#main:docs", "git://x.org/b.git#main:docs"],
    ["ssh://git@x.org:22/b.git#v1", "git://x.org:22/b.git#v1"],
    ["git@x.org:a/b.git", "git://x.org/a/b.git"],
    ["https://x.org/b.git?subdir=docs", "git://x.org/b.git#:docs"],
  ])("%s", (url, identifier) => {
    const identity = identityOfRepository(git(url));
    expect(identity.identifier).toBe(identifier);
    expect(JSON.stringify(identity)).not.toContain("secret");
  });
});

describe("images", () => {
  test("are known by their full names, however they are written", () => {
    const denied = rules({
      action: "DENY",
      selector: { identifier: "docker-image://docker.io/library/alpine:latest" },
    });
    for (const name of ["alpine", "alpine:latest", "docker.io/library/alpine", "index.docker.io/library/alpine"])
      expect(() => denied.image(name)).toThrow(expect.objectContaining({ code: "source_denied" }));
    expect(denied.image("alpine:3")).toBe("alpine:3");
  });

  test("layouts of this machine are not asked about", () => {
    expect(rules({ action: "DENY", selector: { identifier: "*" } }).image("oci-layout:///x")).toBe("oci-layout:///x");
  });

  test("do not become files", () => {
    const wrong = convert("docker-image://*", { identifier: "https://x.org/" });
    expect(() => wrong.image("alpine")).toThrow(
      'a source policy converts "docker-image://docker.io/library/alpine:latest" to "https://x.org/": it cannot take its place',
    );
  });

  test("do not become what is no reference", () => {
    const wrong = convert("docker-image://*", { identifier: "docker-image://No Name" });
    expect(() => wrong.image("alpine")).toThrow(
      expect.objectContaining({
        code: "bad_policy",
        message: expect.stringContaining('image reference "No Name": expected'),
      }),
    );
  });

  test("a denial names the policy and the rule", () => {
    expect(() =>
      rules({ selector: { identifier: "*" } }, { action: "DENY", selector: { identifier: "*" } }).image("a:1"),
    ).toThrow(
      expect.objectContaining({
        message: '"docker-image://docker.io/library/a:1" is denied by rule 2 of the source policy "p.json"',
        hint: "Take another source, or change rule 2 of p.json.",
      }),
    );
  });
});

describe("files", () => {
  test("get a checksum, and keep the user of their own URL", () => {
    const pinned = convert("https://x.org/a", { attrs: { "http.checksum": CHECKSUM } });
    const url = "https://user:secret@x.org/a";
    expect(pinned.source({ url })).toEqual({ url, checksum: CHECKSUM });
  });

  test("the user is not told to another host", () => {
    const moved = convert("https://x.org/*", { identifier: "https://mirror.example/$1" });
    expect(moved.source({ url: "https://user:secret@x.org/a" })).toEqual({ url: "https://mirror.example/a" });
  });

  test("a checksum that cannot be is refused", () => {
    const wrong = convert("https://x.org/a", { attrs: { "http.checksum": "md5:1" } });
    expect(() => wrong.source({ url: "https://x.org/a" })).toThrow(expect.objectContaining({ code: "bad_policy" }));
  });
});

describe("repositories", () => {
  test.each<[string, string, object, Partial<GitSource>]>([
    [
      "https://x.org/b.git#main:docs",
      "git://x.org/b.git#main:docs",
      { identifier: `git://x.org/b.git#${COMMIT}:docs` },
      { ref: COMMIT, subdir: "docs", remote: "https://x.org/b.git" },
    ],
    [
      "git@x.org:b.git#main",
      "git://x.org/b.git#*",
      { identifier: "git://x.org/b.git#v1" },
      { ref: "v1", remote: "git@x.org:b.git" },
    ],
    ["https://x.org/b.git", "git://x.org/*", { identifier: "git://y.org/$1" }, { remote: "https://y.org/b.git" }],
    [
      "https://x.org/b.git",
      "git://x.org/*",
      { attrs: { "git.fullurl": "ssh://git@x.org/b.git" } },
      { remote: "ssh://git@x.org/b.git" },
    ],
    ["https://x.org/b.git#v1", "git://x.org/*", { attrs: { "git.checksum": COMMIT } }, { ref: "v1", checksum: COMMIT }],
    ["https://x.org/b.git", "git://x.org/*", { attrs: { "git.keepgitdir": "true" } }, { keepGitDir: true }],
  ])("%s, %s → %j", (given, identifier, updates, expected) => {
    expect(convert(identifier, updates).source(git(given))).toMatchObject(expected);
  });

  test("options that policies do not know stay", () => {
    const source = { ...git("https://x.org/b.git"), submodules: false, mtime: "checkout" } as const;
    expect(convert("git://x.org/b.git", { identifier: "git://x.org/b.git#v1" }).source(source)).toEqual({
      ...source,
      ref: "v1",
    });
  });
});
