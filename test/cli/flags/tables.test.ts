import { describe, expect, test } from "vitest";
import { buildOptions } from "../../../cli/commands/build-options.js";
import { COMMANDS } from "../../../cli/commands.js";
import { parseCommandLine } from "../../../cli/flags/parse.js";

const build = COMMANDS.find(({ name }) => name === "build")!;

/** Every flag of `docker buildx build` and of the classic `docker build`, hidden ones included. */
const DOCKER_FLAGS = [
  ..."add-host allow annotation attest build-arg build-context builder cache-from cache-to call cgroup-parent check debug file iidfile label".split(
    " ",
  ),
  ..."load metadata-file network no-cache no-cache-filter output platform policy progress provenance pull push quiet sbom secret shm-size ssh".split(
    " ",
  ),
  ..."tag target ulimit compress cpu-period cpu-quota cpu-shares cpuset-cpus cpuset-mems force-rm isolation memory memory-swap rm".split(
    " ",
  ),
  ..."security-opt squash detach root server-config print invoke resource".split(" "),
];

test.each(DOCKER_FLAGS)("--%s of docker build is honoured, or refused by name", (name) => {
  const { flags, refused } = build.flags;
  expect([...flags, ...refused].map((flag) => flag.name)).toContain(name);
});

test.each(build.flags.refused.map((flag) => [flag.name, flag] as const))(
  "--%s is refused with what to do instead",
  (name, flag) => {
    const line = flag.kind === "bool" ? [`--${name}`] : [`--${name}`, "x"];
    const refusal = expect.objectContaining({
      code: "usage",
      message: `--${name} is not supported by this version`,
      hint: flag.instead,
    });
    expect(() => parseCommandLine(line, build.flags)).toThrow(refusal);
    expect(flag.instead).toMatch(/^[A-Z].*\.$/);
  },
);

test.each(COMMANDS.map((command) => [command.name, command] as const))(
  "%s: names and letters are unique, texts are lines",
  (_, { flags }) => {
    const all = [...flags.flags, ...flags.refused];
    const names = all.map(({ name }) => name);
    const letters = all.flatMap(({ short }) => short ?? []);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(letters).size).toBe(letters.length);
    for (const { help } of flags.flags) expect(help).toMatch(/^[^A-Z\n][^\n]*[^.\n]$/);
  },
);

describe.each(["lock", "plan", "shell"])("tsbuild %s, which does a part of a build", (command) => {
  const { flags } = COMMANDS.find(({ name }) => name === command)!;

  test("takes each flag of a build, or refuses it by name", () => {
    const known = [...flags.flags, ...flags.refused].map(({ name }) => name);
    expect(known).toEqual(expect.arrayContaining(build.flags.flags.map(({ name }) => name)));
  });

  test.each([
    ["--push"],
    ["-q"],
    ["--load"],
    ["--sbom", "true"],
    ["--squash"],
    ["--creds", "u:p"],
    ["--watch"],
    ["--fix"],
  ])("refuses %s", (...words) => {
    const message = expect.stringMatching(new RegExp(`^--[a-z]+ has no meaning for a ${command}$`));
    const refusal = expect.objectContaining({ code: "usage", message, hint: "Leave it out." });
    expect(() => parseCommandLine([...words, "."], flags)).toThrow(refusal);
  });

  test("makes options of a build of what it takes", () => {
    const { flags: values } = parseCommandLine(["--build-arg=A=b", "."], flags);
    expect(buildOptions(values, { env: {}, stdout: process.stdout })).toMatchObject({
      buildArgs: { A: "b" },
      tags: [],
    });
  });

  test("takes a switch that is off, and no notice of variables that are of another part", () => {
    const env = { TSBUILD_CACHE_MAX: "nonsense", TSBUILD_PROGRESS: "plain" };
    expect(parseCommandLine(["--push=false", "."], flags, { env }).args).toEqual(["."]);
  });
});

test("a plan takes what decides which steps run, a lock what decides which sources there are", () => {
  const takes = (command: string, ...words: string[]) => {
    const { flags } = COMMANDS.find(({ name }) => name === command)!;
    return parseCommandLine([...words, "."], flags).args;
  };
  expect(takes("plan", "-t", "a:1", "--cache=auto", "--no-cache", "--cap-add=ALL", "--locked")).toEqual(["."]);
  expect(takes("lock", "--target=a", "--build-arg=A=b", "--platform=linux/arm64", "--authfile=f")).toEqual(["."]);
  expect(() => takes("lock", "--pull")).toThrow("--pull has no meaning for a lock");
  expect(() => takes("plan", "--memory=1g")).toThrow("--memory has no meaning for a plan");
});
