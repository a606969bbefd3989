import fc from "fast-check";
import { expect, test } from "vitest";
import { TsbuildError } from "../../errors.js";
import { DockerfileError } from "../../parser/index.js";
import { type ResolveImage, inputsOf } from "../../planner/index.js";
import { image, names, planText } from "./helpers.js";

const VARIABLES = fc.constantFrom("A", "B", "C");
const LINE = fc.oneof(
  VARIABLES.map((name) => `ARG ${name}=1`),
  fc.tuple(VARIABLES, VARIABLES).map(([name, value]) => `ENV ${name}=x$${value}`),
  VARIABLES.map((name) => `RUN echo $${name}`),
  VARIABLES.map((name) => `WORKDIR d$${name}`),
  fc.constantFrom(
    "COPY . .",
    "LABEL a=$A",
    "USER u$B",
    'CMD ["x"]',
    "ENTRYPOINT e",
    "EXPOSE 80",
    "COPY --from=tool:1 a b",
    "RUN --mount=type=cache,target=/c x",
  ),
);
const BODY = fc.array(LINE, { maxLength: 6 });

/** Stages s0, s1, …; each begins from an image or an earlier stage, and may copy from an earlier stage. */
const DOCKERFILE = fc
  .array(fc.record({ base: fc.nat(9), from: fc.nat(9), body: BODY }), { minLength: 1, maxLength: 6 })
  .map((stages) =>
    stages.map(({ base, from, body }, index) => {
      const copy = from < index ? [`COPY --from=s${from} /a /b`] : [];
      return [`FROM ${base < index ? `s${base}` : `image${base % 3}`} AS s${index}`, ...body, ...copy].join("\n");
    }),
  );

test("a plan is the same each time, whatever order images are resolved in", async () => {
  await fc.assert(
    fc.asyncProperty(DOCKERFILE, fc.infiniteStream(fc.nat(2)), async (stages, delays) => {
      const text = stages.join("\n");
      const once = await planText(text);
      const again = await planText(text, {
        resolveImage: async (name, platform) => {
          for (let turns = delays.next().value; turns > 0; turns--) await Promise.resolve();
          return image(name, platform);
        },
      });
      expect(JSON.stringify(again)).toBe(JSON.stringify(once));
    }),
    { numRuns: 60 },
  );
});

test("a plan does not depend on stages that the target does not reach", async () => {
  await fc.assert(
    fc.asyncProperty(DOCKERFILE, BODY, async (stages, body) => {
      const target = `s${stages.length - 1}`;
      const alone = await planText(stages.join("\n"), { target });
      const unrelated = [`FROM nowhere AS unrelated`, ...body, "COPY --from=absent:1 /a /b"].join("\n");
      const more = await planText([...stages, unrelated].join("\n"), { target });
      // A second stage gives a lone one its name back; nothing else may change.
      const plain = (graph: typeof alone) => ({
        ...graph,
        vertices: graph.vertices.map(({ name, ...rest }) => ({
          ...rest,
          name: name.replace(/^\[\w+ (?=.*\d\])/, "["),
        })),
      });
      expect(JSON.stringify(withoutFiles(plain(more)))).toBe(JSON.stringify(withoutFiles(plain(alone))));
    }),
    { numRuns: 60 },
  );
});

test("inputs come before the vertices that use them, and every vertex is needed", async () => {
  await fc.assert(
    fc.asyncProperty(DOCKERFILE, async (stages) => {
      const { vertices, target, image } = await planText(stages.join("\n"));
      const used = new Set([target]);
      for (const { id, op } of vertices) {
        expect(vertices[id]!.id).toBe(id);
        for (const input of inputsOf(op)) {
          expect(input).toBeLessThan(id);
          used.add(input);
        }
      }
      expect(used.size).toBe(vertices.length);
      for (const { vertex } of image.history) if (vertex !== undefined) expect(vertex).toBeLessThan(vertices.length);
    }),
    { numRuns: 60 },
  );
});

test.each([
  ["LABEL", 'LABEL v=2\nCMD ["y"]\nENTRYPOINT ["z"]\nEXPOSE 9\nHEALTHCHECK NONE\nSTOPSIGNAL 9\nVOLUME /v'],
  ["an ARG after it", ""],
])("S-194, S-195: %s changes no op", async (_what, lines) => {
  const before = await planText(`FROM alpine\nLABEL v=1\nRUN x\nCOPY . .`);
  const after = await planText(`FROM alpine\n${lines}\nRUN x\nCOPY . .\nARG late=1`);
  const ops = ({ vertices }: typeof before) => vertices.map(({ op }) => withoutFiles(op));
  expect(JSON.stringify(ops(after))).toBe(JSON.stringify(ops(before)));
});

