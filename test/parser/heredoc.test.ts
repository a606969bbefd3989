// Heredocs.

import { describe, expect, test } from "vitest";
import { failureBehindFrom, instruction, instructions, place } from "./helpers.js";

/** Name and content of each. */
function heredocs(source: string): (readonly [string, string])[] {
  return instructions(source).flatMap((each) =>
    "heredocs" in each ? each.heredocs.map(({ name, content }) => [name, content] as const) : [],
  );
}

describe("heredocs are found", () => {
  test.each([
    ["in RUN", "RUN <<EOF\nx\nEOF", [["EOF", "x\n"]]],
    [
      "in COPY and ADD",
      "COPY <<a /x\n1\na\nADD <<b /x\n2\nb",
      [
        ["a", "1\n"],
        ["b", "2\n"],
      ],
    ],
    ["behind flags", "RUN --network=none <<EOF\nx\nEOF", [["EOF", "x\n"]]],
    ["behind other words", "RUN cat <<EOF > /x\nx\nEOF", [["EOF", "x\n"]]],
    [
      "several in a line, read one after the other",
      "COPY <<X <<Y /dest\nY\nX\nX\nY",
      [
        ["X", "Y\n"],
        ["Y", "X\n"],
      ],
    ],
    ["with white space before the name", "RUN cat << EOF\nx\nEOF", [["EOF", "x\n"]]],
    ["with a file descriptor (S-027)", "RUN cat 3<<EOF\nx\nEOF", [["EOF", "x\n"]]],
    ["without lines", "RUN <<EOF\nEOF", [["EOF", ""]]],
    ["with a name of several words in quotes", "RUN <<'one two'\nx\none two", [["one two", "x\n"]]],
    ["with a quote in the name", "RUN <<eo\\'f\nx\neo'f", [["eo'f", "x\n"]]],
    ["with a variable in the name, which means itself", "RUN <<$EOF\nx\n$EOF", [["$EOF", "x\n"]]],
    ["on a continued line", "RUN cat \\\n <<EOF\nx\nEOF", [["EOF", "x\n"]]],
    ["behind arithmetic with a shift", "RUN echo $(( 1 << 2 )) <<EOF\nx\nEOF", [["EOF", "x\n"]]],
  ])("%s (S-026)", (_, source, expected) => {
    expect(heredocs(source)).toEqual(expected);
  });

  test.each([
    ["in quotes (S-027)", "RUN echo \"<<EOF\" '<<EOF'"],
    ["in the JSON form (S-026)", 'RUN ["<<EOF"]'],
    ["in CMD and ENTRYPOINT (S-026)", "CMD cat <<EOF\nENTRYPOINT cat <<EOF"],
    ["in a here-string", "RUN cat <<<EOF\nRUN cat <<< EOF"],
    ["inside a word", "RUN cat<<EOF"],
    ["without a name", "RUN cat <<"],
    ["behind an escape", "RUN echo \\<<EOF"],
    ["behind a quote that is never closed", "RUN echo it's <<EOF"],
    ["in arithmetic", "RUN echo $((1 << 2))"],
  ])("but not %s", (_, source) => {
    expect(heredocs(source)).toEqual([]);
  });
});

describe("a heredoc's body", () => {
  test("is verbatim: comments, escapes, blanks and line ends stay (S-008, S-031)", () => {
    expect(heredocs("RUN <<EOF\n# x\n  a \\\n\n\tb\r\nEOF\r\n")).toEqual([["EOF", "# x\n  a \\\n\n\tb\r\n"]]);
  });

  test("<<- removes leading tabs, not blanks, of its lines and of the terminator (S-029)", () => {
    expect(heredocs("RUN <<-EOF\n\t\ta\n \tb\n\t\tEOF\n")).toEqual([["EOF", "a\n \tb\n"]]);
    expect(heredocs("RUN <<EOF\n\ta\n\tEOF\nEOF\n")).toEqual([["EOF", "\ta\n\tEOF\n"]]);
  });

  test("ends at a line that is the name only (S-030)", () => {
    expect(heredocs("RUN <<EOF\nEOF \n EOF\nEOF1\nEOF\n")).toEqual([["EOF", "EOF \n EOF\nEOF1\n"]]);
  });

  test.each([
    ["<<EOF", true],
    ["<<'EOF'", false],
    ['<<"EOF"', false],
    ['<<E"OF"', false],
    ["<<EO\\F", true],
  ])("of %s: variables are expanded: %s (S-028)", (word, expand) => {
    const { heredocs: found } = instruction("COPY", `COPY ${word} /x\nEOF\n`);
    expect(found[0]).toMatchObject({ name: "EOF", expand, word: { text: word } });
  });

  test("knows its file descriptor and the place of its end", () => {
    const [heredoc] = instruction("RUN", "RUN cat 3<<-EOF\n\tx\n\tEOF").heredocs;
    expect(heredoc).toMatchObject({ fileDescriptor: 3, chomp: true });
    expect([place(heredoc!.word.span), place(heredoc!.span)]).toEqual(["2:9+7", "4:2+3"]);
  });

  test("counts to the instruction's lines", () => {
    const all = instructions("RUN <<EOF\nx\nEOF\n\nRUN y");
    expect(all.map(({ startLine, endLine }) => [startLine, endLine])).toEqual([
      [2, 4],
      [6, 6],
    ]);
  });
});

describe("COPY with heredocs", () => {
  test("keeps files and heredocs apart (S-036)", () => {
    const { sources, heredocs: found, destination } = instruction("COPY", 'COPY a <<"x y" b <<- z /d/\nx y\n\tz\n');
    expect([sources.map(({ text }) => text), found.map(({ name }) => name), destination.text]).toEqual([
      ["a", "b"],
      ["x y", "z"],
      "/d/",
    ]);
  });

  test.each([
    ["COPY a <<EOF\nEOF", "COPY cannot accept a heredoc as a destination"],
    ["ADD <<EOF\nEOF", "ADD cannot accept a heredoc as a destination"],
  ])("%j is refused (S-037)", (source, message) => {
    expect(failureBehindFrom(source)).toMatchObject({ code: "missing_argument", message });
  });
});

describe("a heredoc that never ends", () => {
  test("is refused at its word (S-030)", () => {
    const error = failureBehindFrom("RUN cat <<EOF\nRUN x\n EOF");
    expect([error.code, error.message, place(error.span), error.others.length]).toEqual([
      "unterminated_heredoc",
      'unterminated heredoc: <<EOF has no line "EOF" that ends it',
      "2:9+5",
      0,
    ]);
  });

  test("gets the hint that its name runs into an operator", () => {
    expect(failureBehindFrom("RUN (cat <<EOF)\nx\nEOF").hint).toBe('Put a blank between "EOF" and ")".');
  });
});

describe("ONBUILD with heredocs", () => {
  test("keeps the bodies in the trigger", () => {
    expect(instruction("ONBUILD", "ONBUILD RUN <<-EOF\n\tx\n\tEOF").trigger).toBe("RUN <<-EOF\n\tx\n\tEOF");
  });
});
