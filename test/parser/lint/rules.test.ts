// Each lint rule: what it reports, and what it leaves alone.

import { describe, expect, test } from "vitest";
import { copyIgnoredFile, lint, LINT_RULES, parse, type LintOptions } from "../../../parser/index.js";
import { place } from "../helpers.js";

/** `place message` of what one rule finds. */
function findings(rule: string, source: string, options?: LintOptions): string[] {
  const tree = parse(source.includes("FROM") || source.includes("from") ? source : `FROM a\n${source}`);
  return lint(tree, options)
    .filter((finding) => finding.rule === rule)
    .map(({ span, message }) => `${place(span)} ${message}`);
}

type Row = [rule: string, source: string, ...expected: string[]];

const rows: Row[] = [
  ["StageNameCasing", "FROM a AS Base\nFROM b AS low", '1:11+4 the name of stage "Base" should be in lower case'],
  [
    "FromAsCasing",
    "FROM a as b\nfrom a AS c\nFROM a AS d\nfrom a as e",
    '1:1+4 "as" should be in the same case as "FROM"',
    '2:1+4 "AS" should be in the same case as "from"',
  ],
  [
    "NoEmptyContinuation",
    "RUN a \\\n\n b\nRUN c \\\n# d\n e",
    "3:1+0 a blank line stands inside of RUN, which may become an error",
  ],
  [
    "ConsistentInstructionCasing",
    "FROM a\nrun b\nRun c\nRUN d",
    '2:1+3 "run" should be in upper case as most instructions are',
    '3:1+3 "Run" should be in upper case as most instructions are',
  ],
  [
    "ConsistentInstructionCasing",
    "from a\nrun b\nRUN c",
    '3:1+3 "RUN" should be in lower case as most instructions are',
  ],
  ["ConsistentInstructionCasing", "FROM a\nRUN b"],
  ["DuplicateStageName", "FROM a AS b\nFROM a AS B\nFROM a", '2:11+1 an earlier stage is named "b" too'],
  [
    "ReservedStageName",
    "FROM a AS scratch\nFROM b AS Context\nFROM c AS d",
    '1:11+7 "scratch" has a meaning of its own and cannot name a stage',
    '2:11+7 "context" has a meaning of its own and cannot name a stage',
  ],
  [
    "JSONArgsRecommended",
    'CMD a\nENTRYPOINT ["b"]\nRUN c',
    "2:1+3 write CMD as a JSON array, else a shell stands between signals and the program",
  ],
  ["JSONArgsRecommended", 'SHELL ["/bin/bash", "-c"]\nCMD a'],
  ["JSONArgsRecommended", 'FROM a AS b\nSHELL ["/bin/bash", "-c"]\nFROM b\nCMD x'],
  [
    "MaintainerDeprecated",
    "MAINTAINER a",
    "2:1+10 MAINTAINER is deprecated, use LABEL org.opencontainers.image.authors",
  ],
  [
    "LegacyKeyValueFormat",
    "ENV a b\nLABEL c d\nENV e=f",
    "2:1+3 write ENV name=value instead of ENV name value",
    "3:1+5 write LABEL name=value instead of LABEL name value",
  ],
  [
    "MultipleInstructionsDisallowed",
    'CMD ["a"]\nCMD ["b"]\nCMD ["c"]\nFROM d\nCMD ["e"]',
    "2:1+3 this CMD has no effect, a later one in the stage replaces it",
    "3:1+3 this CMD has no effect, a later one in the stage replaces it",
  ].map((cell, index) => (index === 1 ? `FROM a\n${cell}` : cell)) as Row,
  [
    "MultipleInstructionsDisallowed",
    "HEALTHCHECK NONE\nHEALTHCHECK CMD x\nENTRYPOINT []",
    "2:1+11 this HEALTHCHECK has no effect, a later one in the stage replaces it",
  ],

  [
    "UndefinedArgInFrom",
    "ARG VERSION\nFROM a:$VERSOIN",
    '2:8+8 no ARG before the first FROM is named "VERSOIN", did you mean "VERSION"?',
  ],
  [
    "UndefinedArgInFrom",
    "FROM --platform=$BUILDPLATFROM a",
    '1:17+14 no ARG before the first FROM is named "BUILDPLATFROM", did you mean "BUILDPLATFORM"?',
  ],
  ["UndefinedArgInFrom", "ARG A\nFROM --platform=$TARGETPLATFORM a:$A${B:-x}${C+y}"],
  ["UndefinedArgInFrom", "FROM a\nARG B\nFROM $B", '3:6+2 no ARG before the first FROM is named "B"'],
  [
    "InvalidDefaultArgInFrom",
    "ARG BASE\nFROM $BASE",
    '2:6+5 without build arguments the image $BASE is "", which is no valid name',
  ],
  [
    "InvalidDefaultArgInFrom",
    "ARG T\nFROM busybox:${T}",
    '2:6+12 without build arguments the image busybox:${T} is "busybox:", which is no valid name',
  ],
  [
    "InvalidDefaultArgInFrom",
    "ARG T=1 R=ghcr.io/acme D=localhost:5000\nFROM busybox:${T}\nFROM $R/x@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nFROM $D/x:y-$TARGETARCH\nFROM ${U:-busybox}",
  ],

  [
    "WorkdirRelativePath",
    "WORKDIR a\nWORKDIR /b\nWORKDIR c",
    "2:9+1 WORKDIR a is below whatever directory the base image has",
  ],
  [
    "WorkdirRelativePath",
    "ENV D=a E=/b\nWORKDIR $D/x\nWORKDIR $E",
    "3:9+4 WORKDIR a/x is below whatever directory the base image has",
  ],
  ["WorkdirRelativePath", "WORKDIR $HOME/x"],
  ["WorkdirRelativePath", "WORKDIR C:/a"],
  ["WorkdirRelativePath", "FROM a AS b\nWORKDIR /x\nFROM b AS c\nFROM c\nWORKDIR y"],

  ["UndefinedVar", "FROM scratch\nCOPY $foo .", '2:6+4 nothing sets the variable "foo"'],
  ["UndefinedVar", "FROM scratch\nARG foo\nENV bar=$foo baz=$bar", '3:18+4 nothing sets the variable "bar"'],
  ["UndefinedVar", "FROM scratch\nARG a=1 b=$a c=$d", '2:16+2 nothing sets the variable "d"'],
  [
    "UndefinedVar",
    "FROM scratch\nENV PATH=$PATH:/x ${K}=v A=${B:-x}${C+y}${D:?z} E='$F' G=$1$$",
    '2:19+2 nothing sets the variable "K"',
  ],
  [
    "UndefinedVar",
    "FROM scratch\nENV A=${B:-${C}} D=${E%$F}",
    '2:12+2 nothing sets the variable "C"',
    '2:20+2 nothing sets the variable "E"',
    '2:24+2 nothing sets the variable "F"',
  ],
  [
    "UndefinedVar",
    "FROM alpine\nENV PATH=$PAHT:/x JAVA=$JAVA_HOME",
    '2:10+5 nothing sets the variable "PAHT", did you mean "PATH"?',
  ],
  ["UndefinedVar", "FROM scratch AS a\nENV X=1\nFROM a\nUSER $X\nWORKDIR /$Y", '5:10+2 nothing sets the variable "Y"'],
  [
    "UndefinedVar",
    "FROM scratch\nRUN --mount=type=cache,target=$T,from=$U echo $V",
    '2:31+2 nothing sets the variable "T"',
  ],
  [
    "UndefinedVar",
    "FROM scratch\nCOPY --chown=$U --exclude=$E <<A <<'B' /x\n\"$C\"\nA\n$D\nB",
    '2:14+2 nothing sets the variable "U"',
    '2:27+2 nothing sets the variable "E"',
    '3:2+2 nothing sets the variable "C"',
  ],
  ["UndefinedVar", "FROM scratch\nLABEL a=1 \\\n  b=$c", '3:5+2 nothing sets the variable "c"'],
  ["UndefinedVar", "FROM scratch\nENV A=${ B=$"],

  [
    "RedundantTargetPlatform",
    "FROM --platform=$TARGETPLATFORM a\nFROM --platform=${TARGETPLATFORM} a\nFROM --platform=${TARGETPLATFORM:-x} a",
    "1:17+15 --platform=$TARGETPLATFORM is what FROM does anyway",
    "2:17+17 --platform=${TARGETPLATFORM} is what FROM does anyway",
  ],
  [
    "FromPlatformFlagConstDisallowed",
    "FROM --platform=linux/amd64 a\nFROM --platform=linux/arm64 a AS build_arm64\nFROM --platform=$BUILDPLATFORM a",
    "1:17+11 --platform is always linux/amd64, whatever platform is built",
  ],
  [
    "SecretsUsedInArgOrEnv",
    "ARG API_KEY TOKEN_FILE GITHUB_TOKEN=x\nENV db_password=x PUBLIC_KEY=y KEYBOARD=z",
    '2:5+7 ARG "API_KEY" is kept in the image, use RUN --mount=type=secret for secrets',
    '2:24+12 ARG "GITHUB_TOKEN" is kept in the image, use RUN --mount=type=secret for secrets',
    '3:5+11 ENV "db_password" is kept in the image, use RUN --mount=type=secret for secrets',
  ],
  [
    "ExposeProtoCasing",
    "EXPOSE 80/TcP 81/udp $P/UDP 82",
    "2:8+6 the protocol of 80/TcP should be in lower case",
    "2:22+6 the protocol of $P/UDP should be in lower case",
  ],
  [
    "ExposeInvalidFormat",
    "EXPOSE 127.0.0.1:80:80 80:81 82 ${P:-83}",
    "2:8+15 EXPOSE takes a port of the container only, found 127.0.0.1:80:80",
    "2:24+5 EXPOSE takes a port of the container only, found 80:81",
  ],
];

