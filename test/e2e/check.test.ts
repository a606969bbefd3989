// --check, --call and --fix as a user meets them (features rows 3 to 5, 165 to 170, 194; conventions 3.3).

import {
  chmodSync,
  chownSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Workspace } from "../helpers/cli.js";
import { baseImageFlags } from "../helpers/images.js";

const workspace = new Workspace();
afterAll(() => workspace.remove());

const CLEAN = 'FROM scratch\nCOPY a /\nCMD ["/a"]\n';
const TWO = "FROM scratch as x\nCOPY a /\nCMD a\n";
let count = 0;

function context(dockerfile: string, more: Readonly<Record<string, string>> = {}): string {
  return workspace.files(`context-${count++}`, { Dockerfile: dockerfile, a: "", ...more });
}

describe("--check prints what docker prints", () => {
  test("nothing found", async () => {
    const result = await workspace.run(["--check", "."], { cwd: context(CLEAN) });
    expect(result).toMatchObject({ code: 0, stdout: "Check complete, no warnings found.\n", stderr: "" });
  });

  test("one warning, in the singular", async () => {
    const { code, stdout } = await workspace.run(["--call=check", "."], { cwd: context("FROM scratch as x\n") });
    expect({ code, first: stdout.split("\n")[0] }).toEqual({
      code: 1,
      first: "Check complete, 1 warning has been found!",
    });
  });

  test("two warnings, with place and link", async () => {
    const { code, stdout, stderr } = await workspace.run(["build", "--check", "."], { cwd: context(TWO) });
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toMatchInlineSnapshot(`
      "Check complete, 2 warnings have been found!

      WARNING: FromAsCasing - https://docs.docker.com/go/dockerfile/rule/from-as-casing/
      "as" should be in the same case as "FROM"
      Dockerfile:1
      --------------------
         1 | >>> FROM scratch as x
         2 |     COPY a /
         3 |     CMD a
      --------------------

      WARNING: JSONArgsRecommended - https://docs.docker.com/go/dockerfile/rule/json-args-recommended/
      write CMD as a JSON array, else a shell stands between signals and the program
      Dockerfile:3
      --------------------
         1 |     FROM scratch as x
         2 |     COPY a /
         3 | >>> CMD a
      --------------------
      "
    `);
  });

  test("what would fail the build, beside the warnings", async () => {
    const { code, stdout } = await workspace.run(["--check", "."], {
      cwd: context("FROM scratch as x\nCOPY --chmod=rwx a /\n"),
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Check complete, 1 warning has been found!\n/);
    expect(stdout).toContain(
      'ERROR: dockerfile parse error on line 2: expected an octal mode from 0 to 7777 or a symbolic one, found "rwx"\nDockerfile:2:14: error[bad_flag_value]\n',
    );
  });

  test("a file that cannot be parsed: all that is wrong in it", async () => {
    const { code, stdout } = await workspace.run(["--check", "."], { cwd: context("FORM a\nRUNN b\n") });
    expect(code).toBe(1);
    expect(stdout.match(/error\[\w+\].*|hint: .*/g)).toEqual([
      "error[unknown_instruction]",
      'hint: Did you mean "FROM"?',
      "error[unknown_instruction]: unknown instruction: RUNN (did you mean RUN?)",
      'hint: Did you mean "RUN"?',
    ]);
  });

  test("of an image that is not here nothing is asked, and nothing is pulled", async () => {
    const { code } = await workspace.run(["--check", "."], {
      cwd: context("FROM nowhere.invalid/image:1\nRUN true\n"),
    });
    expect(code).toBe(0);
  });

  test("a Dockerfile on stdin, and ignorestatus", async () => {
    const { code, stdout } = await workspace.run(["--call=check,ignorestatus=true", "-"], { stdin: TWO });
    expect({ code, first: stdout.split("\n")[0] }).toEqual({
      code: 0,
      first: "Check complete, 2 warnings have been found!",
    });
  });
});

describe("other formats", () => {
  test("--call=check,format=json has buildx's form", async () => {
    const { stdout } = await workspace.run(["--call=check,format=json", "."], {
      cwd: context("FROM scratch\nCMD a\n"),
    });
    expect(JSON.parse(stdout)).toEqual({
      warnings: [
        {
          ruleName: "JSONArgsRecommended",
          description: "CMD and ENTRYPOINT are JSON arrays, so that the program itself gets the signals.",
          url: "https://docs.docker.com/go/dockerfile/rule/json-args-recommended/",
          detail: "write CMD as a JSON array, else a shell stands between signals and the program",
          location: { ranges: [{ start: { line: 2, character: 0 }, end: { line: 2, character: 3 } }] },
        },
      ],
      sources: [
        {
          filename: "Dockerfile",
          language: "Dockerfile",
          data: Buffer.from("FROM scratch\nCMD a\n").toString("base64"),
        },
      ],
    });
  });

  test("what would fail the build is JSON too", async () => {
    const { code, stdout } = await workspace.run(["--check", "--format=json", "."], {
      cwd: context("FROM scratch\nCOPY --from=1 a /\n"),
    });
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({
      code: 1,
      buildError: {
        message: "invalid stage index 1: expected a stage from 0 to 0",
        location: { ranges: [{ start: { line: 2 } }] },
      },
    });
  });

  test("--format=github: annotations, errors first, special characters escaped", async () => {
    const cwd = context("FROM scratch as x\nENV A='%'\nCOPY --from=1 a /\n");
    const { stdout } = await workspace.run(["--check", "--format=github", "."], { cwd });
    expect(stdout.split("\n")).toEqual([
      "::error file=Dockerfile,line=3,col=13,endColumn=14,title=unknown_stage::invalid stage index 1: expected a stage from 0 to 0",
      '::warning file=Dockerfile,line=1,col=1,endColumn=5,title=FromAsCasing::"as" should be in the same case as "FROM" (https://docs.docker.com/go/dockerfile/rule/from-as-casing/)',
      "",
    ]);
  });

  test("--format=sarif: every result names a rule that the log describes", async () => {
    const { stdout } = await workspace.run(["--check", "--format=sarif", "."], {
      cwd: context(`${TWO}COPY --from=1 a /\n`),
    });
    const { version, runs } = JSON.parse(stdout) as { version: string; runs: SarifRun[] };
    const [run] = runs;
    const known = run!.tool.driver.rules.map(({ id }) => id);
    expect({ version, count: runs.length }).toEqual({ version: "2.1.0", count: 1 });
    expect(run!.results.map(({ ruleId, level }) => `${level} ${ruleId}`)).toEqual([
      "error unknown_stage",
      "warning FromAsCasing",
      "warning JSONArgsRecommended",
    ]);
    expect(run!.results.every(({ ruleId }) => known.includes(ruleId))).toBe(true);
    expect(run!.results[1]!.locations[0]).toEqual({
      physicalLocation: {
        artifactLocation: { uri: "Dockerfile" },
        region: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 5 },
      },
    });
  });

  interface SarifRun {
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly level: string;
      readonly locations: readonly unknown[];
    }[];
  }

  test("--call=outline and --call=targets, as text and as JSON", async () => {
    const cwd = context(
      "# base has tools\nFROM scratch AS base\n# MODE is how\nARG MODE=fast\nRUN --mount=type=secret,id=key,required --mount=type=ssh --mount=type=cache,target=/c x\nFROM base\n",
    );
    const call = async (method: string) =>
      (await workspace.expectSuccess([`--call=${method}`, "--target=base", "."], { cwd })).stdout;
    expect(await call("outline")).toBe(
      [
        "TARGET:      base\nDESCRIPTION: has tools\n",
        "BUILD ARG   VALUE   DESCRIPTION\nMODE        fast    is how\n",
        "SECRET   REQUIRED\nkey      true\n",
        "SSH       REQUIRED\ndefault\n",
        "CACHE MOUNT\n/c\n\n",
      ].join("\n"),
    );
    expect(await call("targets")).toBe("TARGET    DESCRIPTION\nbase      has tools\n(default)\n");
    expect(JSON.parse(await call("outline,format=json"))).toMatchObject({
      name: "base",
      args: [
        {
          name: "MODE",
          value: "fast",
          description: "is how",
          location: { ranges: [{ start: { line: 4, character: 4 } }] },
        },
      ],
      secrets: [{ name: "key", required: true }],
      ssh: [{ name: "default" }],
      cache: [{ ID: "/c" }],
    });
    expect(JSON.parse(await call("targets,format=json"))).toMatchObject({
      targets: [
        { name: "base", base: "scratch" },
        { default: true, base: "base" },
      ],
    });
  });

  test.each([
    [["--call=outlin"], "--call: no method is named"],
    [["--call=check,form=json"], '--call: no option is named "form"'],
    [["--call=targets,format=sarif"], "expected a format of text, json"],
    [["--check", "--call=targets"], "exclude each other"],
    [["--fix"], "--fix is a part of --check"],
    [["--format=json"], "--format is a part of --check"],
  ])("%j is a mistake on the command line", async (flags, message) => {
    const { code, stderr } = await workspace.run([...flags, "."], { cwd: context(CLEAN) });
    expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringContaining(message) });
  });
});

