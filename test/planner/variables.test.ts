import { expect, test } from "vitest";
import { history, planText, runOf, failure, copyOf, PATH } from "./helpers.js";

/** The environment of the last RUN, without PATH. */
async function env(text: string, buildArgs: Record<string, string> = {}): Promise<string[]> {
  const { env } = await runOf(text, { buildArgs });
  return env.filter((variable) => !variable.startsWith("PATH="));
}

test.each<[point: string, text: string, buildArgs: Record<string, string>, expected: string[]]>([
  ["S-039 pairs of ENV see the values before the line", "ENV a=hi\nENV a=bye b=$a\nRUN x", {}, ["a=bye", "b=hi"]],
  ["S-040 keys of ENV are expanded", "ENV k=name\nENV ${k}_x=1\nRUN x", {}, ["k=name", "name_x=1"]],
  ["S-041 an unknown variable is empty", "ENV a=[$nope]\nRUN x", {}, ["a=[]"]],
  ["S-042 ${x-a} keeps an empty value", "ENV x=\nENV y=${x-a} z=${x:-a}\nRUN x", {}, ["x=", "y=", "z=a"]],
  ["S-043 an overridden default is not looked at", 'ARG a="${b:?no b}"\nRUN x', { a: "1" }, ["a=1"]],
  ["S-050 a global ARG is not seen in a stage", "RUN x", { g: "2" }, []],
  ["S-050 a stage declares it again to get the build arg", "ARG g\nRUN x", { g: "2" }, ["g=2"]],
  ["S-050 a stage declares it again to get the global default", "ARG g\nRUN x", {}, ["g=global"]],
  ["S-050 a default of the stage comes before the global one", "ARG g=own\nRUN x", {}, ["g=own"]],
  ["S-051 an ARG is seen from its line on", "ENV a=$b\nARG b=1\nRUN x", { b: "2" }, ["a=", "b=2"]],
  ["S-052 ENV after ARG wins", "ARG V\nENV V=1\nRUN x", { V: "2" }, ["V=1"]],
  ["S-052 ARG after ENV wins, as the code has it", "ENV V=1\nARG V\nRUN x", { V: "2" }, ["V=2"]],
  ["S-052 the usual idiom", "ARG V\nENV V=${V:-1}\nRUN x", { V: "2" }, ["V=2"]],
  ["S-053 an ARG without a value is absent", "ARG X\nRUN x", {}, []],
  ["S-053 an ARG with an empty default is there", "ARG X=\nRUN x", {}, ["X="]],
  ["S-053 an empty build arg is a value", "ARG X=1\nRUN x", { X: "" }, ["X="]],
  ["S-060 each ARG of a line sees the ones before it", "ARG A=1 B=$A\nRUN x", {}, ["A=1", "B=1"]],
  ["S-195 an ARG after the RUN is not in its environment", "RUN x\nARG late=1", {}, []],
])("%s", async (_point, text, buildArgs, expected) => {
  expect(await env(`ARG g=global\nFROM alpine\n${text}`, buildArgs)).toEqual(expected);
});

test("S-054: a child stage inherits the ARGs of its base, and history lists them", async () => {
  const graph = await planText("FROM alpine AS a\nARG A=1\nFROM a\nRUN x");
  expect(history(graph)).toEqual(["ARG A=1", "RUN |1 A=1 /bin/sh -c x # buildkit"]);
});

test("S-153: ENV is in the image's config, ARG is not", async () => {
  const { image } = await planText("FROM scratch\nARG a=1\nENV b=2 c=3\nENV b=4");
  expect(image.config.config.Env).toEqual([PATH, "b=4", "c=3"]);
});

test("S-061: PATH of the base image stays", async () => {
  const { image } = await planText("FROM alpine\nRUN x");
  expect(image.config.config.Env).toEqual(["PATH=/bin"]);
  const without = await planText("FROM alpine", { images: { alpine: {} } });
  expect(without.image.config.config.Env).toEqual([PATH]);
});

test("S-057: platform ARGs are seen after they are declared", async () => {
  const text =
    "FROM alpine\nENV early=$TARGETARCH\nARG TARGETPLATFORM TARGETOS TARGETARCH TARGETVARIANT BUILDPLATFORM\nRUN x";
  const { env } = await runOf(text, { platform: { os: "linux", architecture: "arm", variant: "v7" } });
  expect(env.slice(1)).toEqual([
    "early=",
    "TARGETPLATFORM=linux/arm/v7",
    "TARGETOS=linux",
    "TARGETARCH=arm",
    "TARGETVARIANT=v7",
    "BUILDPLATFORM=linux/amd64",
  ]);
});

