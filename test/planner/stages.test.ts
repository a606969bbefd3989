import { expect, test } from "vitest";
import type { ResolveImage } from "../../planner/index.js";
import { AMD64, failure, image, names, ops, planText } from "./helpers.js";

/** Notes which images are resolved. */
function recorder(): { readonly asked: string[]; readonly resolveImage: ResolveImage } {
  const asked: string[] = [];
  return { asked, resolveImage: async (name, platform) => (asked.push(name), image(name, platform)) };
}

test("S-064: only images of reachable stages are resolved", async () => {
  const { asked, resolveImage } = recorder();
  const text =
    "FROM broken AS unused\nCOPY --from=99 a b\nFROM a AS one\nFROM b AS two\nCOPY --from=one x x\nFROM c AS three";
  const graph = await planText(text, { resolveImage, target: "two" });
  expect(asked.sort()).toEqual(["a", "b"]);
  expect(names(graph)).toHaveLength(3);
});

test("S-064: a stage that is not reached may be wrong", async () => {
  await planText("FROM $nope AS a\nCOPY --from=later x y\nFROM --platform=?? x AS b\nFROM scratch");
});

test("each image is resolved once for each platform, all at the same time", async () => {
  let running = 0;
  let most = 0;
  const asked: string[] = [];
  const resolveImage: ResolveImage = async (name, platform) => {
    asked.push(`${name.replace("docker.io/library/a:latest", "a")} ${platform.architecture}`);
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running--;
    return image(name, platform);
  };
  const text = "FROM a AS one\nFROM docker.io/library/a:latest AS two\nFROM --platform=linux/arm64 a AS arm\nFROM b\n";
  await planText(`${text}COPY --from=one x x\nCOPY --from=two x x\nCOPY --from=arm x x\nCOPY --from=c x x`, {
    resolveImage,
  });
  expect(asked.sort()).toEqual(["a amd64", "a arm64", "b amd64", "c amd64"]);
  expect(most).toBe(4);
});

test("S-020: --from and --target take any case of letters", async () => {
  const text = "FROM alpine AS Base\nRUN one\nFROM scratch AS End\nCOPY --from=BASE a /\nFROM scratch";
  expect(names(await planText(text, { target: "eND" }))).toContain("[base 2/2] RUN one");
});

test("S-020: FROM takes the name as it is written", async () => {
  expect(await failure("FROM alpine AS base\nFROM Base")).toMatchObject({
    code: "bad_reference",
    hint: 'Did you mean "base"?',
    at: "2:6 Base",
  });
});

test("S-021: a stage shadows an image of its name", async () => {
  const { asked, resolveImage } = recorder();
  await planText("FROM alpine AS busybox\nRUN x\nFROM busybox\nRUN y", { resolveImage });
  expect(asked).toEqual(["alpine"]);
});

test("S-021: of equal names FROM takes the nearest earlier one, --from and --target the last", async () => {
  const text = "FROM a AS dup\nFROM dup AS first\nFROM b AS dup\nFROM scratch\nCOPY --from=dup x /";
  const from = await planText(text, { target: "first" });
  expect(ops(from, "image").map((op) => op.image.name)).toEqual(["a"]);
  const copy = await planText(text);
  expect(ops(copy, "image").map((op) => op.image.name)).toEqual(["b"]);
});

test("S-062: scratch cannot be shadowed by a stage", async () => {
  expect(names(await planText("FROM alpine AS scratch\nFROM scratch"))).toEqual(["FROM scratch"]);
});

test("S-065: --from=N counts stages from 0", async () => {
  const text = "FROM a\nFROM b AS x\nFROM scratch\nCOPY --from=0 f /\nCOPY --from=1 f /";
  expect(ops(await planText(text), "image").map((op) => op.image.name)).toEqual(["a", "b"]);
});

test.each<[point: string, text: string, expected: object]>([
  [
    "S-065 a later stage by number",
    "FROM a\nCOPY --from=1 x /\nFROM b\nCOPY --from=0 x /",
    { code: "stage_order", at: "2:13 1" },
  ],
  [
    "S-065 a number too high",
    "FROM a\nCOPY --from=7 x /",
    { code: "unknown_stage", message: "invalid stage index 7: expected a stage from 0 to 0", at: "2:13 7" },
  ],
  [
    "S-065 a later stage by name",
    "FROM a AS m\nCOPY --from=z x /\nFROM b AS z\nCOPY --from=m x /",
    { code: "stage_order", message: 'stage "z" comes after stage "m", which takes files from it' },
  ],
  [
    "S-065 itself",
    "FROM a AS me\nCOPY --from=me x /",
    { code: "circular_dependency", message: "circular dependency detected on stage: me" },
  ],
  [
    "S-065 a number in a mount",
    "FROM a\nFROM b\nRUN --mount=from=0,target=/x y",
    { code: "bad_flag_value", at: "3:18 0" },
  ],
  ["issue 3, item 5: an empty variable", "FROM a\nCOPY --from=$x f /", { code: "bad_value", at: "2:13 $x" }],
  ["an empty base name", "ARG x\nFROM a$x\nFROM $x", { code: "bad_value", at: "3:6 $x" }],
  ["a bad platform", "FROM --platform=linux/amd64/v1/x a", { code: "bad_platform", at: "1:17 linux/amd64/v1/x" }],
])("%s is refused", async (_point, text, expected) => {
  expect(await failure(text)).toMatchObject(expected);
});

