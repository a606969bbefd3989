// Dockerfiles in the style of well-known projects: every stage of each is planned (fixtures/dockerfiles-real).

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listTargets } from "../../checks/index.js";
import { lint, parse, print } from "../../parser/index.js";
import { planText } from "./helpers.js";

const folder = "fixtures/dockerfiles-real";
const files = readdirSync(folder)
  .map((name) => ({ name, text: readFileSync(join(folder, name, "Dockerfile"), "utf8") }))
  .toSorted((a, b) => (a.name < b.name ? -1 : 1));

test("there are at least 40", () => {
  expect(files.length).toBeGreaterThanOrEqual(40);
});

test.each(files)("$name: every target plans without an error or a warning", async ({ text }) => {
  for (const { name } of listTargets(parse(text))) {
    const { vertices, warnings } = await planText(text, name === undefined ? {} : { target: name });
    expect(vertices.length).toBeGreaterThan(0);
    expect(warnings).toEqual([]);
  }
});

test.each(files)("$name: what is printed plans to the same graph", async ({ text }) => {
  const withoutPlaces = async (source: string) =>
    JSON.stringify(await planText(source), (key, value: unknown) =>
      ["span", "lines"].includes(key) ? undefined : value,
    );
  expect(await withoutPlaces(print(parse(text)))).toBe(await withoutPlaces(text));
});

/** What the checks find in them, told once: a change of the rules shows here. */
test("what the checks find", () => {
  const counts = new Map<string, number>();
  for (const { rule } of files.flatMap(({ text }) => lint(parse(text)))) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  expect(Object.fromEntries([...counts].toSorted())).toMatchInlineSnapshot(`
    {
      "LegacyKeyValueFormat": 16,
      "NoEmptyContinuation": 1,
      "SecretsUsedInArgOrEnv": 1,
      "WorkdirRelativePath": 1,
    }
  `);
});
