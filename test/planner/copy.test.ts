import { expect, test } from "vitest";
import { copyOf, failure, planText } from "./helpers.js";

const files = (...paths: string[]) => paths.map((path) => ({ kind: "files", input: 1, path }));

test.each<[point: string, lines: string, expected: object]>([
  [
    "a file",
    "COPY a /b",
    { parent: 0, sources: files("a"), destination: "/b", link: false, exclude: [], parents: false, unpack: "never" },
  ],
  ["S-079 the destination . is the working directory", "COPY a .", { destination: "/" }],
  ["S-079 a relative destination", "ENV d=lib/\nCOPY a $d", { destination: "/lib/" }],
  ["S-080 sources are as written", "COPY /a ../b c/ /d/", { sources: files("/a", "../b", "c/") }],
  ["S-017 names with blanks", 'COPY ["a b", "it\'s", "/d/"]', { sources: files("a b", "it's") }],
  [
    "S-038 words of the JSON form are expanded too",
    'ENV x=1\nCOPY ["$x", "/$x"]',
    { sources: files("1"), destination: "/1" },
  ],
  ["S-047 sources are not split again", 'ENV x="a b"\nCOPY $x /d/', { sources: files("a b") }],
  [
    "S-048 flags are expanded",
    "ENV u=1 m=700 e=*.o\nCOPY --chown=$u:2 --chmod=$m --exclude=$e --exclude=b a /b",
    { chown: "1:2", chmod: "700", exclude: ["*.o", "b"] },
  ],
  ["S-087 --link", "COPY --link a /b", { link: true }],
  ["S-088 --link with --chmod is a plain copy", "COPY --link --chmod=644 a /b", { link: false, chmod: "644" }],
  ["S-096 a symbolic mode", "COPY --chmod=u=rwX,go=rX a /b", { chmod: "u=rwX,go=rX" }],
  ["S-104 --parents", "COPY --parents a/./b/c /x/", { parents: true, sources: files("a/./b/c") }],
  ["S-106 ADD unpacks archives", "ADD a /b", { unpack: "auto" }],
  ["ADD --unpack=false", "ADD --unpack=false a /b", { unpack: "never" }],
  ["ADD --unpack", "ADD --unpack a /b", { unpack: "always" }],
])("%s", async (_point, lines, expected) => {
  expect(await copyOf(`FROM alpine\n${lines}`)).toMatchObject(expected);
});

test("S-079: the working directory of the base counts", async () => {
  const images = { base: { WorkingDir: "/app" } };
  expect((await copyOf("FROM base\nCOPY a ./", { images })).destination).toBe("/app/");
  expect((await copyOf("FROM base\nCOPY a b", { images })).destination).toBe("/app/b");
});

test("S-036: heredocs come after the other sources, and need no context", async () => {
  const graph = await planText("FROM scratch\nCOPY <<a <<b /d/\n1\na\n2\nb\n", { context: undefined as never });
  expect(graph.vertices.map(({ op }) => op.kind)).toEqual(["scratch", "copy"]);
  expect(await copyOf("FROM alpine\nCOPY <<a x /d/\n1\na\n")).toMatchObject({
    sources: [{ path: "x" }, { kind: "inline", name: "a", content: "1\n" }],
  });
});

test("each source points at its word", async () => {
  const { sources } = await copyOf("FROM alpine\nCOPY a \\\n  bc /d/");
  expect(sources).toMatchObject([
    { span: { line: 2, column: 6, length: 1 } },
    { span: { line: 3, column: 3, length: 2 } },
  ]);
});

test.each<[line: string, expected: object]>([
  ["COPY https://x.org/a /b", { code: "bad_value", hint: "Use ADD for it.", at: "2:6 https://x.org/a" }],
  ["COPY git@x.org:a/b.git /b", { code: "bad_value" }],
  [
    "ADD --checksum=sha256:00 a /b",
    { code: "bad_flag_value", message: "expected a URL or a git repository with --checksum, found local files" },
  ],
  [
    "COPY --chmod=64a a /b",
    {
      code: "bad_flag_value",
      message: 'expected an octal mode from 0 to 7777 or a symbolic one, found "64a"',
      at: "2:14 64a",
    },
  ],
  ["COPY --chmod=17777 a /b", { code: "bad_flag_value" }],
  ["ENV m=rwx\nCOPY --chmod=u$m a /b", { code: "bad_flag_value" }],
])("S-096, S-112, S-114: %s is refused", async (line, expected) => {
  expect(await failure(`FROM alpine\n${line}`)).toMatchObject(expected);
});

test("a COPY from no context is refused", async () => {
  expect(await failure("FROM alpine\nCOPY a /b", { context: undefined as never })).toMatchObject({
    code: "context_not_found",
    at: "2:1 COPY",
  });
});
