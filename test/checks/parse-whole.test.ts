// What cannot be read and what planning says of the rest, told together.

import { expect, test } from "vitest";
import { parseWhole } from "../../checks/index.js";
import { DockerfileError } from "../../parser/index.js";

/** `LINE CODE` of every error. */
async function errorsOf(text: string): Promise<string[]> {
  const error = await parseWhole(text).catch((thrown: unknown) => thrown);
  if (!(error instanceof DockerfileError)) return [];
  return [error, ...error.others].map(({ span, code }) => `${span.line} ${code}`);
}

test("parseWhole() tells errors of flags, ports, stages and values together with those of syntax", async () => {
  const text = `FROM scratch AS builder
EXPOSE 99999 80/xyz
RUNN foo
COPY --chown=a:b:c x y
COPY --chmod=999 x y
FROM scratch
COPY --from=bulider /x /
COPY --from=7 /x /
RUN --mount=type=bind x
`;
  expect(await errorsOf(text)).toEqual([
    "2 bad_value",
    "2 bad_value",
    "3 unknown_instruction",
    "4 bad_flag_value",
    "5 bad_flag_value",
    "7 unknown_stage",
    "8 unknown_stage",
    "9 missing_argument",
  ]);
});

test.each([
  [
    "stages, when a FROM cannot be read",
    "FROM a\nFORM b AS builder\nFROM c\nCOPY --from=2 x /\nCOPY --from=buildr x /\n",
  ],
  ["values of variables", "FROM a\nENV PORT\nEXPOSE $PORT\nSTOPSIGNAL ${S:?no signal}\n"],
  ["images that are called nearly like a stage and are bases", "FROM node AS nodes\nRUNN x\nCOPY --from=node x /\n"],
  ["a file without a FROM that can be read", "FORM a\nEXPOSE 99999\n"],
])("parseWhole() says nothing of what it cannot know: %s", async (_, text) => {
  expect(await errorsOf(text)).toHaveLength(1);
});

test("parseWhole() gives the tree of a file that can be read, whatever planning would say of it", async () => {
  const { instructions } = await parseWhole("FROM scratch\nEXPOSE 99999\n");
  expect(instructions.map(({ kind }) => kind)).toEqual(["FROM", "EXPOSE"]);
});
