// The direction of imports between folders and root files is the table of docs/architecture.md; packages are few, each in its place.

import { readFileSync } from "node:fs";
import { posix } from "node:path";
import fg from "fast-glob";
import { describe, expect, test } from "vitest";

/** What each unit, a folder or a root file, may import: in the order of the table. */
const MAY_IMPORT = readTable(sectionOf("docs/architecture.md", "Folders"));

interface Import {
  readonly from: string;
  /** The path of the imported file, from the root, with `.js`; the name of a package. */
  readonly to: string;
}

/** Of the forms that the sources have: one line, the last line of several, and at run time. */
const IMPORT = /(?:^(?:import|export|\})[^"\n]* from |\b(?:import|require)\()"(?!node:)([^"\n]+)"/gm;

const files = fg.sync("**/*.ts", {
  ignore: ["bench", "dist", "examples", "fixtures", "node_modules", "scripts", "test"]
    .map((folder) => `${folder}/**`)
    .concat("vitest.config.ts"),
});
const all = files.flatMap(importsOf);
const imports = all.filter(({ to }) => /\.\w+$/.test(to));
const crossing = imports.filter(({ from, to }) => unit(from) !== unit(to));

function sectionOf(path: string, heading: string): string {
  return readFileSync(path, "utf8").split(`\n## ${heading}\n`)[1]!.split("\n## ")[0]!;
}

/** Rows such as: | `oci/` | what it owns | errors | */
function readTable(text: string): ReadonlyMap<string, readonly string[]> {
  const rows = text.matchAll(/^\| `([^`]+)` \| .+ \| ([^|]+) \|$/gm);
  return new Map([...rows].map(([, name, allowed]) => [unit(name!), allowed!.match(/[\w-]+/g) ?? []]));
}

function importsOf(from: string): Import[] {
  const specifiers = readFileSync(from, "utf8").matchAll(IMPORT);
  return [...specifiers].map(([, specifier]) => {
    const isRelative = specifier!.startsWith(".");
    return { from, to: isRelative ? posix.join(posix.dirname(from), specifier!) : packageOf(specifier!) };
  });
}

function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

function unit(path: string): string {
  return path.split("/")[0]!.replace(/\.[jt]s$/, "");
}

/** Without repetitions, in one order. */
const sorted = (values: Iterable<string>): string[] => [...new Set(values)].toSorted();

describe("imports", () => {
  test.each([...MAY_IMPORT])("%s imports what docs/architecture.md says, no less and no more: %j", (name, allowed) => {
    const used = crossing.filter(({ from }) => unit(from) === name).map(({ to }) => unit(to));
    expect(sorted(used)).toEqual(sorted(allowed));
  });

  test("every folder and root file is in the table, and nothing else", () => {
    expect(sorted(MAY_IMPORT.keys())).toEqual(sorted(files.map(unit)));
  });

  test("a row imports only rows above it", () => {
    const order = [...MAY_IMPORT.keys()];
    const upward = [...MAY_IMPORT].filter(([name, allowed]) =>
      allowed.some((other) => order.indexOf(other) >= order.indexOf(name)),
    );
    expect(upward).toEqual([]);
  });

  test("a folder is entered through its index.ts", () => {
    expect(crossing.filter(({ to }) => to.includes("/") && !/^[^/]+\/index\.js$/.test(to))).toEqual([]);
  });

  test("every import is written with .js", () => {
    expect(imports.filter(({ to }) => !to.endsWith(".js"))).toEqual([]);
  });
});

describe("packages", () => {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as Readonly<
    Record<"dependencies" | "optionalDependencies", Readonly<Record<string, string>>>
  >;
  const installed = Object.keys({ ...dependencies, ...optionalDependencies });
  const outside = all.filter(({ to }) => !/\.\w+$/.test(to));

  test("those of package.json are imported, and no others", () => {
    expect(sorted(outside.map(({ to }) => to))).toEqual(sorted(installed));
  });

  test("each is imported by one folder, but for those that CONTRIBUTING.md names", () => {
    const [rule] = /^10\. \*\*Dependencies\*\*.*?\n\n/ms.exec(sectionOf("CONTRIBUTING.md", "Rules"))!;
    const foldersOf = (name: string) => new Set(outside.filter(({ to }) => to === name).map(({ from }) => unit(from)));
    const shared = installed.filter((name) => foldersOf(name).size > 1);
    expect(sorted(shared)).toEqual(sorted([...rule.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)));
  });
});

test("only cli/ writes to the terminal", () => {
  const others = files.filter((path) => unit(path) !== "cli");
  const printing = others.filter((path) => /\bconsole\.|process\.std(?:out|err)\b/.test(readFileSync(path, "utf8")));
  expect(printing).toEqual([]);
});
