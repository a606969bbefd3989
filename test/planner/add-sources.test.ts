import { expect, test } from "vitest";
import { sha256 } from "../../oci/index.js";
import { copyOf, failure, history, names, ops, planText } from "./helpers.js";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const SUM = sha256("x");

test.each<[point: string, line: string, op: object]>([
  [
    "S-110 a URL is a file with a name",
    "ADD https://x.org/d/a%20b?q=1 /b",
    { kind: "http", source: { url: "https://x.org/d/a%20b?q=1" }, name: "a b", unpack: false },
  ],
  ["S-110 a URL without a name", "ADD https://x.org /b", { kind: "http", name: "__unnamed__" }],
  [
    "S-112 --checksum, expanded",
    `ARG s=${SUM}\nADD --checksum=$s https://x.org/a /b`,
    { kind: "http", source: { url: "https://x.org/a", checksum: SUM } },
  ],
  [
    "S-048 an empty --checksum is none",
    "ADD --checksum=$none https://x.org/a /b",
    { kind: "http", source: { url: "https://x.org/a" } },
  ],
  ["variables are put in", "ARG v=1.2\nADD https://x.org/a-$v.tgz /b", { kind: "http", name: "a-1.2.tgz" }],
  [
    "S-113 a git repository",
    "ADD git@x.org:a/b.git#v1:docs /b",
    { kind: "git", source: { remote: "git@x.org:a/b.git", ref: "v1", subdir: "docs" } },
  ],
  [
    "S-113 --keep-git-dir and --checksum",
    `ADD --keep-git-dir --checksum=${COMMIT.toUpperCase()} https://x.org/a.git /b`,
    { kind: "git", source: { remote: "https://x.org/a.git", keepGitDir: true, checksum: COMMIT } },
  ],
  [
    "what flag and URL agree on",
    `ADD --keep-git-dir --checksum=${COMMIT} https://x.org/a.git?keep-git-dir=1&commit=${COMMIT} /b`,
    { kind: "git", source: { keepGitDir: true, checksum: COMMIT, ref: COMMIT } },
  ],
])("%s", async (_point, line, op) => {
  const { vertices } = await planText(`FROM alpine\n${line}`);
  expect(vertices[1]!.op).toMatchObject(op);
  expect(vertices.at(-1)!.op).toMatchObject({ kind: "copy", sources: [{ kind: "files", input: 1 }] });
});

test("a download is named, not matched; a repository gives all it has; local files are beside them", async () => {
  const text = "FROM alpine\nADD a https://x.org/b* https://x.org/c.git d /e/";
  const { sources, unpack } = await copyOf(text);
  expect(unpack).toBe("auto");
  expect(sources.map((source) => source.kind === "files" && { path: source.path, download: source.download })).toEqual([
    { path: "a", download: undefined },
    { path: "b*", download: true },
    { path: "/", download: undefined },
    { path: "d", download: undefined },
  ]);
});

test("ADD of what is elsewhere needs no context", async () => {
  const graph = await planText("FROM scratch\nADD https://x.org/a /", { context: undefined as never });
  expect(graph.vertices.map(({ op }) => op.kind)).toEqual(["scratch", "http", "copy"]);
});

test("the same source is fetched once; a fetch points at its line, and names no password", async () => {
  const text =
    "FROM scratch AS a\nADD https://me:pw@x.org/a /\nFROM scratch\nADD https://me:pw@x.org/a /1\nADD https://me:pw@x.org/a /2\nCOPY --from=a / /";
  const graph = await planText(text);
  expect(ops(graph, "http")).toHaveLength(1);
  expect(names(graph)).toContain("https://****@x.org/a");
  expect(graph.vertices.find(({ op }) => op.kind === "http")).toMatchObject({ stage: "a", lines: [2, 2] });
  expect(JSON.stringify([names(graph), history(graph)])).not.toContain("pw@");
  expect(history(graph)[0]).toBe("ADD https://****@x.org/a /1 # buildkit");
});

test.each<[line: string, expected: object]>([
  [
    "COPY https://me:pw@x.org/a /b",
    { code: "bad_value", message: 'expected a path in the build context, found a URL, "https://****@x.org/a"' },
  ],
  [
    "ADD --checksum=sha256:00 https://x.org/a /b",
    { code: "bad_flag_value", message: 'expected sha256: and 64 hex digits, found "sha256:00"' },
  ],
  [
    "ADD --checksum=main https://x.org/a.git /b",
    { code: "bad_flag_value", message: `expected a commit's hash, found "main"` },
  ],
  [
    `ADD --checksum=${SUM} https://x.org/a https://x.org/b /c/`,
    { code: "bad_flag_value", message: "expected one source with --checksum, found 2" },
  ],
  [
    `ADD --checksum=${SUM} https://x.org/a <<b /c/\nb`,
    { code: "bad_flag_value", message: "expected one source with --checksum, found 2" },
  ],
  ["ADD --keep-git-dir https://x.org/a /b", { code: "bad_flag_value", at: "2:5 --keep-git-dir" }],
  [
    "ADD --keep-git-dir=false https://x.org/a.git?keep-git-dir=true /b",
    { code: "bad_flag_value", message: "--keep-git-dir and the URL say different things" },
  ],
  [
    `ADD --checksum=${COMMIT} https://x.org/a.git?commit=ffff /b`,
    { code: "bad_flag_value", message: "--checksum and the URL say different things" },
  ],
  ["ADD https://[x /b", { code: "bad_http_source", at: "2:5 https://[x" }],
  ["ADD https://x.org/a.git#a..b /b", { code: "bad_git_source", at: "2:5 https://x.org/a.git#a..b" }],
])("S-112 to S-114: %s is refused", async (line, expected) => {
  expect(await failure(`FROM alpine\n${line}`)).toMatchObject(expected);
});

test("S-069: named contexts that are elsewhere stand for stages and images", async () => {
  const git = { kind: "git", source: { remote: "https://x.org/a.git" } } as const;
  const http = { kind: "http", source: { url: "https://me:pw@x.org/a.tar" } } as const;
  const graph = await planText("FROM src\nCOPY --from=data a /\nCOPY --from=data b /", {
    namedContexts: { src: git, data: http, unused: git },
  });
  expect(names(graph)).toEqual([
    "[context src] load https://x.org/a.git",
    "FROM scratch",
    "[context src] FROM",
    "[context data] load https://****@x.org/a.tar",
    "[stage-0 2/3] COPY --from=data a /",
    "[stage-0 3/3] COPY --from=data b /",
  ]);
  expect(ops(graph, "http")).toEqual([{ ...http, name: "context", unpack: true }]);
});