describe("--fix", () => {
  test("corrects the file in place, tells what, and reports what is left", async () => {
    const cwd = context(TWO);
    chmodSync(join(cwd, "Dockerfile"), 0o640);
    const { code, stdout, stderr } = await workspace.run(["--check", "--fix", "."], { cwd });
    expect({ code, stderr }).toEqual({ code: 1, stderr: "fixed FromAsCasing (Dockerfile:1)\n" });
    expect(stdout).toMatch(/^Check complete, 1 warning has been found!\n\nWARNING: JSONArgsRecommended/);
    expect(readFileSync(join(cwd, "Dockerfile"), "utf8")).toBe("FROM scratch AS x\nCOPY a /\nCMD a\n");
    expect(statSync(join(cwd, "Dockerfile")).mode & 0o777).toBe(0o640);
    expect(readdirSync(cwd)).toEqual(["Dockerfile", "a"]);
  });

  test("writes through a link, and leaves the link", async () => {
    const cwd = context(CLEAN, { "real/File": "FROM scratch\nenv a b\n" });
    symlinkSync("real/File", join(cwd, "Linked"));
    await workspace.expectSuccess(["--check", "--fix", "-f", "Linked", "."], { cwd });
    expect(readFileSync(join(cwd, "real/File"), "utf8")).toBe("FROM scratch\nENV a=b\n");
    expect(lstatSync(join(cwd, "Linked")).isSymbolicLink()).toBe(true);
  });

  test("a file with nothing to correct is not written", async () => {
    const cwd = context(CLEAN);
    const before = statSync(join(cwd, "Dockerfile"), { bigint: true });
    await workspace.expectSuccess(["--check", "--fix", "."], { cwd });
    const after = statSync(join(cwd, "Dockerfile"), { bigint: true });
    expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs]);
  });

  test("the owner of the file stays", async () => {
    const cwd = context(TWO);
    chownSync(join(cwd, "Dockerfile"), 7, 8);
    await workspace.run(["--check", "--fix", "."], { cwd });
    const { uid, gid } = statSync(join(cwd, "Dockerfile"));
    expect([uid, gid]).toEqual([7, 8]);
  });

  test("a comment that is not UTF-8 would be lost, so nothing is written", async () => {
    const cwd = context(TWO);
    const bytes = Buffer.concat([Buffer.from("# caf\xe9\n", "latin1"), Buffer.from(TWO)]);
    writeFileSync(join(cwd, "Dockerfile"), bytes);
    const { code, stderr } = await workspace.run(["--check", "--fix", "."], { cwd });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("expected UTF-8 text") });
    expect(readFileSync(join(cwd, "Dockerfile"))).toEqual(bytes);
  });

  test("a file that cannot be parsed is left as it is, and told of", async () => {
    const cwd = context("FROM scratch as x\nRUNN y\n");
    const { code, stdout } = await workspace.run(["--check", "--fix", "--format=json", "."], { cwd });
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({
      code: 1,
      buildError: { message: "unknown instruction: RUNN (did you mean RUN?)" },
    });
    expect(readFileSync(join(cwd, "Dockerfile"), "utf8")).toBe("FROM scratch as x\nRUNN y\n");
  });

  test("what is on stdin cannot be corrected in place", async () => {
    const { code, stderr } = await workspace.run(["--check", "--fix", "-"], { stdin: TWO });
    expect({ code, stderr }).toEqual({ code: 125, stderr: expect.stringContaining("is no file of this machine") });
  });
});

