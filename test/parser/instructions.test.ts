// Each instruction: its arguments, its flags and what it refuses.

import { describe, expect, test } from "vitest";
import { DockerfileError, parse, type Instruction, type Word } from "../../parser/index.js";
import { failureBehindFrom, instruction, instructions, place } from "./helpers.js";

const texts = (words: readonly Word[]) => words.map(({ text }) => text);

/** `code: message` of what is refused behind FROM. */
const refusal = (source: string) => {
  const { code, message } = failureBehindFrom(source);
  return `${code}: ${message}`;
};

describe("every instruction", () => {
  test("is known in any case, and keeps its word as written (S-009)", () => {
    const tree = parse("from a\nRun x\ncOpY a b");
    expect(tree.instructions.map(({ kind, keyword }) => `${kind} ${keyword}`)).toEqual([
      "FROM from",
      "RUN Run",
      "COPY cOpY",
    ]);
  });

  test("has the text behind its word, flags included", () => {
    expect(instruction("RUN", "RUN   --network=none \t a  b ").text).toBe("--network=none \t a  b");
  });

  test.each([
    "ENV --x=1 a=b",
    "LABEL --x a=b",
    "ARG --x y",
    "CMD --x y",
    "ENTRYPOINT --x y",
    'SHELL --x ["a"]',
    "EXPOSE --x 1",
    "VOLUME --x /y",
    "USER --x y",
    "WORKDIR --x /y",
    "STOPSIGNAL --x 9",
    "MAINTAINER --x y",
    "ONBUILD --x RUN y",
  ])("%s has no flags (S-013)", (source) => {
    expect(refusal(source)).toBe("unknown_flag: unknown flag: --x");
  });
});

describe("flags (S-011, S-012, S-013)", () => {
  const flags = (source: string) =>
    instruction("COPY", source).flags.map(({ name, value }) => (value ? `${name}=${value.text}` : name));

  test.each([
    ["COPY --link --chown=a:b x y", ["link", "chown=a:b"]],
    ["COPY x --link y", []],
    ["COPY -- --link y", []],
    ["COPY --link -- --parents y", ["link"]],
    ["COPY --chown= x y", ["chown="]],
    ['COPY --chown="a b" x y', ["chown=a b"]],
    ["COPY --chown='a'\\ b x y", ["chown=a b"]],
    ['COPY --exclude="a \\" b" x y', ['exclude=a " b']],
    ["COPY --exclude=a --exclude=b x y", ["exclude=a", "exclude=b"]],
  ])("of %s are %j", (source, expected) => {
    expect(flags(source)).toEqual(expected);
  });

  test("words behind a lone -- are arguments", () => {
    const { sources, destination } = instruction("COPY", "COPY -- --link y");
    expect([texts(sources), destination.text]).toEqual([["--link"], "y"]);
  });

  test("have spans for the whole and for the value", () => {
    const [flag] = instruction("COPY", 'COPY  --chown="a b" x y').flags;
    expect([place(flag!.span), place(flag!.value!.span)]).toEqual(["2:7+13", "2:15+5"]);
  });

  test.each<[string, boolean]>([
    ["", false],
    ["--link", true],
    ["--link=true", true],
    ["--link=TRUE", true],
    ["--link=false", false],
  ])("a boolean one: %s is %s", (flag, link) => expect(instruction("COPY", `COPY ${flag} a b`).link).toBe(link));

  test.each([
    ["COPY --link=yes a b", "bad_flag_value: expecting boolean value for flag --link, not: yes"],
    ["COPY --link= a b", "bad_flag_value: missing a value on flag: --link"],
    ["COPY --chown a b", "bad_flag_value: missing a value on flag: --chown"],
    ["COPY --chown=a --chown=b x y", "duplicate_flag: duplicate flag specified: --chown"],
    ["COPY --link --link=false x y", "duplicate_flag: duplicate flag specified: --link"],
    ["COPY --checksum=x a b", "unknown_flag: unknown flag: --checksum"],
    ["ADD --from=x a b", "unknown_flag: unknown flag: --from"],
    ["ADD --parents a b", "unknown_flag: unknown flag: --parents"],
    ["COPY --__proto__=x a b", "unknown_flag: unknown flag: --__proto__"],
    ['COPY --chown="a b c', 'unterminated_quote: the flag --chown="a b c never closes its quote'],
  ])("%s is refused", (source, message) => {
    expect(refusal(source)).toBe(message);
  });
});

