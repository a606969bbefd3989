// docs/checks.md, held equal to the rules; its examples are tried.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fixText } from "../../checks/index.js";
import { LINT_RULES } from "../../parser/index.js";
import { checkText } from "./helpers.js";

const page = readFileSync("docs/checks.md", "utf8");
const sections = page
  .slice(page.indexOf("## Rules"))
  .split(/^### /m)
  .slice(1)
  .map((section) => {
    const [bad = "", good = ""] = [...section.matchAll(/```dockerfile\n([^]*?\n)```/g)].map(([, text]) => text!);
    return { rule: section.slice(0, section.indexOf("\n")), bad, good, fixable: section.includes("*Fixable.*") };
  });

test("has a heading for each rule, and no other", () => {
  expect(sections.map(({ rule }) => rule).toSorted()).toEqual(LINT_RULES.map(({ name }) => name).toSorted());
});

test("there are 22 rules (features rows 171 to 192)", () => {
  expect(LINT_RULES).toHaveLength(22);
});

describe.each(sections)("$rule", ({ rule, bad, good }) => {
  const options = { ignored: ["dist"], armOnly: ["arm-only"] };

  test("reports what is called bad, once, and links here", async () => {
    const found = (await checkText(bad, options)).filter((warning) => warning.rule === rule);
    expect(found.map(({ url }) => url)).toEqual([
      expect.stringMatching(/^https:\/\/docs\.docker\.com\/go\/dockerfile\/rule\/[a-z-]+\/$/),
    ]);
  });

  test("leaves alone what is called good", async () => {
    expect((await checkText(good, options)).map((warning) => warning.rule)).not.toContain(rule);
  });
});

test.each(sections.filter(({ fixable }) => fixable))("$rule: bad is corrected to good", ({ bad, good }) => {
  expect(fixText(bad).text).toBe(good);
});

test.each(sections.filter(({ fixable }) => !fixable))("$rule is not corrected", ({ rule, bad }) => {
  expect(fixText(bad).fixes.filter((fix) => fix.rule === rule)).toEqual([]);
});
