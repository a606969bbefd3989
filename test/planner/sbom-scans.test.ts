import { expect, test } from "vitest";
import { planText } from "./helpers.js";

const STAGES = "FROM alpine AS deps\nARG BUILDKIT_SBOM_SCAN_STAGE=true\nRUN a\nFROM deps AS app\nRUN b\nFROM scratch\n";
const USED = `${STAGES}COPY --from=app / /\n`;

async function scans(text: string, buildArgs: Readonly<Record<string, string>> = {}) {
  const { scans: { stages = [], context = false } = {}, vertices } = await planText(text, { buildArgs });
  return { context, stages: stages.map(({ name, vertex }) => `${name}: ${vertices[vertex]!.name}`) };
}

test.each<[what: string, text: string, stages: readonly string[]]>([
  ["the stage whose ARG it is, and not what is made from it", USED, ["deps: [deps 2/2] RUN a"]],
  ["a stage that is not built", `${STAGES}COPY x /\n`, []],
  ["the image itself", "FROM alpine\nARG BUILDKIT_SBOM_SCAN_STAGE=true\nRUN x", []],
  [
    "all stages, by an ARG before the first FROM",
    `ARG BUILDKIT_SBOM_SCAN_STAGE=1\n${USED}`,
    ["deps: [deps 2/2] RUN a", "app: [app 1/1] RUN b"],
  ],
  [
    "those of a list",
    `ARG BUILDKIT_SBOM_SCAN_STAGE=app,nope\n${USED.replace("=true", "=false")}`,
    ["app: [app 1/1] RUN b"],
  ],
])("an SBOM tells of %s", async (_what, text, stages) => {
  expect((await scans(text)).stages).toEqual(stages);
});

test("a build argument decides for an ARG that is there", async () => {
  const buildArgs = { BUILDKIT_SBOM_SCAN_STAGE: "false", BUILDKIT_SBOM_SCAN_CONTEXT: "true" };
  expect(await scans(USED, buildArgs)).toEqual({ context: false, stages: [] });
  expect((await scans(`ARG BUILDKIT_SBOM_SCAN_CONTEXT\n${USED}`, buildArgs)).context).toBe(true);
});
