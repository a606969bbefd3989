import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { IgnoreMatcher, parseIgnore } from "../../../planner/context/index.js";

interface Vector {
  readonly file: string;
  readonly patterns?: readonly string[] | null;
  readonly excluded?: Readonly<Record<string, boolean>>;
  readonly error?: string;
}

const vectors = JSON.parse(readFileSync(new URL("../../../fixtures/vectors.json", import.meta.url), "utf8")) as {
  readonly dockerignore: readonly Vector[];
  readonly dockerignoreRandom: readonly Vector[];
};

const matcherOf = (text: string) => new IgnoreMatcher(parseIgnore(text, ".dockerignore"));

describe.each(["dockerignore", "dockerignoreRandom"] as const)("moby's verdicts: %s", (list) => {
  test.each(vectors[list])("$file", ({ file, patterns, excluded, error }) => {
    if (error) {
      expect(() => parseIgnore(file, ".dockerignore")).toThrow(expect.objectContaining({ code: "bad_pattern" }));
      return;
    }
    const rules = parseIgnore(file, ".dockerignore");
    const matcher = new IgnoreMatcher(rules);
    expect(rules.patterns.map(({ text }) => text)).toEqual(patterns ?? []);
    for (const [path, verdict] of Object.entries(excluded!)) expect([path, matcher.matches(path)]).toEqual([path, verdict]);
  });
});
