import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TsbuildError } from "../../errors.js";
import { fileNameOf, type GitSource, isHttpUrl, parseGitSource, redactUrl } from "../../remote/index.js";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";

describe("parseGitSource()", () => {
  test.each<[text: string, source: GitSource]>([
    ["https://x.org/a.git", { remote: "https://x.org/a.git" }],
    ["http://x.org:81/a.git", { remote: "http://x.org:81/a.git" }],
    ["git://x.org/a", { remote: "git://x.org/a" }],
    ["ssh://git@x.org:22/a", { remote: "ssh://git@x.org:22/a" }],
    ["git@x.org:a/b", { remote: "git@x.org:a/b" }],
    ["git@x.org:a/b.git#v1:docs", { remote: "git@x.org:a/b.git", ref: "v1", subdir: "docs" }],
    ["https://x.org/a.git#main", { remote: "https://x.org/a.git", ref: "main" }],
    ["https://x.org/a.git#:docs/", { remote: "https://x.org/a.git", subdir: "docs" }],
    ["https://x.org/a.git#feature/x:a/./b/../c", { remote: "https://x.org/a.git", ref: "feature/x", subdir: "a/c" }],
    ["https://x.org/a.git?tag=v1", { remote: "https://x.org/a.git", ref: "refs/tags/v1" }],
    ["https://x.org/a.git?branch=b&subdir=/d", { remote: "https://x.org/a.git", ref: "refs/heads/b", subdir: "d" }],
    ["https://x.org/a.git?ref=pull/42/head", { remote: "https://x.org/a.git", ref: "pull/42/head" }],
    [
      `https://x.org/a.git?commit=${COMMIT.toUpperCase()}`,
      { remote: "https://x.org/a.git", ref: COMMIT, checksum: COMMIT },
    ],
    [
      "https://x.org/a.git?tag=v1&checksum=0123abc",
      { remote: "https://x.org/a.git", ref: "refs/tags/v1", checksum: "0123abc" },
    ],
    ["https://x.org/a.git?keep-git-dir", { remote: "https://x.org/a.git", keepGitDir: true }],
    [
      "https://x.org/a.git?submodules=false&keep-git-dir=0",
      { remote: "https://x.org/a.git", submodules: false, keepGitDir: false },
    ],
    ["https://x.org/a.git?mtime=checkout#v1", { remote: "https://x.org/a.git", ref: "v1", mtime: "checkout" }],
  ])("S-113: %s", (text, source) => expect(parseGitSource(text)).toEqual(source));

  test.each([
    "a.git",
    "./a.git",
    "/srv/a.git",
    "https://x.org/a.tar",
    "https://x.org/a.git/file",
    "https://x.org/?a=b.git",
    "file:///srv/a.git",
    "ext::sh",
    "user@host",
    "github.com/a/b",
    "",
  ])("%s is no repository", (text) => expect(parseGitSource(text)).toBeUndefined());

  test("github.com/… is one only where a path cannot be meant", () => {
    expect(parseGitSource("github.com/a/b#v1", { bare: true })).toEqual({
      remote: "https://github.com/a/b",
      ref: "v1",
    });
  });

  test.each<[text: string, message: string]>([
    ["https://x.org/a.git#--upload-pack=x", 'found "--upload-pack=x"'],
    ["https://x.org/a.git#a..b", 'found "a..b"'],
    ["https://x.org/a.git#main:../../etc", 'expected a directory inside the repository, found "../../etc"'],
    ["https://x.org/a.git?depth=1", 'found "depth"'],
    ["https://x.org/a.git?tag=a&branch=b", 'the ref is "refs/tags/a" and "refs/heads/b" at once'],
    ["https://x.org/a.git?subdir=a#:b", 'the subdir is "b" and "a" at once'],
    ["https://x.org/a.git?ref=a&ref=b", 'the query "ref" is given twice'],
    ["https://x.org/a.git?ref=", 'the query "ref" has no value'],
    ["https://x.org/a.git?submodules=maybe", 'expected submodules to be true or false, found "maybe"'],
    ["https://x.org/a.git?mtime=now", 'expected mtime to be commit or checkout, found "now"'],
    ["https://x.org/a.git?commit=main", `expected a commit's hash, found "main"`],
    ["https://me:pw@x.org/a.git?mtime=now", "https://****@x.org/a.git"],
  ])("%s is refused", (text, message) => {
    expect(() => parseGitSource(text)).toThrow(
      expect.objectContaining({ code: "bad_git_source", message: expect.stringContaining(message) }) as TsbuildError,
    );
  });
});

test.each([
  ["https://x.org/a/b.tar.gz?token=1#x", "b.tar.gz"],
  ["https://x.org/a%20b", "a b"],
  ["https://x.org/100%", "100%"],
  ["https://x.org/dir/", "dir"],
  ["https://x.org", "__unnamed__"],
  ["https://x.org/%2e%2e", "__unnamed__"],
  ["https://x.org/a%2Fb", "b"],
  ["https://x.org/a%00b", "__unnamed__"],
])("S-110: the file of %s is called %s", (url, name) => expect(fileNameOf(url)).toBe(name));

test("isHttpUrl()", () => {
  expect(["https://x.org/a", "HTTP://x.org"].map(isHttpUrl)).toEqual([true, true]);
  expect(["https://", "ftp://x.org", "x.org/a", "http:/x"].map(isHttpUrl)).toEqual([false, false, false, false]);
});

test("redactUrl() hides passwords in any text, and leaves the user of ssh", () => {
  expect(redactUrl("ADD https://me:pw@x.org/a http://t@y/b /c@d")).toBe(
    "ADD https://****@x.org/a http://****@y/b /c@d",
  );
  expect(redactUrl("ssh://git@x.org/a ssh://git:pw@x.org/a")).toBe("ssh://git@x.org/a ssh://****@x.org/a");
});

test("parseGitSource() fails with nothing but bad_git_source, and what it takes cannot be an option or lead out", () => {
  const url = fc
    .tuple(
      fc.constantFrom("https://x.org/a.git", "git@x.org:a", "git://x.org/a", "", "github.com/a/b"),
      fc.string({ unit: "binary" }),
    )
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(url, fc.boolean(), (text, bare) => {
      const source = parsed(text, bare);
      expect(source?.remote ?? "").not.toMatch(/^-/);
      expect(source?.ref ?? "").not.toMatch(/^-/);
      expect(source?.subdir?.split("/") ?? []).not.toContain("..");
    }),
  );
});

function parsed(text: string, bare: boolean): GitSource | undefined {
  try {
    return parseGitSource(text, { bare });
  } catch (error) {
    expect(error).toMatchObject({ code: "bad_git_source" });
    return undefined;
  }
}