describe("lint()", () => {
  test.each(rows)("%s in %j", (rule, source, ...expected) => {
    expect(findings(rule, source)).toEqual(expected);
  });

  test("knows the variables of base images when they are told", () => {
    const options: LintOptions = { baseVariables: (image) => (image === "java" ? ["JAVA_HOME"] : undefined) };
    expect(findings("UndefinedVar", "FROM java\nENV A=$JAVA_HOME B=$PATH C=$NONE", options)).toEqual([
      '2:28+5 nothing sets the variable "NONE"',
    ]);
  });

  test("reports descriptions only when asked (InvalidDefinitionDescription)", () => {
    const source =
      "# check=experimental=all\n# not a description\nFROM scratch AS base\n# base2 compiles\nFROM scratch AS base2\n# other\nARG A B\n\n# free\n\nARG C\n# D is good\nARG D";
    expect(findings("InvalidDefinitionDescription", source)).toEqual([
      "3:1+4 the comment above is a description, which begins with a name: # base …",
      "7:1+3 the comment above is a description, which begins with a name: # NAME …",
    ]);
    expect(findings("InvalidDefinitionDescription", source.replace("all", "CopyIgnoredFile"))).toEqual([]);
  });

  test("has nothing to say about a good file", () => {
    const source =
      '# syntax=docker/dockerfile:1\nARG V=1\nFROM --platform=$BUILDPLATFORM node:$V AS build\nWORKDIR /src\nCOPY . .\nRUN make\nFROM scratch\nCOPY --from=build /src/out /\nEXPOSE 80/tcp\nCMD ["/out"]\n';
    expect(lint(parse(source))).toEqual([]);
  });

  test("sorts by line and names 22 rules", () => {
    const lines = lint(parse("FROM a as B\nMAINTAINER x\nCMD x\nenv a b")).map(({ span }) => span.line);
    expect(lines).toEqual(lines.toSorted((a, b) => a - b));
    expect(new Set(LINT_RULES.map(({ name }) => name)).size).toBe(22);
    expect(LINT_RULES.filter(({ experimental }) => experimental).map(({ name }) => name)).toEqual([
      "InvalidDefinitionDescription",
      "CopyIgnoredFile",
    ]);
  });
});

