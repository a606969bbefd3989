// Which findings are warnings: directives, comments and build arguments (features rows 3 to 5, 119, 129, 165).

import { describe, expect, test } from "vitest";
import { buildWarnings, KnownImages, planAll } from "../../checks/index.js";
import { DockerfileError, parse } from "../../parser/index.js";
import { plan } from "../../planner/index.js";
import { AMD64, image } from "../planner/helpers.js";
import { checkText, type CheckTextOptions } from "./helpers.js";

async function rules(text: string, options?: CheckTextOptions): Promise<string[]> {
  return (await checkText(text, options)).map(({ rule, span }) => `${rule}:${span.line}`);
}

describe("what is skipped", () => {
  const body = "FROM a as B\nCMD x\n";

  test.each([
    ["nothing", body, ["FromAsCasing:1", "StageNameCasing:1", "JSONArgsRecommended:2"]],
    ["rules by name", `# check=skip=FromAsCasing,StageNameCasing\n${body}`, ["JSONArgsRecommended:3"]],
    ["all rules", `# check=skip=all\n${body}`, []],
    [
      "rules for one instruction",
      `# x\n\n# check=skip=FromAsCasing\n${body}`,
      ["StageNameCasing:4", "JSONArgsRecommended:5"],
    ],
    [
      "a rule that is not there",
      `# check=skip=Nothing\n${body}`,
      ["FromAsCasing:2", "StageNameCasing:2", "JSONArgsRecommended:3"],
    ],
  ])("%s", async (_, text, expected) => {
    expect(await rules(text)).toEqual(expected);
  });

  test("BUILDKIT_DOCKERFILE_CHECK replaces the directive of the file", async () => {
    const buildArgs = { BUILDKIT_DOCKERFILE_CHECK: "skip=JSONArgsRecommended" };
    expect(await rules(`# check=skip=all\n${body}`, { buildArgs })).toEqual(["FromAsCasing:2", "StageNameCasing:2"]);
  });

  test("a BUILDKIT_DOCKERFILE_CHECK that cannot be read is refused by name", async () => {
    const buildArgs = { BUILDKIT_DOCKERFILE_CHECK: "skp=all" };
    await expect(checkText(body, { buildArgs })).rejects.toMatchObject({
      code: "bad_directive",
      message:
        'build argument BUILDKIT_DOCKERFILE_CHECK: "skp=all" is not a check option, expected skip, error or experimental',
    });
  });
});

describe("what the base image says", () => {
  test("its variables are set, also for the stages built on it", async () => {
    const text = "FROM a AS one\nFROM one\nENV X=$GOPATH Y=$GOROOT\n";
    expect(await rules(text, { env: ["PATH=/bin", "GOPATH=/go"] })).toEqual(["UndefinedVar:3"]);
  });

  test("its platform is told in BuildKit's words, and may be skipped", async () => {
    const [warning] = await checkText("FROM arm", { armOnly: ["arm"] });
    expect(warning).toMatchObject({
      rule: "InvalidBaseImagePlatform",
      message: 'Base image arm was pulled with platform "linux/arm64", expected "linux/amd64" for current build',
    });
    expect(await rules("# check=skip=InvalidBaseImagePlatform\nFROM arm", { armOnly: ["arm"] })).toEqual([]);
  });
});

describe("what .dockerignore says", () => {
  const head = "# check=experimental=CopyIgnoredFile\n";

  test.each([
    ["a file", "COPY dist/a /", ["CopyIgnoredFile:3"]],
    ["a folder", "COPY dist /", ["CopyIgnoredFile:3"]],
    ["a path from the root", "ADD /dist/ /", ["CopyIgnoredFile:3"]],
    ["a folder with something in it that is kept", "COPY docs /", []],
    ["what is kept in it", "COPY docs/keep.md /", []],
    ["all", "COPY . /", []],
    ["another stage", "COPY --from=x dist /", []],
    ["a pattern", "COPY dist/* /", []],
  ])("%s", async (_, line, expected) => {
    expect(await rules(`${head}FROM a\n${line}`, { ignored: ["dist", "docs", "!docs/keep.md"] })).toEqual(expected);
  });
});

describe("a build", () => {
  async function warnings(text: string, buildArgs: Readonly<Record<string, string>> = {}) {
    const dockerfile = parse(text);
    const images = new KnownImages(async (name, platform) => image(name, platform));
    const context = { directory: "/src", ignore: { patterns: [] } };
    const graph = await plan(dockerfile, { resolveImage: images.resolve, buildPlatform: AMD64, context, buildArgs });
    return buildWarnings(dockerfile, graph, { images, context, buildArgs });
  }

  test("is warned of build arguments that nothing asks for, with what is meant (delight 14)", async () => {
    expect(await warnings("FROM a\nARG VERSION", { VERSOIN: "1" })).toEqual([
      {
        rule: "--build-arg",
        message: 'build argument "VERSOIN" was given, but no ARG uses it (did you mean "VERSION"?)',
      },
    ]);
  });

  test("fails when the file says that warnings are errors: all of them, each at its place", async () => {
    const error = await warnings("# check=error=true\nFROM a as b\nCMD x\n").then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(DockerfileError);
    const { code, message, hint, others, span } = error as DockerfileError;
    expect({ code, message, hint, line: span.line }).toEqual({
      code: "check_failed",
      message: 'FromAsCasing: "as" should be in the same case as "FROM"',
      hint: 'Correct it, or write "# check=skip=FromAsCasing" above the instruction.',
      line: 2,
    });
    expect(others.map((other) => `${other.code}:${other.span.line}`)).toEqual(["check_failed:3"]);
  });

  test("does not fail when nothing is found, or what is found is skipped", async () => {
    expect(await warnings("# check=error=true\nFROM a\n")).toEqual([]);
    expect(await warnings("# check=skip=JSONArgsRecommended;error=true\nFROM a\nCMD x\n")).toEqual([]);
  });
});

test("what is wrong in any stage is told once, all at once", async () => {
  const text =
    'FROM a AS one\nCOPY --from=two x /\nFROM a AS two\nUSER "$\n\nFROM a AS three\nCOPY --chmod=rwx x /\nFROM one AS four\n';
  const context = { directory: "/src", ignore: { patterns: [] } };
  const { error } = await planAll(parse(text), {
    resolveImage: async (name, platform) => image(name, platform),
    context,
  });
  expect([error!, ...error!.others].map(({ code, span }) => `${code}:${span.line}`)).toEqual([
    "stage_order:2",
    "unterminated_quote:4",
    "bad_flag_value:7",
  ]);
});
