import { expect, test } from "vitest";
import { COMMANDS } from "../../cli/commands.js";
import { allFlags, commandHelp, flagHelp, fullHelp } from "../../cli/help.js";
import { cliReference } from "../../cli/reference.js";

const build = COMMANDS.find(({ name }) => name === "build")!;

test.each(COMMANDS.map((command) => [command.name, command] as const))(
  "tsbuild %s --help fits a screen",
  (_, command) => {
    const lines = commandHelp(command).trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(lines.filter((line) => line.length > 100)).toEqual([]);
  },
);

test("tsbuild --help names every command, and every flag that has a group", () => {
  const text = commandHelp(build);
  for (const { name } of COMMANDS) expect(text).toContain(name.split(" ", 1)[0]!);
  for (const { name, group, rare } of build.flags.flags)
    if (group !== undefined && !rare) expect(text).toContain(`--${name}`);
  for (const { name } of build.flags.flags) expect(allFlags(build)).toContain(`--${name}`);
});

test("flagHelp() tells all there is about a flag, by name or letter", () => {
  expect(flagHelp(build, "platform")).toMatchInlineSnapshot(`
    [
      "tsbuild build --platform OS/ARCH[,OS/ARCH]
      What the image is for (default: this machine's).
      "local" is this machine's. Several platforms give an image index. A stage that begins with "FROM --platform=$BUILDPLATFORM" is built once, on this machine, for all of them. RUN steps for another architecture need an emulator in binfmt_misc: "apt-get install qemu-user-static".
      Taken from DOCKER_DEFAULT_PLATFORM when absent.
    ",
    ]
  `);
  expect(flagHelp(build, "t")).toEqual(flagHelp(build, "tag"));
});

test("tsbuild help COMMAND has the rare flags too, and --help says so where it leaves some out", () => {
  for (const command of COMMANDS.filter(({ name }) => name !== "build")) {
    const [common, full] = [commandHelp(command), fullHelp(command)];
    const { flags } = command.flags;
    for (const { name } of flags) expect(full).toMatch(new RegExp(`--${name}\\s`));
    const isWhole = flags.every(({ name }) => new RegExp(`--${name}\\s`).test(common));
    expect(common.includes(` (all: tsbuild help ${command.name}):\n`)).toBe(!isWhole);
  }
  expect(fullHelp(COMMANDS.find(({ name }) => name === "pull")!)).toContain("--signature-policy FILE");
});

test("flagHelp() says what to do in place of a refused flag", () => {
  expect(flagHelp(build, "root").join()).toContain("It is not supported by this version. Use --home to choose");
  const load = COMMANDS.find(({ name }) => name === "load")!;
  expect(flagHelp(load, "signature-policy").join()).toContain("It has no effect on archives that are loaded");
});

test("docs/cli.md is up to date", async () => {
  await expect(cliReference()).toMatchFileSnapshot("../../docs/cli.md");
});
