import { expect, test } from "vitest";
import { history, planText } from "./helpers.js";

test.each<[instruction: string, createdBy: string, layer: boolean]>([
  ["RUN make", "RUN /bin/sh -c make # buildkit", true],
  ['RUN ["make","a b"]', "RUN make a b # buildkit", true],
  ["COPY a b /dst/", "COPY a b /dst/ # buildkit", true],
  ["COPY --link --from=nginx --chown=1:2 --chmod=644 a .", "COPY --chown=1:2 --chmod=644 a . # buildkit", true],
  ["COPY --parents --exclude=*.o a /b/", "COPY --parents a /b/ # buildkit", true],
  ["ADD a.tar /x", "ADD a.tar /x # buildkit", true],
  ["COPY <<EOF /x\nhi\nEOF", "COPY <<EOF /x # buildkit", true],
  ["WORKDIR /x/y/..", "WORKDIR /x", true],
  ["WORKDIR /", "WORKDIR /", false],
  ["ENV a=b c='d e'", "ENV a=b c=d e", false],
  ["ENV a b c", "ENV a=b c", false],
  ["ARG a=1 b", "ARG a=1 b", false],
  ['LABEL a=b "c d"="e"', "LABEL a=b c d=e", false],
  ['CMD ["node","a.js"]', 'CMD ["node" "a.js"]', false],
  ["CMD node a.js", 'CMD ["/bin/sh" "-c" "node a.js"]', false],
  ['ENTRYPOINT ["/x"]', 'ENTRYPOINT ["/x"]', false],
  ["ENTRYPOINT []", "ENTRYPOINT []", false],
  ["USER node", "USER node", false],
  ["EXPOSE 80 443/udp", "EXPOSE [443/udp 80/tcp]", false],
  ['VOLUME ["/a","/b c"]', "VOLUME [/a /b c]", false],
  ['SHELL ["/bin/bash","-c"]', "SHELL [/bin/bash -c]", false],
  ["STOPSIGNAL SIGINT", "STOPSIGNAL SIGINT", false],
  ["MAINTAINER A <a@b>", "MAINTAINER A <a@b>", false],
  [
    "HEALTHCHECK --interval=1m30s --retries=3 CMD curl -f localhost",
    `HEALTHCHECK &{["CMD-SHELL" "curl -f localhost"] "1m30s" "0s" "0s" "0s" '\\x03'}`,
    false,
  ],
  ["HEALTHCHECK NONE", `HEALTHCHECK &{["NONE"] "0s" "0s" "0s" "0s" '\\x00'}`, false],
])("S-155, S-157: %s is written as %s", async (instruction, createdBy, layer) => {
  const { image, vertices } = await planText(`FROM alpine\n${instruction}\n`);
  const vertex = layer ? { vertex: vertices.length - 1 } : {};
  expect(image.history).toEqual([{ created_by: createdBy, comment: "buildkit.dockerfile.v0", ...vertex }]);
});

test("S-157: FROM and ONBUILD write no history", async () => {
  expect(history(await planText("FROM alpine AS a\nFROM a\nONBUILD RUN x"))).toEqual([]);
});

test("S-059: RUN lists each declared ARG once, with the value in force", async () => {
  const text = "FROM alpine\nARG A=1\nARG B=2 C\nARG A=3\nENV B=env\nRUN x";
  expect(history(await planText(text)).at(-1)).toBe("RUN |3 A=3 B=env C= /bin/sh -c x # buildkit");
});

test("S-024: each CMD has a history entry, the last one counts", async () => {
  const graph = await planText('FROM alpine\nCMD ["a"]\nCMD ["b"]');
  expect(history(graph)).toEqual(['CMD ["a"]', 'CMD ["b"]']);
  expect(graph.image.config.config.Cmd).toEqual(["b"]);
});

test("S-154: each entry that made a layer names its vertex, in order", async () => {
  const graph = await planText("FROM alpine AS a\nRUN one\nENV x=1\nFROM a\nCOPY . .\nRUN two\nLABEL a=b");
  const layers = graph.image.history.filter(({ vertex }) => vertex !== undefined);
  expect(layers.map(({ vertex }) => graph.vertices[vertex!]!.name)).toEqual([
    "[a 2/2] RUN one",
    "[stage-1 1/2] COPY . .",
    "[stage-1 2/2] RUN two",
  ]);
  expect(graph.image.config.history).toHaveLength(1);
  expect(graph.image.config.rootfs.diff_ids).toHaveLength(1);
});