describe("the JSON form", () => {
  test.each<[string, unknown]>([
    ['CMD ["a", "b c"]', { form: "exec", args: ["a", "b c"] }],
    ['CMD  ["a\\"\\n\\u0041"]', { form: "exec", args: ['a"\nA'] }],
    ["CMD []", { form: "exec", args: [] }],
    ['RUN ["echo", "$HOME"]', { form: "exec", args: ["echo", "$HOME"] }],
    ["CMD ['a']", { form: "shell", text: "['a']" }],
    ['CMD ["a",]', { form: "shell", text: '["a",]' }],
    ['CMD ["a"] b', { form: "shell", text: '["a"] b' }],
    ["CMD []word", { form: "shell", text: "[]word" }],
    ["RUN [ -f /x ]", { form: "shell", text: "[ -f /x ]" }],
    ['CMD {"a": 1}', { form: "shell", text: '{"a": 1}' }],
  ])("or shell form of %s (S-014 to S-016)", (source, command) => {
    const [each] = instructions(source) as [Extract<Instruction, { kind: "CMD" | "RUN" }>];
    expect(each.command).toMatchObject(command as object);
  });

  test.each([
    ["CMD [1]", "a number"],
    ['RUN ["a", null]', "null"],
    ["ENTRYPOINT [[]]", "an array"],
    ["COPY [true]", "a boolean"],
    ["VOLUME [{}]", "an object"],
  ])("%s is refused (S-015)", (source, what) => {
    expect(refusal(source)).toBe(`bad_json: expected an array of strings only, found ${what} in it`);
  });

  test("of COPY has names with blanks, and a place for each string (S-017)", () => {
    const { sources, destination, json } = instruction("COPY", 'COPY --link ["a b", "c\\"", \\\n "/d e/"]');
    expect([texts(sources), destination.text, json]).toEqual([["a b", 'c"'], "/d e/", true]);
    expect([...sources, destination].map(({ span }) => place(span))).toEqual(["2:15+3", "2:22+3", "3:3+5"]);
  });
});

describe("FROM", () => {
  test("takes an image, a platform and a name", () => {
    const { image, platform, as } = instruction(
      "FROM",
      "FROM --platform=$BUILDPLATFORM x/y:${T}@sha256:00 as Build-1.x_y",
    );
    expect([image.text, platform?.text, as?.name, as?.keyword, place(as!.span)]).toEqual([
      "x/y:${T}@sha256:00",
      "$BUILDPLATFORM",
      "Build-1.x_y",
      "as",
      "2:54+11",
    ]);
  });

  test.each([
    ["FROM", "missing_argument: FROM requires either one or three arguments"],
    ["FROM a AS", "missing_argument: FROM requires either one or three arguments"],
    ["FROM a b", 'too_many_arguments: FROM requires either one or three arguments, found "b"'],
    ["FROM a AS b c", 'too_many_arguments: FROM requires either one or three arguments, found "c"'],
    [
      "FROM a AS 1a",
      'bad_stage_name: invalid name for build stage: "1a", name can\'t start with a number or contain symbols',
    ],
    [
      "FROM a AS a/b",
      'bad_stage_name: invalid name for build stage: "a/b", name can\'t start with a number or contain symbols',
    ],
  ])("%s is refused (S-020)", (source, message) => {
    expect(refusal(source)).toBe(message);
  });
});

describe("ENV and LABEL", () => {
  const pairs = (source: string) => {
    const [each] = instructions(source) as [Extract<Instruction, { kind: "ENV" | "LABEL" }>];
    return { pairs: each.pairs.map(({ key, value }) => [key.text, value.text]), legacy: each.legacy };
  };

  test.each<[string, string[][], boolean]>([
    [
      "ENV a=1 b=2",
      [
        ["a", "1"],
        ["b", "2"],
      ],
      false,
    ],
    ["ENV a b c", [["a", "b c"]], true],
    ["ENV a b=c", [["a", "b=c"]], true],
    ["ENV a  \t b", [["a", "b"]], true],
    ["ENV a=", [["a", ""]], false],
    [
      "ENV a=\"x y\" b='z w' c=u\\ v",
      [
        ["a", '"x y"'],
        ["b", "'z w'"],
        ["c", "u\\ v"],
      ],
      false,
    ],
    ["ENV a=b=c", [["a", "b=c"]], false],
    [
      "LABEL a=1 \\\n  b=2",
      [
        ["a", "1"],
        ["b", "2"],
      ],
      false,
    ],
    ["LABEL $k=v", [["$k", "v"]], false],
    ['ENV a="b', [["a", '"b']], false],
  ])("%j has %j (S-018, S-019, S-040)", (source, expected, legacy) => {
    expect(pairs(source)).toEqual({ pairs: expected, legacy });
  });

  test("know the places of keys and values", () => {
    const { pairs: both } = instruction("ENV", "ENV a=1 \\\n bb=22");
    expect(both.map(({ key, value }) => `${place(key.span)} ${place(value.span)}`)).toEqual([
      "2:5+1 2:7+1",
      "3:2+2 3:5+2",
    ]);
  });

  test.each([
    ["ENV", "missing_argument: ENV requires at least one argument"],
    ["LABEL a", 'missing_argument: LABEL must have two arguments, found "a" only'],
    ["ENV =x", "bad_value: ENV names can not be blank"],
    ["ENV a=1 b", 'syntax: Syntax error - can\'t find = in "b". Must be of the form: name=value'],
  ])("%s is refused (S-019)", (source, message) => {
    expect(refusal(source)).toBe(message);
  });
});

