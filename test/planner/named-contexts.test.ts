import { expect, test } from "vitest";
import type { NamedContext, ResolveImage } from "../../planner/index.js";
import { history, image, names, ops, planText } from "./helpers.js";

const directory: NamedContext = { kind: "directory", directory: "/d", ignore: { patterns: [] } };

async function resolved(text: string, namedContexts: Record<string, NamedContext>): Promise<string[]> {
  const asked: string[] = [];
  const resolveImage: ResolveImage = async (name, platform) => (
    asked.push(name),
    image(name.replace(/^oci-layout:\/\//, "x"), platform)
  );
  await planText(text, { namedContexts, resolveImage });
  return asked;
}

test.each(["alpine", "alpine:latest", "docker.io/library/alpine", "index.docker.io/library/alpine:latest"])(
  "S-069: %s replaces FROM alpine and --from=alpine",
  async (name) => {
    expect(
      await resolved("FROM alpine\nCOPY --from=docker.io/library/alpine x /", {
        [name]: { kind: "image", reference: "other:1" },
      }),
    ).toEqual(["other:1"]);
  },
);

test("S-069: another tag is another name", async () => {
  expect(await resolved("FROM alpine:3", { alpine: { kind: "image", reference: "other:1" } })).toEqual(["alpine:3"]);
});

test("S-069: a context replaces a stage of its name, whose lines are not run", async () => {
  const text = "FROM broken AS Tools\nRUN no\nFROM scratch\nCOPY --from=tools x /";
  expect(await resolved(text, { tools: { kind: "image", reference: "other:1" } })).toEqual(["other:1"]);
  const graph = await planText(text, { namedContexts: { TOOLS: directory } });
  expect(names(graph)).toEqual([
    "[context TOOLS] load from client",
    "FROM scratch",
    "[stage-1 1/1] COPY --from=tools x /",
  ]);
});

test("S-069: a directory can be a base", async () => {
  const graph = await planText("FROM root AS a\nRUN x", { namedContexts: { root: directory } });
  expect(names(graph)).toEqual([
    "[context root] load from client",
    "FROM scratch",
    "[context root] FROM",
    "[2/2] RUN x",
  ]);
  expect(ops(graph, "copy")).toMatchObject([{ parent: 1, sources: [{ input: 0, path: "/" }], destination: "/" }]);
  expect(history(graph)).toEqual(["[context root] FROM", "RUN /bin/sh -c x # buildkit"]);
});

test("S-069: files are taken from a directory itself, but from a stage on it once it has steps", async () => {
  const text = (line: string) => `FROM root AS a\n${line}\nFROM scratch\nCOPY --from=a x /`;
  const input = async (line: string) => {
    const graph = await planText(text(line), { namedContexts: { root: directory } });
    const [source] = ops(graph, "copy").at(-1)!.sources;
    return names(graph)[source!.kind === "files" ? source!.input : -1];
  };
  expect(await input("ENV a=b")).toBe("[context root] load from client");
  expect(await input("RUN x")).toBe("[a 2/2] RUN x");
});

test.each([
  [undefined, "oci-layout:///l"],
  ["v1", "oci-layout:///l:v1"],
  [`sha256:${"0".repeat(64)}`, `oci-layout:///l@sha256:${"0".repeat(64)}`],
])("S-069: a layout with the reference %s is asked for as %s", async (reference, name) => {
  const asked: string[] = [];
  const resolveImage: ResolveImage = async (asks, platform) => {
    asked.push(asks);
    return { ...image("x", platform), origin: { kind: "layout", directory: "/l" } };
  };
  const context: NamedContext = { kind: "layout", directory: "/l", ...(reference && { reference }) };
  const graph = await planText("FROM base", { resolveImage, namedContexts: { base: context } });
  expect(asked).toEqual([name]);
  expect(names(graph)).toEqual(["[context base] OCI load from client"]);
});

test("scratch and context are never named contexts", async () => {
  const graph = await planText("FROM scratch\nCOPY . /", { namedContexts: { scratch: directory, context: directory } });
  expect(names(graph)[0]).toBe("FROM scratch");
  expect(ops(graph, "context")).toMatchObject([{ name: "context", directory: "/src" }]);
});