test("all that is wrong is told at once, in file order", async () => {
  const text = "FROM bad AS a\nEXPOSE x\nFROM b\nCOPY --from=9 x /\nVOLUME $no\nSTOPSIGNAL y\nCOPY --from=a z /\nRUN x";
  const resolveImage: ResolveImage = async (name, platform) => {
    if (name === "bad") throw new TsbuildError("image_not_found", "no bad image");
    return image(name, platform);
  };
  const error = await planText(text, { resolveImage, target: "" }).catch(
    (reason: unknown) => reason as DockerfileError,
  );
  expect(error).toBeInstanceOf(DockerfileError);
  const { code, span, others } = error as DockerfileError;
  expect([{ code, span }, ...others].map((found) => `${found.span.line} ${found.code}`)).toEqual([
    "1 image_not_found",
    "2 bad_value",
    "4 unknown_stage",
    "5 bad_value",
    "6 bad_value",
  ]);
});

test("--no-cache and --no-cache-filter mark the steps that run", async () => {
  const text = "FROM alpine AS One\nRUN a\nWORKDIR /x\nFROM alpine\nRUN b\nCOPY --from=one x /";
  const uncached = async (options: object) =>
    (await planText(text, options)).vertices.filter(({ noCache }) => noCache).map(({ name }) => name);
  expect(await uncached({})).toEqual([]);
  expect(await uncached({ noCacheFilter: ["one"] })).toEqual(["[one 2/3] RUN a", "[one 3/3] WORKDIR /x"]);
  await expect(uncached({ noCacheFilter: ["noe"] })).rejects.toMatchObject({
    code: "unknown_stage",
    hint: 'Did you mean "one"?',
  });
  expect(await uncached({ noCache: true })).toEqual([
    "[one 2/3] RUN a",
    "[one 3/3] WORKDIR /x",
    "[stage-1 2/3] RUN b",
    "[stage-1 3/3] COPY --from=one x /",
  ]);
});

test("vertices know their stage and lines", async () => {
  const { vertices } = await planText("FROM alpine AS web\nRUN a \\\n  b\nCOPY <<EOF /x\nhi\nEOF");
  expect(vertices.map(({ stage, lines }) => [stage, lines])).toEqual([
    ["web", [1, 1]],
    ["web", [2, 3]],
    ["web", [4, 6]],
  ]);
});

test("stages are planned in file order", async () => {
  const text = "FROM a AS one\nRUN 1\nFROM b AS two\nRUN 2\nFROM one\nCOPY --from=two x /";
  expect(names(await planText(text)).map((name) => name.replace(/@.*/, ""))).toEqual([
    "[one 1/2] FROM docker.io/library/a:latest",
    "[one 2/2] RUN 1",
    "[two 1/2] FROM docker.io/library/b:latest",
    "[two 2/2] RUN 2",
    "[stage-2 1/1] COPY --from=two x /",
  ]);
});

test("a Dockerfile of 2,000 lines is planned in well under a second", async () => {
  const lines = Array.from(
    { length: 500 },
    (_, index) => `ENV V${index}=$V${index - 1}x\nRUN echo ${index}\nCOPY a${index} /b\nLABEL l${index}=1`,
  );
  const started = process.cpuUsage();
  await planText(`FROM alpine\n${lines.join("\n")}`);
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(3000);
});

/** A copy without the source texts that spans point into. */
function withoutFiles<Value>(value: Value): Value {
  return JSON.parse(
    JSON.stringify(value, (key, member: unknown) => (key === "file" || key === "span" ? undefined : member)),
  ) as Value;
}

test("below a base that cannot be found, lines without variables are looked at, others are not blamed", async () => {
  const resolveImage = async () => Promise.reject(new TsbuildError("image_not_found", "no image"));
  const text = "FROM gone AS a\nENV A=${HOME_OF_BASE:?unset}\nFROM a\nEXPOSE 99999 80/xyz $PORT\nEXPOSE 99999 80/xyz\n";
  const error = (await planText(text, { resolveImage }).catch((thrown: unknown) => thrown)) as DockerfileError;
  expect([error, ...error.others].map(({ span }) => `${span.line}:${span.column}`)).toEqual(["1:6", "5:8", "5:14"]);
});

test.each([
  ["linux/amd46", 'expected an architecture that is known, found "amd46"', 'Did you mean "linux/amd64"?'],
  ["linx/arm/v7", 'expected an operating system that is known, found "linx"', 'Did you mean "linux/arm/v7"?'],
  ["amd46", 'expected a platform such as "linux/amd64" or "linux/arm/v7", found "amd46"', 'Did you mean "amd64"?'],
  ["linux/vax", 'expected an architecture that is known, found "vax"', /^Use one of 386, amd64, /],
])("FROM --platform=%s is refused with its place and advice", async (platform, message, hint) => {
  const error = await planText(`FROM --platform=${platform} scratch\n`).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "bad_platform", message, span: { line: 1, column: 17 } });
  expect((error as DockerfileError).hint).toMatch(hint);
});

test("COPY --chown=a:b:c is refused with its place before anything is read", async () => {
  const error = await planText("FROM scratch\nARG O=a:b:c\nCOPY --chown=$O x /\n").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "bad_flag_value", span: { line: 3, column: 14 } });
});