describe("ARG", () => {
  test("takes several names, with and without values (S-060)", () => {
    const { args } = instruction("ARG", 'ARG a b= c="x y"');
    expect(args.map(({ name, value }) => [name.text, value?.text])).toEqual([
      ["a", undefined],
      ["b", ""],
      ["c", '"x y"'],
    ]);
  });

  test.each([
    ["ARG", "missing_argument: ARG requires at least one argument"],
    ["ARG =x", "bad_value: ARG names can not be blank"],
  ])("%s is refused", (source, message) => {
    expect(refusal(source)).toBe(message);
  });
});

test("all that is wrong in one instruction is told: mounts, their options, and pairs", () => {
  const places = (source: string) => {
    try {
      return instructions(source).length;
    } catch (error) {
      const { span, others } = error as DockerfileError;
      return [span, ...others.map((other) => other.span)].map(({ line, column }) => `${line}:${column}`);
    }
  };
  expect(places("RUN --mount=a=1,type=bind,b=2 --mount=c x\nENV a=1 b =c d=2\nARG =1 x =2")).toEqual([
    "2:13",
    "2:27",
    "2:39",
    "3:9",
    "3:11",
    "4:5",
    "4:10",
  ]);
});

describe("RUN", () => {
  test.each([
    ["RUN []", 5],
    ['RUN [ "", "x" ]', 8],
    ['ONBUILD RUN [""]', 15],
  ])("%s is refused: there is nothing to execute", (source, column) => {
    expect(() => instructions(source)).toThrow(
      expect.objectContaining({ code: "missing_argument", span: expect.objectContaining({ column }) }),
    );
  });

  test("has mounts, split as CSV, and the other flags", () => {
    const { mounts, network, security, devices } = instruction(
      "RUN",
      "RUN --mount=type=cache,TARGET=/x,ro --mount=type=secret,id=$ID,required=false --network=none --security=insecure --device=a --device=b,required x",
    );
    expect(
      mounts.map(({ options }) => options.map(({ key, value }) => (value ? `${key}=${value.text}` : key))),
    ).toEqual([
      ["type=cache", "target=/x", "ro"],
      ["type=secret", "id=$ID", "required=false"],
    ]);
    expect([network?.text, security?.text, texts(devices)]).toEqual(["none", "insecure", ["a", "b,required"]]);
  });

  test.each([
    ["--mount='type=bind,\"source=a,b\"'", ["type=bind", "source=a,b"]],
    ['--mount=\'"source=a""b",ro\'', ['source=a"b', "ro"]],
    ['--mount="type=bind,source=a b"', ["type=bind", "source=a b"]],
    ['--mount=\'"""ro"""\'', undefined],
  ])("%s is CSV in quotes", (flag, expected) => {
    const read = () =>
      instruction("RUN", `RUN ${flag} x`).mounts[0]!.options.map(({ key, value }) =>
        value ? `${key}=${value.text}` : key,
      );
    if (expected) expect(read()).toEqual(expected);
    else expect(read).toThrow('a mount has no option ""ro""');
  });

  test("places the options of a quoted mount", () => {
    const [mount] = instruction("RUN", "RUN --mount='type=bind,\"source=a,b\",ro' x").mounts;
    expect(mount!.options.map(({ span }) => place(span))).toEqual(["2:14+9", "2:25+10", "2:37+2"]);
  });

  test("may be empty, as what is left of commands in comments", () => {
    expect(instruction("RUN", "RUN \\\n# apt-get update\n").command).toMatchObject({ form: "shell", text: "" });
  });

  test.each([
    ["RUN --mount=type x", 'bad_flag_value: the mount option "type" needs a value'],
    ["RUN --mount= x", 'bad_flag_value: a mount has no option ""'],
    ['RUN --mount=\\"type=bind x', 'bad_flag_value: the quotes of the mount "type=bind do not fit'],
    ["RUN --network=all x", 'bad_flag_value: expected default, none, host, found "all"'],
    ["RUN --security=x y", 'bad_flag_value: expected sandbox, insecure, found "x"'],
  ])("%s is refused", (source, message) => {
    expect(refusal(source)).toBe(message);
  });
});