describe("during a build", () => {
  test("warnings are listed at the end, and with --debug shown at their place", async () => {
    const { stderr } = await workspace.expectSuccess(["build", "--progress=plain", "."], { cwd: context(TWO) });
    expect(stderr).toMatch(
      /\n 2 warnings found \(use --debug to expand\):\n - FromAsCasing: .* \(line 1\)\n - JSONArgsRecommended: .* \(line 3\)\n$/,
    );
    const { stderr: more } = await workspace.expectSuccess(["build", "--progress=plain", "--debug", "."], {
      cwd: context(TWO),
    });
    expect(more).toContain("More info: https://docs.docker.com/go/dockerfile/rule/from-as-casing/\nDockerfile:1\n");
  });

  test("# check=error=true fails it before anything runs", async () => {
    const { code, stderr } = await workspace.run(["build", "--progress=plain", "."], {
      cwd: context(`# check=error=true\n${TWO}`),
    });
    expect(code).toBe(1);
    expect(stderr.match(/error\[check_failed\](?:: \w+)?/g)).toEqual([
      "error[check_failed]",
      "error[check_failed]: JSONArgsRecommended",
    ]);
    expect(stderr).not.toContain("COPY a /\n#");
  });

  test("BUILDKIT_DOCKERFILE_CHECK decides in place of the file", async () => {
    const flags = ["build", "--progress=plain", "--build-arg", "BUILDKIT_DOCKERFILE_CHECK=skip=all", "."];
    const { stderr } = await workspace.expectSuccess(flags, { cwd: context(`# check=error=true\n${TWO}`) });
    expect(stderr).not.toContain("warning");
  });

  test("--metadata-file has the warnings when BUILDX_METADATA_WARNINGS asks for them", async () => {
    const flags = ["build", "--metadata-file", "metadata.json", "."];
    const cwd = context(TWO);
    const metadata = () =>
      JSON.parse(readFileSync(join(cwd, "metadata.json"), "utf8")) as Record<string, { short: string }[]>;
    await workspace.expectSuccess(flags, { cwd });
    expect(metadata()).not.toHaveProperty(["buildx.build.warnings"]);
    await workspace.expectSuccess(flags, { cwd, env: { BUILDX_METADATA_WARNINGS: "1" } });
    const shorts = metadata()["buildx.build.warnings"]!.map(({ short }) => Buffer.from(short, "base64").toString());
    expect(shorts.map((short) => short.split(":")[0])).toEqual(["FromAsCasing", "JSONArgsRecommended"]);
  });

  test("the variables of the base image are known", async () => {
    const flags = ["build", "--progress=plain", ...(await baseImageFlags("busybox")), "."];
    const cwd = context("FROM busybox\nENV A=$PATH B=$NOWHERE\n");
    const { stderr } = await workspace.expectSuccess(flags, { cwd });
    expect(stderr).toContain(
      ' 1 warning found (use --debug to expand):\n - UndefinedVar: nothing sets the variable "NOWHERE" (line 2)\n',
    );
    const check = await workspace.run([...flags.slice(2), "--check"], { cwd });
    expect(check.stdout).toContain('nothing sets the variable "NOWHERE"');
  });
});
