import { describe, expect, test } from "vitest";
import type { FlagTable } from "../../../cli/flags/flag.js";
import { parseCommandLine } from "../../../cli/flags/parse.js";

const TABLE: FlagTable = {
  flags: [
    { name: "tag", short: "t", kind: "list", help: "" },
    { name: "build-arg", kind: "list", help: "" },
    { name: "file", short: "f", kind: "string", help: "" },
    {
      name: "progress",
      kind: "string",
      choices: ["plain", "tty"],
      env: ["TSBUILD_PROGRESS", "BUILDKIT_PROGRESS"],
      help: "",
    },
    { name: "quiet", short: "q", kind: "bool", help: "" },
    { name: "push", kind: "bool", help: "" },
    { name: "jobs", short: "j", kind: "int", help: "" },
  ],
  refused: [
    { name: "ssh", kind: "string", instead: "Copy it." },
    { name: "squash", kind: "bool", harmless: ["false"], instead: "Join the steps." },
  ],
};

function read(words: readonly string[], interspersed = true) {
  const { flags, args } = parseCommandLine(words, TABLE, { interspersed });
  const values = {
    tag: flags.list("tag"),
    buildArg: flags.list("build-arg"),
    file: flags.text("file"),
    progress: flags.text("progress"),
    quiet: flags.bool("quiet"),
    push: flags.bool("push"),
    jobs: flags.int("jobs"),
  };
  return {
    args,
    ...Object.fromEntries(
      Object.entries(values).filter(([, value]) => value !== undefined && value !== false && String(value) !== ""),
    ),
  };
}

describe("parseCommandLine() follows pflag", () => {
  test.each<[line: string[], expected: object]>([
    [["."], { args: ["."] }],
    [["--tag", "a", "."], { args: ["."], tag: ["a"] }],
    [["--tag=a", "."], { args: ["."], tag: ["a"] }],
    [["-t", "a", "-tb", "-t=c", "."], { args: ["."], tag: ["a", "b", "c"] }],
    [["-qt", "a", "."], { args: ["."], quiet: true, tag: ["a"] }],
    [["-qta", "."], { args: ["."], quiet: true, tag: ["a"] }],
    [["--push", "."], { args: ["."], push: true }],
    [["--push=true", "."], { args: ["."], push: true }],
    [["--push=T", "."], { args: ["."], push: true }],
    [["--push=0", "."], { args: ["."] }],
    [["--push", "--push=False", "."], { args: ["."] }],
    [["-q=false", "."], { args: ["."] }],
    [["--tag", "-x", "."], { args: ["."], tag: ["-x"] }],
    [["--tag", "--push", "."], { args: ["."], tag: ["--push"] }],
    [["--build-arg", "A=1", "--build-arg=B=x=y,z", "."], { args: ["."], buildArg: ["A=1", "B=x=y,z"] }],
    [["--build-arg=A=", "."], { args: ["."], buildArg: ["A="] }],
    [["--build-arg", "A=a\nb", "."], { args: ["."], buildArg: ["A=a\nb"] }],
    [["--build-arg=A=a\nb", "."], { args: ["."], buildArg: ["A=a\nb"] }],
    [["-f", "-", "."], { args: ["."], file: "-" }],
    [["-f", "a", "-f", "b", "."], { args: ["."], file: "b" }],
    [["-f", "", "."], { args: ["."] }],
    [[".", "--push", "-q"], { args: ["."], push: true, quiet: true }],
    [["-"], { args: ["-"] }],
    [["--", "--push", "-q"], { args: ["--push", "-q"] }],
    [["-q", "--", "."], { args: ["."], quiet: true }],
    [["-j", "3", "."], { args: ["."], jobs: 3 }],
    [["-j4", "."], { args: ["."], jobs: 4 }],
    [["--squash=false", "."], { args: ["."] }],
  ])("%j", (line, expected) => {
    expect(read(line)).toEqual(expected);
  });

  test("stops at the first argument where flags may not follow", () => {
    expect(read(["-q", "image", "-t", "x", "--", "y"], false)).toEqual({
      quiet: true,
      args: ["image", "-t", "x", "--", "y"],
    });
  });

  test.each<[line: string[], message: string]>([
    [["--buidl-arg", "A=1"], "unknown flag: --buidl-arg (did you mean --build-arg?)"],
    [["--nothing-like-it"], "unknown flag: --nothing-like-it"],
    [["--=x"], "bad flag syntax: --=x"],
    [["---push"], "bad flag syntax: ---push"],
    [["-x"], "unknown shorthand flag: 'x' in -x"],
    [["-qx"], "unknown shorthand flag: 'x' in -qx"],
    [["--tag"], "flag needs an argument: --tag"],
    [["-t"], "flag needs an argument: 't' in -t"],
    [["--push=maybe"], 'invalid argument "maybe" for "--push" flag: expected true or false'],
    [["--push=TrUe"], 'invalid argument "TrUe" for "--push" flag: expected true or false'],
    [["--jobs=0"], 'invalid argument "0" for "--jobs" flag: expected a whole number from 1'],
    [["--jobs=1.5"], 'invalid argument "1.5" for "--jobs" flag: expected a whole number from 1'],
    [["--progress=fancy"], 'invalid argument "fancy" for "--progress" flag: expected one of plain, tty'],
    [["--ssh", "default"], "--ssh is not supported by this version"],
    [["--squash"], "--squash is not supported by this version"],
  ])("refuses %j", (line, message) => {
    expect(() => read(line)).toThrow(expect.objectContaining({ code: "usage", message }));
  });

  test("says what to do in place of a refused flag", () => {
    expect(() => read(["--ssh=default"])).toThrow(expect.objectContaining({ hint: "Copy it." }));
  });
});

describe("environment variables", () => {
  const withEnv = (words: string[], env: Record<string, string>) =>
    parseCommandLine(words, TABLE, { env }).flags.text("progress");

  test("fill absent flags, the first that is set first", () => {
    expect(withEnv([], { BUILDKIT_PROGRESS: "tty" })).toBe("tty");
    expect(withEnv([], { BUILDKIT_PROGRESS: "tty", TSBUILD_PROGRESS: "plain" })).toBe("plain");
    expect(withEnv([], { BUILDKIT_PROGRESS: "tty", TSBUILD_PROGRESS: "" })).toBe("tty");
  });

  test("do not replace given flags", () => {
    expect(withEnv(["--progress=tty"], { TSBUILD_PROGRESS: "plain" })).toBe("tty");
  });

  test("are checked as the flag is", () => {
    expect(() => withEnv([], { TSBUILD_PROGRESS: "x" })).toThrow(
      'invalid value "x" of TSBUILD_PROGRESS: expected one of plain, tty',
    );
  });
});

test("FlagValues.word() gives one of the words that a flag accepts", () => {
  const words = ["plain", "tty"] as const;
  const read = (...given: string[]) => parseCommandLine(given, TABLE).flags.word("progress", words);
  expect([read(), read("--progress=tty")]).toEqual([undefined, "tty"]);
  expect(() => parseCommandLine(["--file=x"], TABLE).flags.word("file", words)).toThrow("none of plain, tty");
});
