// Time grows with the length of the input, not faster, whatever the input is.

import { describe, expect, test } from "vitest";
import { DockerfileError, expandWord, lint, parse } from "../../parser/index.js";

/** CPU time in milliseconds. */
function cpu(run: () => unknown): number {
  const before = process.cpuUsage();
  try {
    run();
  } catch (error) {
    if (!(error instanceof DockerfileError)) throw error;
    error.excerpt();
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** What was quadratic would take minutes; the machine may be slow and busy. */
const LIMIT = 5000;

const K = 1 << 10;
const M = 1 << 20;

describe("parse() is linear", () => {
  test.each<[string, string]>([
    ["a line of four megabytes", `RUN ${"x".repeat(4 * M)}`],
    ["many words", `ENV ${"a=b ".repeat(M / 4)}`],
    ["many escaped quotes", `ENV a="${'\\"'.repeat(M / 2)}"`],
    ["a long JSON string", `RUN ["${"\\\\".repeat(M)}"]`],
    ["many JSON strings", `RUN [${'"a",'.repeat(M / 4)}"b"]`],
    ["deep JSON", `RUN ${"[".repeat(M)}`],
    ["many continued lines", `RUN a ${"\\\nb ".repeat(M / 8)}`],
    ["a flag of many lines", `RUN --mount="type=${"x\\\n".repeat(M / 8)}" y`],
    ["mounts in quotes", `RUN --mount='"type=bind",${'"source=a,b",'.repeat(M / 64)}ro=1' x`],
    ["mounts without quotes", `RUN --mount=${"type=bind,".repeat(M / 10)}ro=1 x`],
    ["heredocs in many instructions", "RUN <<EOF\nfoo\nEOF\n".repeat(10 * K)],
    [
      "heredocs in one instruction",
      `COPY ${Array.from({ length: 10 * K }, (_, n) => `<<E${n}`).join(" ")} /x/\n${Array.from({ length: 10 * K }, (_, n) => `E${n}`).join("\n")}`,
    ],
    ["half heredocs", `RUN ${"<< ".repeat(M / 4)}`],
    ["half arithmetic", `RUN <<${"$((".repeat(M / 4)}`],
    ["carriage returns", `RUN ${"\r".repeat(M)}x`],
    ["escapes and blanks", `RUN ${" \\ ".repeat(M / 4)}`],
    ["unknown instructions", "blah blah\n".repeat(100 * K)],
    ["many wrong pairs", `ENV a=1 ${"b ".repeat(M / 2)}`],
    ["nested triggers", "ONBUILD ".repeat(M / 8)],
    ["comments", "# a\n".repeat(200 * K)],
  ])("for %s", (_, source) => {
    expect(cpu(() => parse(`FROM a\n${source}`))).toBeLessThan(LIMIT);
  });
});

describe("expandWord() is linear", () => {
  const expand = (text: string, value: string | undefined) => () => {
    const span = { file: { path: "Dockerfile", lines: [text] }, line: 1, column: 1, length: text.length };
    return expandWord({ text, span }, () => value);
  };

  test.each<[string, string, string | undefined]>([
    ["variables nested 100,000 deep", `${"${a:-".repeat(100_000)}x${"}".repeat(100_000)}`, undefined],
    ["variables nested in values", `${"${a:+".repeat(100_000)}x${"}".repeat(100_000)}`, "v"],
    ["variables that are never closed", "${a:-".repeat(200_000), undefined],
    ["many variables", "$a".repeat(M / 2), "v"],
    ["many quotes", '"a"'.repeat(M / 4), "v"],
    ["a pattern with many stars", `\${a#${"*a".repeat(K)}}`, "a".repeat(64 * K)],
    ["replacement everywhere", "${a//b/c}", "ab".repeat(M / 2)],
    ["replacement that nearly matches", "${a//a*b/c}", "a".repeat(M)],
  ])("for %s", (_, text, value) => {
    expect(cpu(expand(text, value))).toBeLessThan(LIMIT);
  });

  test("and right in the depth", () => {
    expect(expand(`${"${a:-".repeat(100_000)}x${"}".repeat(100_000)}`, undefined)().text).toBe("x");
  });
});

describe("lint() is nearly linear", () => {
  test.each<[string, string]>([
    [
      "a chain of stages",
      Array.from({ length: 2000 }, (_, n) => `FROM s${n} AS s${n + 1}\nENV A${n + 1}=$A${n}\nWORKDIR x\n`).join(""),
    ],
    ["variables that nothing sets", Array.from({ length: 5000 }, (_, n) => `ENV A${n}=$B${n}\n`).join("")],
    ["a value that doubles", "ENV A=x\n" + "ENV A=$A$A\n".repeat(60)],
  ])("for %s", (_, source) => {
    const tree = parse(`FROM scratch AS s0\n${source}`);
    expect(cpu(() => lint(tree))).toBeLessThan(LIMIT);
  });
});

test("parse() reads 10,000 lines in less than 150 ms", () => {
  const block = [
    "# comment",
    "RUN --mount=type=cache,target=/root/.cache apt-get update \\",
    " && apt-get install -y curl \\",
    " && rm -rf /x",
    'ENV A=1 B="two words" C=$X',
    "COPY --from=build --chown=1:1 a b c /dst/",
    "LABEL x=y",
    'CMD ["node", "server.js"]',
    "RUN cat <<EOF > /x",
    "hello",
    "EOF",
    "WORKDIR /x",
    "EXPOSE 80",
    "ARG FOO=bar",
    "HEALTHCHECK --interval=30s CMD curl x",
    "",
  ];
  const source = ["FROM a", ...Array.from({ length: 10_000 / block.length }, () => block).flat()].join("\n");
  const times = Array.from({ length: 5 }, () => cpu(() => parse(source)));
  expect(Math.min(...times)).toBeLessThan(150);
});
