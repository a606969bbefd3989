import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { matchPattern } from "../../../planner/context/index.js";

interface Vector {
  readonly pattern: string;
  readonly match?: Readonly<Record<string, boolean>>;
  readonly error?: string;
}

const vectors = JSON.parse(readFileSync(new URL("../../../fixtures/vectors.json", import.meta.url), "utf8")) as {
  readonly copyGlob: readonly Vector[];
};

test.each(vectors.copyGlob)("matchPattern() agrees with Go (S-082): $pattern", ({ pattern, match, error }) => {
  if (error) expect(() => matchPattern(pattern, "x")).toThrow(expect.objectContaining({ code: "bad_pattern" }));
  for (const [name, verdict] of Object.entries(match ?? {})) expect([name, matchPattern(pattern, name)]).toEqual([name, verdict]);
});
