import { expect, test } from "vitest";
import { failure, history, names, ops, planText, runOf } from "./helpers.js";

test("S-072: triggers run after FROM, in order, before the stage's own lines, and are gone", async () => {
  const graph = await planText("FROM base\nENV x=$x-own\nRUN own", {
    images: { base: { OnBuild: ["ENV x=1", "RUN first", "ENV x=$x-2"] } },
  });
  expect(history(graph)).toEqual([
    "ENV x=1",
    "RUN /bin/sh -c first # buildkit",
    "ENV x=1-2",
    "ENV x=1-2-own",
    "RUN /bin/sh -c own # buildkit",
  ]);
  expect(graph.image.config.config.OnBuild).toBeUndefined();
});

test("S-072: triggers of a base stage run in its child, not in its grandchild", async () => {
  const text = "FROM alpine AS base\nONBUILD RUN trigger\nFROM base AS child\nFROM child\nRUN end";
  expect(names(await planText(text)).slice(1)).toEqual(["[child 1/1] ONBUILD RUN trigger", "[stage-2 1/1] RUN end"]);
});

test("S-072: triggers of the stage itself go into its image", async () => {
  const { image } = await planText("FROM base\nONBUILD RUN new", { images: { base: { OnBuild: ["RUN old"] } } });
  expect(image.config.config.OnBuild).toEqual(["RUN new"]);
});

test("S-073: a trigger may add a stage and an image that nothing else needs", async () => {
  const OnBuild = ["COPY --from=tools /a /", "RUN --mount=from=tool:1,target=/t x"];
  const graph = await planText("FROM t AS tools\nRUN make\nFROM other AS unused\nFROM base", {
    images: { base: { OnBuild } },
  });
  expect(
    ops(graph, "image")
      .map((op) => op.image.name)
      .sort(),
  ).toEqual(["base", "t", "tool:1"]);
  expect(names(graph)).toContain("[tools 2/2] RUN make");
});

test("S-073: a trigger cannot take files from its own stage", async () => {
  const images = { base: { OnBuild: ["COPY --from=me /a /"] } };
  expect(await failure("FROM base AS me", { images })).toMatchObject({ code: "circular_dependency" });
});

test("S-074: a trigger is parsed with the default escape character", async () => {
  const { args } = await runOf("# escape=`\nFROM base", { images: { base: { OnBuild: ["RUN a \\\n b"] } } });
  expect(args).toEqual(["/bin/sh", "-c", "a  b"]);
});

test("S-074: a trigger may have a heredoc", async () => {
  const { args } = await runOf("FROM base", { images: { base: { OnBuild: ["RUN <<EOF\necho hi\nEOF"] } } });
  expect(args).toEqual(["/bin/sh", "-c", "echo hi\n"]);
});

test.each(["ONBUILD RUN x", "FROM x", "MAINTAINER x"])("S-072: %s is no trigger", async (trigger) => {
  expect((await failure("FROM base", { images: { base: { OnBuild: [trigger] } } })).code).toBe(
    "instruction_not_allowed",
  );
});

test("steps of triggers point at the FROM that has them run", async () => {
  const { vertices } = await planText("FROM scratch AS a\nFROM base \\\n  AS b", {
    images: { base: { OnBuild: ["RUN x"] } },
  });
  expect(vertices.at(-1)).toMatchObject({ span: { line: 2, column: 1 }, lines: [2, 3], stage: "b" });
});