test("S-068: a target is matched by name only", async () => {
  const text = "FROM a AS build\nFROM b\n";
  expect(await failure(text, { target: "biuld" })).toMatchObject({
    code: "unknown_stage",
    message: 'target stage "biuld" could not be found (did you mean build?)',
    hint: 'Did you mean "build"?',
  });
  expect(await failure(text, { target: "1" })).toMatchObject({ code: "unknown_stage", hint: 'Choose one of "build".' });
  expect(await failure(text, { target: "stage-1" })).toMatchObject({ code: "unknown_stage" });
});

test("S-066: --from is a stage, then a named context, then an image", async () => {
  const { asked, resolveImage } = recorder();
  const text = "FROM a AS one\nFROM scratch\nCOPY --from=one x /\nCOPY --from=two x /\nCOPY --from=three x /";
  const namedContexts = { two: { kind: "directory", directory: "/two", ignore: { patterns: [] } } } as const;
  const graph = await planText(text, { resolveImage, namedContexts });
  expect(asked.sort()).toEqual(["a", "three"]);
  expect(ops(graph, "context")).toEqual([
    { kind: "context", name: "two", directory: "/two", ignore: { patterns: [] } },
  ]);
});

test("S-067: a stage without steps equals its base", async () => {
  const graph = await planText("FROM alpine AS a\nRUN x\nFROM a AS b\nFROM b\nENV y=1");
  expect(graph.vertices[graph.target]!.name).toBe("[a 2/2] RUN x");
});

test("S-070: the default platform is the target's; --platform chooses another", async () => {
  const text =
    "FROM --platform=$BUILDPLATFORM a AS build\nRUN x\nFROM b\nCOPY --from=build x /\nCOPY --from=c x /\nRUN y";
  const graph = await planText(text, { platform: { os: "linux", architecture: "arm64" } });
  const images = ops(graph, "image").map(({ image: { name, config } }) => `${name} ${config.architecture}`);
  expect(images.sort()).toEqual(["a amd64", "b arm64", "c arm64"]);
  expect(ops(graph, "run").map(({ platform }) => platform.architecture)).toEqual(["amd64", "arm64"]);
});

test("S-071: an image for another platform is told of", async () => {
  const text = "FROM alpine";
  const { warnings } = await planText(text, {
    platform: { os: "linux", architecture: "arm64" },
    resolveImage: async (name) => image(name, AMD64),
  });
  const message = 'Base image alpine was pulled with platform "linux/amd64", expected "linux/arm64" for current build';
  expect(warnings).toMatchObject([
    { rule: "InvalidBaseImagePlatform", message, span: { line: 1, column: 6, length: 6 } },
  ]);
});

test("S-176: the config says the target platform, and keeps the base's os.version", async () => {
  const resolveImage: ResolveImage = async (name) => image(name, { ...AMD64, "os.version": "10" });
  const { image: planned } = await planText("FROM a", { platform: { ...AMD64, variant: "v2" }, resolveImage });
  expect(planned.config).toMatchObject({ os: "linux", architecture: "amd64", variant: "v2", "os.version": "10" });
});

test("S-176: an image for another architecture loses the variant of the base", async () => {
  const resolveImage: ResolveImage = async (name) => image(name, { os: "linux", architecture: "arm", variant: "v7" });
  const { image: planned } = await planText("FROM --platform=linux/arm/v7 a", { platform: AMD64, resolveImage });
  expect(planned.config).toMatchObject(AMD64);
  expect(planned.config.variant).toBeUndefined();
});

test("issue 3, item 5: --from may be a variable whose value is known", async () => {
  const { asked, resolveImage } = recorder();
  const text =
    "ARG SRC\nFROM a AS one\nFROM b\nARG SRC=zero\nENV t=tool\nCOPY --from=$SRC x /\nRUN --mount=from=${t}:1,target=/t y";
  const graph = await planText(text, { resolveImage, buildArgs: { SRC: "one" } });
  expect(asked.sort()).toEqual(["a", "b", "tool:1"]);
  expect(names(graph).filter((name) => name.includes("FROM"))).toHaveLength(3);
});

test("a failing image points at its FROM", async () => {
  const { TsbuildError } = await import("../../errors.js");
  const resolveImage: ResolveImage = async (name) => {
    throw new TsbuildError("image_not_found", `no image ${name}`, { hint: "Check it." });
  };
  expect(await failure("FROM alpine AS tools\nFROM toolz", { resolveImage })).toMatchObject({
    code: "image_not_found",
    hint: 'Did you mean "tools"?',
    at: "2:6 toolz",
  });
  expect(await failure("FROM zzz", { resolveImage })).toMatchObject({
    code: "image_not_found",
    message: "no image zzz",
    hint: "Check it.",
    at: "1:6 zzz",
  });
  expect(await failure("FROM scratch AS tools\nFROM scratch\nCOPY --from=tols x /", { resolveImage })).toMatchObject({
    hint: 'Did you mean "tools"?',
    at: "3:13 tols",
  });
});