describe("COPY and ADD", () => {
  test("take all their flags", () => {
    expect(
      instruction("COPY", "COPY --from=b --chown=1 --chmod=0755 --link --parents --exclude=*.md --exclude=x a b /c/"),
    ).toMatchObject({
      from: { text: "b" },
      chown: { text: "1" },
      chmod: { text: "0755" },
      link: true,
      parents: true,
      exclude: [{ text: "*.md" }, { text: "x" }],
      sources: [{ text: "a" }, { text: "b" }],
      destination: { text: "/c/" },
      json: false,
    });
    expect(
      instruction("ADD", "ADD --checksum=sha256:00 --keep-git-dir --unpack=false --chmod=u+x https://x/y /z"),
    ).toMatchObject({
      checksum: { text: "sha256:00" },
      keepGitDir: true,
      unpack: false,
      chmod: { text: "u+x" },
      link: false,
      parents: false,
    });
  });

  test("leave out what is not given", () => {
    const added = instruction("ADD", "ADD a b");
    expect(Object.keys(added)).not.toEqual(expect.arrayContaining(["chown"]));
    expect([added.keepGitDir, added.unpack, added.checksum]).toEqual([undefined, undefined, undefined]);
  });

  test("do not know quotes outside of JSON", () => {
    expect(texts(instruction("COPY", 'COPY "a b" c').sources)).toEqual(['"a', 'b"']);
  });

  test.each(["COPY", "COPY a", "ADD []", 'COPY ["a"]'])("%s is refused", (source) => {
    expect(refusal(source)).toBe(
      `missing_argument: ${source.slice(0, 4).trim()} requires at least two arguments, but only one was provided. Destination could not be determined`,
    );
  });
});

describe("HEALTHCHECK (S-148)", () => {
  test("takes a command and times in nanoseconds", () => {
    expect(
      instruction(
        "HEALTHCHECK",
        "HEALTHCHECK --interval=1m30s --timeout=1.5s --start-period=500ms --start-interval=1h --retries=3 cmd curl x",
      ),
    ).toMatchObject({
      command: { form: "shell", text: "curl x" },
      interval: 90e9,
      timeout: 1.5e9,
      startPeriod: 500e6,
      startInterval: 3600e9,
      retries: 3,
    });
    expect(instruction("HEALTHCHECK", 'HEALTHCHECK CMD ["a"]').command).toMatchObject({ form: "exec", args: ["a"] });
  });

  test("NONE has no command", () => {
    expect(instruction("HEALTHCHECK", "HEALTHCHECK none").command).toBeUndefined();
  });

  test.each(["0", "0s", "0h0m", "+0", "-0", ""])("an interval of %j is inherited", (value) => {
    expect(instruction("HEALTHCHECK", `HEALTHCHECK --interval=${value} --retries=0 CMD x`)).not.toHaveProperty(
      "interval",
    );
  });

  test.each<[string, number]>([
    ["1ms", 1e6],
    ["1000us", 1e6],
    ["1000µs", 1e6],
    ["1000μs", 1e6],
    ["1000000ns", 1e6],
    ["1.5h", 5400e9],
    [".5s", 5e8],
    ["1.s", 1e9],
    ["+2s", 2e9],
  ])("an interval of %s is %d ns", (value, interval) =>
    expect(instruction("HEALTHCHECK", `HEALTHCHECK --interval=${value} CMD x`).interval).toBe(interval),
  );

  test.each([
    ["HEALTHCHECK", "missing_argument: HEALTHCHECK requires at least one argument"],
    ["HEALTHCHECK CMD", "missing_argument: Missing command after HEALTHCHECK CMD"],
    ["HEALTHCHECK CMD []", "missing_argument: Missing command after HEALTHCHECK CMD"],
    ["HEALTHCHECK NONE x", 'too_many_arguments: HEALTHCHECK NONE takes no arguments, found "x"'],
    ["HEALTHCHECK curl x", 'syntax: Unknown type "curl" in HEALTHCHECK (try CMD)'],
    ["HEALTHCHECK --interval=5 CMD x", 'bad_flag_value: expected a duration, found "5"'],
    ["HEALTHCHECK --interval=1s. CMD x", 'bad_flag_value: expected a duration, found "1s."'],
    ["HEALTHCHECK --interval=. CMD x", 'bad_flag_value: expected a duration, found "."'],
    ["HEALTHCHECK --interval=1d CMD x", 'bad_flag_value: expected a duration, found "1d"'],
    ["HEALTHCHECK --interval=9999999999h CMD x", 'bad_flag_value: expected a duration, found "9999999999h"'],
    ["HEALTHCHECK --interval=1us CMD x", 'bad_flag_value: a time of a health check is at least 1ms, found "1us"'],
    ["HEALTHCHECK --timeout=-1s CMD x", 'bad_flag_value: a time of a health check is at least 1ms, found "-1s"'],
    ["HEALTHCHECK --retries=-1 CMD x", 'bad_flag_value: retries must be from 0 to 2147483647, found "-1"'],
    ["HEALTHCHECK --retries=many CMD x", 'bad_flag_value: retries must be from 0 to 2147483647, found "many"'],
  ])("%s is refused", (source, message) => {
    expect(refusal(source)).toBe(message);
  });
});

