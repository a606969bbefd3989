// Guesses for names that are nearly right.

import { expect, test } from "vitest";
import { didYouMean, suggest } from "../suggest.js";

test.each<[string, string[], string | undefined]>([
  ["bulider", ["base", "builder"], "builder"],
  ["RUNN", ["RUN", "USER"], "RUN"],
  ["runn", ["RUN"], "RUN"],
  ["Builder", ["builder"], "builder"],
  ["abc", ["xyz"], undefined],
  ["abcdef", ["abcxyz"], undefined],
  ["ab", ["abcd"], "abcd"],
  ["ab", ["abcde"], undefined],
  ["prodd", ["prof", "prod"], "prod"],
  ["x", [], undefined],
  ["", ["ab"], undefined],
  ["X", ["Y"], undefined],
])("suggest(%s) of %j is %s", (word, candidates, expected) => {
  expect(suggest(word, candidates)).toBe(expected);
});

test("suggest() does not compare very long names", () => {
  expect(suggest("x".repeat(100_000), ["x".repeat(100_001)])).toBeUndefined();
});

test("didYouMean() is a hint, or nothing", () => {
  expect([didYouMean("prodd", ["prod"]), didYouMean("prodd", ["x"])]).toEqual(['Did you mean "prod"?', undefined]);
});
