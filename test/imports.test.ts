// The direction of imports between the top-level units, as docs/architecture.md draws it.

import { readFileSync } from "node:fs";
import { posix } from "node:path";
import fg from "fast-glob";
import { describe, expect, test } from "vitest";

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  oci: ["errors"],
  parser: ["errors"],
  progress: ["oci", "parser"],
  filesystem: ["errors", "oci"],
  net: ["errors", "oci"],
  remote: ["errors", "filesystem", "oci"],
  cache: ["errors", "filesystem", "oci"],
  attestations: ["errors", "oci", "packages"],
  packages: ["errors", "filesystem", "oci"],
  planner: ["errors", "filesystem", "oci", "parser", "remote"],
  "registry-client": ["errors", "net", "oci"],
  "ssh-agent": ["errors"],
  executor: ["cache", "errors", "filesystem", "oci", "parser", "planner", "progress", "remote", "ssh-agent"],
  inputs: ["cache", "errors", "filesystem", "oci", "parser", "planner", "progress", "remote", "ssh-agent"],
  checks: ["errors", "oci", "parser", "planner"],
  policy: ["errors", "oci", "parser", "planner", "remote"],
  outputs: ["attestations", "cache", "errors", "executor", "filesystem", "oci", "planner", "progress", "signing"],
  signing: ["errors", "oci"],
  watch: ["errors", "planner"],
  "shared-cache": ["cache", "errors", "executor", "filesystem", "net", "oci", "outputs", "planner", "progress"],
  secrets: ["errors", "filesystem", "oci", "progress"],
  history: ["cache", "errors", "executor", "oci", "progress"],
  space: ["cache", "errors", "executor", "filesystem", "oci", "parser"],
  images: [
    "attestations",
    "cache",
    "errors",
    "executor",
    "filesystem",
    "inputs",
    "oci",
    "outputs",
    "packages",
    "parser",
    "places",
    "progress",
  ],
  report: ["filesystem", "images", "oci", "packages"],
  build: [
    "attestations",
    "cache",
    "checks",
    "errors",
    "executor",
    "filesystem",
    "history",
    "inputs",
    "oci",
    "outputs",
    "packages",
    "parser",
    "places",
    "planner",
    "policy",
    "progress",
    "registry-options",
    "remote",
    "secrets",
    "shared-cache",
    "signing",
    "space",
    "version",
    "watch",
  ],
  commands: [
    "cache",
    "errors",
    "executor",
    "filesystem",
    "history",
    "images",
    "inputs",
    "oci",
    "places",
    "planner",
    "progress",
    "registry-client",
    "registry-options",
    "report",
    "shared-cache",
    "signing",
    "space",
    "transports",
    "version",
  ],
  transports: ["cache", "errors", "filesystem", "oci"],
  cli: ["index"],
};

interface Import {
  readonly from: string;
  /** The path of the imported file, from the root, with `.js`. */
  readonly to: string;
}

const files = fg.sync(Object.keys(MAY_IMPORT).flatMap((name) => [`${name}.ts`, `${name}/**/*.ts`]));
const imports = files.flatMap((from): Import[] => {
  const specifiers = readFileSync(from, "utf8").matchAll(/\b(?:from|import\()\s*"(\.[^"]+)"/g);
  return [...specifiers].map(([, specifier]) => ({ from, to: posix.join(posix.dirname(from), specifier!) }));
});
const crossing = imports.filter(({ from, to }) => unit(from) !== unit(to));

function unit(path: string): string {
  return path.split("/")[0]!.replace(/\.[jt]s$/, "");
}

describe("imports", () => {
  test.each(Object.entries(MAY_IMPORT))("%s imports only what it may: %j", (name, allowed) => {
    const wrong = crossing.filter(({ from, to }) => unit(from) === name && !allowed.includes(unit(to)));
    expect(wrong).toEqual([]);
  });

  test("a folder is entered through its index.ts", () => {
    expect(crossing.filter(({ to }) => to.includes("/") && !/^[^/]+\/index\.js$/.test(to))).toEqual([]);
  });

  test("every import is written with .js", () => {
    expect(imports.filter(({ to }) => !to.endsWith(".js"))).toEqual([]);
  });

  test("every unit is known", () => {
    const folders = fg
      .sync("*/*.ts", {
        ignore: ["bench/**", "examples/**", "fixtures/**", "node_modules/**", "scripts/**", "test/**"],
      })
      .map(unit);
    expect([...new Set(folders)].filter((name) => !(name in MAY_IMPORT))).toEqual([]);
  });
});

test("only cli/ writes to the terminal", () => {
  const others = files.filter((path) => unit(path) !== "cli");
  const printing = others.filter((path) => /\bconsole\.|process\.std(?:out|err)\b/.test(readFileSync(path, "utf8")));
  expect(printing).toEqual([]);
});
