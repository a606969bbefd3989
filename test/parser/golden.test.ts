// Whole files: fixtures/dockerfiles/<case>/Dockerfile gives ast.json, or error.txt. `npx vitest -u` writes them anew.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { DockerfileError, parse, toJson } from "../../parser/index.js";

const folder = fileURLToPath(new URL("../../fixtures/dockerfiles/", import.meta.url));

/** Every error as a user sees it. */
function report(error: DockerfileError): string {
  return [error, ...error.others]
    .map((each) =>
      [
        `error[${each.code}]: ${each.message}`,
        each.excerpt(),
        ...(each.hint === undefined ? [] : [`hint: ${each.hint}`]),
        "",
      ].join("\n"),
    )
    .join("\n");
}

/** The file that is expected, and its content. */
function outcome(path: string): [string, string] {
  try {
    return ["ast.json", `${JSON.stringify(toJson(parse(readFileSync(path))), null, 1)}\n`];
  } catch (error) {
    if (error instanceof DockerfileError) return ["error.txt", report(error)];
    throw error;
  }
}

describe("parse() of fixtures/dockerfiles", () => {
  test.each(readdirSync(folder))("%s", async (name) => {
    const [file, content] = outcome(`${folder}${name}/Dockerfile`);
    await expect(content).toMatchFileSnapshot(`${folder}${name}/${file}`);
    expect(existsSync(`${folder}${name}/${file === "ast.json" ? "error.txt" : "ast.json"}`)).toBe(false);
  });
});