describe("rules are skipped", () => {
  const rules = (source: string) => lint(parse(source)).map(({ rule }) => rule);
  const source = "FROM a AS B\nMAINTAINER x\nCMD y";

  test.each([
    ["", ["StageNameCasing", "MaintainerDeprecated", "JSONArgsRecommended"]],
    ["# check=skip=all\n", []],
    ["# check=skip=StageNameCasing , JSONArgsRecommended;error=true\n", ["MaintainerDeprecated"]],
    ["# check=error=true\n", ["StageNameCasing", "MaintainerDeprecated", "JSONArgsRecommended"]],
  ])("by %j", (directive, expected) => {
    expect(rules(directive + source)).toEqual(expected);
  });

  test("by a comment directly above the instruction", () => {
    expect(
      rules(
        "ARG x\n# check=skip=StageNameCasing\n# a comment\nFROM a AS B\n# check=skip=all\nMAINTAINER x\n# check=skip=JSONArgsRecommended\n\nCMD y",
      ),
    ).toEqual(["JSONArgsRecommended"]);
  });

  test("by options in place of the directive", () => {
    const check = { skip: ["StageNameCasing"], skipAll: false, experimental: [], experimentalAll: false, error: false };
    expect(lint(parse(`# check=skip=all\n${source}`), { check }).map(({ rule }) => rule)).toEqual([
      "MaintainerDeprecated",
      "JSONArgsRecommended",
    ]);
  });
});

describe("rules that need more than the tree", () => {
  test("copyIgnoredFile() asks for plain sources of the context", () => {
    const asked: string[] = [];
    const tree = parse("FROM a\nCOPY a b/*.c $D /x\nCOPY --from=y c /x\nADD d https://e/f git@g:h <<I /x\nI");
    const found = copyIgnoredFile(tree, (path) => asked.push(path) > 0 && path === "d");
    expect(asked).toEqual(["a", "d"]);
    expect(found.map(({ rule, message, span }) => [rule, message, place(span)])).toEqual([
      ["CopyIgnoredFile", 'ADD takes "d", which .dockerignore excludes', "4:5+1"],
    ]);
  });
});
