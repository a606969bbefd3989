// Words and their expansion.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  DockerfileError,
  expandHeredoc,
  expandWord,
  expandWords,
  parse,
  parseWord,
  type CopyInstruction,
  type Word,
} from "../../parser/index.js";
import { failure } from "./helpers.js";

const VALUES: Readonly<Record<string, string>> = {
  SET: "value",
  EMPTY: "",
  PATH: "/usr/local/bin/node.tar.gz",
  STAR: "a*b*c",
  KOREAN: "한국어",
  LIST: "80 443",
};

const environment = (name: string) => VALUES[name];

function word(text: string): Word {
  return { text, span: { file: { path: "Dockerfile", lines: [text] }, line: 1, column: 1, length: text.length } };
}

/** `!code` for what is refused. */
function expanded(text: string): string {
  try {
    return expandWord(word(text), environment).text;
  } catch (error) {
    if (error instanceof DockerfileError) return `!${error.code}`;
    throw error;
  }
}

const table = readFileSync(new URL("../../fixtures/words.txt", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line.trim() !== "" && !line.startsWith("#"))
  .map((line) => line.split("|").map((cell) => cell.trim().replaceAll("␠", " ")) as [string, string]);

describe("expandWord() (S-041 to S-046)", () => {
  test.each(table)("makes of %s: %s", (text, result) => {
    expect(expanded(text)).toBe(result);
  });

  test("tells which variables are missing, unless an operator says what then, and which were used", () => {
    const { missing, used } = expandWord(word("$SET ${UNSET} ${OTHER:-x} ${THIRD#x} $EMPTY"), environment);
    expect({ missing, used }).toEqual({ missing: ["UNSET", "THIRD"], used: ["SET", "EMPTY"] });
  });

  test("takes a backtick as escape, and a backslash then is ordinary (S-003)", () => {
    const text = (source: string) => expandWord(word(source), environment, { escape: "`" }).text;
    expect(text("C:\\dir\\$SET")).toBe("C:\\dir\\value");
    expect(text('`$SET "`$SET" a`"b')).toBe('$SET $SET a"b');
    expect(text("${STAR#a`*}")).toBe("b*c");
  });

  test("leaves quotes alone where they mean themselves", () => {
    expect(expandWord(word(`it's "$SET"`), environment, { quotes: false }).text).toBe('it\'s "value"');
  });

  test.each([
    ["values that grow beyond measure", "$BIG".repeat(100)],
    ["replacements that do", "${BIG//x/$BIG}"],
  ])("refuses %s", (_, source) => {
    const big = "x".repeat(2 ** 20);
    expect(failure(() => expandWord(word(source), () => big)).code).toBe("limit_exceeded");
  });

  test("keeps the message of ${x:?message} and its place (S-043)", () => {
    const error = failure(() => expandWord(word("a ${UNSET:?give $SET}"), environment));
    expect(error.message).toBe("UNSET: give value");
    expect(error.span).toMatchObject({ line: 1, column: 3, length: 8 });
    expect(failure(() => expandWord(word("${EMPTY:?}"), environment)).message).toBe("EMPTY: is empty");
  });
});

describe("expandWords() (S-047)", () => {
  test.each<[string, string[]]>([
    ["$LIST", ["80", "443"]],
    ['"$LIST"', ["80 443"]],
    ["x$LIST", ["x80", "443"]],
    ["$LIST/tcp", ["80", "443/tcp"]],
    ['a "b c" d\\ e', ["a", "b c", "d e"]],
    ["${UNSET:-1 2}", ["1", "2"]],
    ["$UNSET", []],
    ['""', []],
    ["  a  ", ["a"]],
    ["plain", ["plain"]],
  ])("splits %s into %j", (text, words) => {
    expect(expandWords(word(text), environment).words).toEqual(words);
  });
});

describe("expandHeredoc() (S-034, S-035)", () => {
  const copy = (source: string) => parse(`FROM a\n${source}`).instructions[1] as CopyInstruction;

  test("expands variables, takes quotes literally and a backslash as escape", () => {
    const { heredocs } = copy("# escape\nCOPY <<EOF /x\n'$SET' \"${UNSET:-d}\" \\$SET \\\\ \\n\nEOF\n");
    expect(expandHeredoc(heredocs[0]!, environment).text).toBe("'value' \"d\" $SET \\ n\n");
  });

  test("takes a backslash as escape whatever the directive says", () => {
    const tree = parse("# escape=`\nFROM a\nCOPY <<EOF /x\n\\$SET `$SET\nEOF\n");
    expect(expandHeredoc((tree.instructions[1] as CopyInstruction).heredocs[0]!, environment).text).toBe(
      "$SET `value\n",
    );
  });

  test("expands nothing when the delimiter was quoted (S-028)", () => {
    const { heredocs } = copy("COPY <<'EOF' /x\n$SET \\$\nEOF\n");
    expect(expandHeredoc(heredocs[0]!, environment).text).toBe("$SET \\$\n");
  });

  test("places an error in the body, behind the tabs that <<- removes", () => {
    const { heredocs } = copy("COPY <<-EOF /x\n\t# no comment\n\n\t\tab ${X^}\n\tEOF\n");
    expect(failure(() => expandHeredoc(heredocs[0]!, environment)).span).toMatchObject({
      line: 5,
      column: 6,
      length: 5,
    });
  });
});

describe("parseWord()", () => {
  test("nests a variable inside a fallback", () => {
    expect(parseWord(word('v${A:-"b ${C}"}'))).toEqual([
      { text: "v", quoted: false },
      {
        name: "A",
        operator: ":-",
        quoted: false,
        offset: 1,
        word: [
          { text: "b ", quoted: true },
          { name: "C", word: [], quoted: true, offset: 9 },
        ],
      },
    ]);
  });

  test("keeps pattern and replacement apart", () => {
    expect(parseWord(word("${A//x/$B}"))).toEqual([
      {
        name: "A",
        operator: "//",
        quoted: false,
        offset: 0,
        word: [{ text: "x", quoted: false }],
        replacement: [{ name: "B", word: [], quoted: false, offset: 7 }],
      },
    ]);
  });

  test("places an error in the line where it stands, when the word is continued", () => {
    const tree = parse("FROM a\nUSER x\\\n# comment\n\n  y ${Z\n");
    const user = tree.instructions[1] as { user: Word };
    expect(failure(() => parseWord(user.user)).span).toMatchObject({ line: 5, column: 5, length: 3 });
  });

  test("says which quote is not closed", () => {
    const error = failure(() => parseWord(word("a'b")));
    expect(error.message).toBe("the quote ' is never closed");
    expect(error.span.column).toBe(2);
  });
});