describe("the others", () => {
  test.each<[string, object]>([
    ['SHELL ["/bin/bash", "-c"]', { args: ["/bin/bash", "-c"] }],
    ["ENTRYPOINT []", { command: { form: "exec", args: [] } }],
    ["CMD a  b", { command: { form: "shell", text: "a  b" } }],
    ["CMD", { command: { form: "shell", text: "" } }],
    ["EXPOSE 80  443/udp $P", { ports: [{ text: "80" }, { text: "443/udp" }, { text: "$P" }] }],
    ["VOLUME /a $B", { paths: [{ text: "/a" }, { text: "$B" }], json: false }],
    ['VOLUME ["/a b", " /c "]', { paths: [{ text: "/a b" }, { text: "/c" }], json: true }],
    ["USER app:$G", { user: { text: "app:$G" } }],
    ["WORKDIR /a b", { path: { text: "/a b" } }],
    ["STOPSIGNAL SIGTERM", { signal: { text: "SIGTERM" } }],
    ["MAINTAINER A <a@b>", { name: "A <a@b>" }],
    ["ONBUILD  copy  a b", { trigger: "copy  a b" }],
    ["ONBUILD RUN a \\\n b", { trigger: "RUN a  b" }],
  ])("%j", (source, fields) => {
    expect(instructions(source)[0]).toMatchObject(fields);
  });

  test.each([
    ["SHELL", "missing_argument: SHELL requires at least one argument"],
    ["SHELL []", "missing_argument: SHELL requires at least one argument"],
    ["SHELL bash -c", 'bad_json: SHELL requires the arguments to be in JSON form, found "bash -c"'],
    ["EXPOSE", "missing_argument: EXPOSE requires at least one argument"],
    ["VOLUME []", "missing_argument: VOLUME requires at least one argument"],
    ['VOLUME ["a", " "]', "bad_value: VOLUME specified can not be an empty string"],
    ["USER", "missing_argument: USER requires exactly one argument"],
    ["WORKDIR", "missing_argument: WORKDIR requires exactly one argument"],
    ["STOPSIGNAL", "missing_argument: STOPSIGNAL requires exactly one argument"],
    ["MAINTAINER", "missing_argument: MAINTAINER requires exactly one argument"],
    ["ONBUILD", "missing_argument: ONBUILD requires at least one argument"],
    ["ONBUILD FROM x", "instruction_not_allowed: FROM isn't allowed as an ONBUILD trigger"],
    ["ONBUILD MAINTAINER x", "instruction_not_allowed: MAINTAINER isn't allowed as an ONBUILD trigger"],
    ["ONBUILD ONBUILD RUN x", "instruction_not_allowed: Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"],
    [
      "ONBUILD COPY x",
      "missing_argument: COPY requires at least two arguments, but only one was provided. Destination could not be determined",
    ],
    ["ONBUILD whatever", "unknown_instruction: unknown instruction: whatever"],
  ])("%s is refused (S-022, S-023, S-072)", (source, message) => {
    expect(refusal(source)).toBe(message);
  });
});