test("S-057: a default in the Dockerfile overrides a platform ARG", async () => {
  expect(await env("FROM alpine\nARG TARGETARCH=mips\nRUN x")).toEqual(["TARGETARCH=mips"]);
});

test.each([
  ["the target that was asked for", "b", "b"],
  ["the name of the last stage", undefined, "c"],
])("S-058: TARGETSTAGE is %s", async (_what, target, expected) => {
  const text = "FROM alpine AS a\nFROM alpine AS b\nARG TARGETSTAGE\nRUN x\nFROM alpine AS c\nARG TARGETSTAGE\nRUN x";
  expect((await runOf(text, target ? { target } : {})).env).toContain(`TARGETSTAGE=${expected}`);
});

test("S-058: TARGETSTAGE is default when the last stage has no name", async () => {
  expect(await env("FROM alpine\nARG TARGETSTAGE\nRUN x")).toEqual(["TARGETSTAGE=default"]);
});

test("S-056: proxies come under both names, in no ARG, key or history", async () => {
  const graph = await planText("FROM alpine\nRUN x", { buildArgs: { https_proxy: "http://p:1", NO_PROXY: "a,b" } });
  const run = graph.vertices.at(-1)!.op;
  expect(run).toMatchObject({
    env: ["PATH=/bin"],
    proxyEnv: ["HTTPS_PROXY=http://p:1", "https_proxy=http://p:1", "NO_PROXY=a,b", "no_proxy=a,b"],
  });
  expect(history(graph)).toEqual(["RUN /bin/sh -c x # buildkit"]);
  expect(graph.warnings).toEqual([]);
});

test("S-056: a proxy that ARG declares is in the environment and in history", async () => {
  const graph = await planText("FROM alpine\nARG HTTP_PROXY\nRUN x", { buildArgs: { HTTP_PROXY: "p" } });
  expect(history(graph)).toEqual(["ARG HTTP_PROXY=p", "RUN |1 HTTP_PROXY=p /bin/sh -c x # buildkit"]);
});

test("S-043: ${x:?} of an ARG fails at its place", async () => {
  expect(await failure('FROM alpine\nARG a="${b:?set b}"')).toMatchObject({
    code: "required_variable",
    message: expect.stringContaining("set b"),
  });
});

test("S-034: bodies of COPY heredocs are expanded unless quoted", async () => {
  const text = "FROM scratch\nENV who=world\nCOPY <<a <<'b' /\nhi $who \"q\" \\$who\na\nhi $who\nb\n";
  const { sources } = await copyOf(text);
  expect(sources).toMatchObject([
    { kind: "inline", name: "a", content: 'hi world "q" $who\n' },
    { kind: "inline", name: "b", content: "hi $who\n" },
  ]);
});

test("a build arg that no ARG uses is told of, with what was meant", async () => {
  const told: string[] = [];
  const buildArgs = {
    VERSON: "1",
    zzz: "1",
    SOURCE_DATE_EPOCH: "0",
    BUILDKIT_SYNTAX: "x",
    BUILDKIT_INLIN_CACHE: "1",
    TARGETARCH: "arm",
    ftp_proxy: "x",
  };
  const { warnings } = await planText("FROM alpine AS unused\nARG VERSION\nFROM alpine", {
    buildArgs,
    onWarning: ({ message }) => told.push(message),
  });
  const messages = [
    'build argument "VERSON" was given, but no ARG uses it (did you mean "VERSION"?)',
    'build argument "zzz" was given, but no ARG uses it',
    'build argument "BUILDKIT_INLIN_CACHE" was given, but no ARG uses it (did you mean "BUILDKIT_INLINE_CACHE"?)',
  ];
  expect(warnings).toEqual(messages.map((message) => ({ rule: "--build-arg", message })));
  expect(told).toEqual(messages);
});

test("names such as __proto__ are names as others", async () => {
  expect(await env("FROM alpine\nARG __proto__ constructor\nARG toString=1\nRUN x")).toEqual(["toString=1"]);
});
