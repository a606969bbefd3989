import { expect, test } from "vitest";
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
