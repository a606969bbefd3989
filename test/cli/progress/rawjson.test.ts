import { expect, test } from "vitest";
import { RawJsonPrinter } from "../../../cli/progress/rawjson.js";
import { at, FAILURE, file, output, started, status, vertex, done } from "./events.js";

function lines(events: Parameters<RawJsonPrinter["on"]>[0][]): Record<string, Record<string, unknown>[]>[] {
  const texts: string[] = [];
  const printer = new RawJsonPrinter((text) => texts.push(text));
  for (const event of events) printer.on(event);
  expect(texts.every((text) => text.endsWith("\n") && text.indexOf("\n") === text.length - 1)).toBe(true);
  return texts.map((text) => JSON.parse(text) as Record<string, Record<string, unknown>[]>);
}

const A = "sha256:d2a4b37cac0a57e42b1fe002a68c2449a7e41646eec1a92a0f0acd39fae589ce"; // sha256 of ["A"], what the vertex is

test("vertexes, statuses and logs have the fields of BuildKit's SolveStatus", () => {
  const facts = [
    vertex("a", "A"),
    started("a"),
    status("a", "layer", 5, 10),
    status("a", "layer", 10, 10),
    output("a", "hi\n", 2),
    done("a"),
  ];
  expect(lines(facts.map((fact, index) => at(index, fact)))).toEqual([
    { vertexes: [{ digest: A, name: "A" }] },
    { vertexes: [{ digest: A, name: "A", started: "2026-01-01T00:00:01.000Z" }] },
    {
      statuses: [
        {
          id: "layer",
          vertex: A,
          name: "layer",
          total: 10,
          current: 5,
          timestamp: "2026-01-01T00:00:02.000Z",
          started: "2026-01-01T00:00:02.000Z",
        },
      ],
    },
    {
      statuses: [
        {
          id: "layer",
          vertex: A,
          name: "layer",
          total: 10,
          current: 10,
          timestamp: "2026-01-01T00:00:03.000Z",
          started: "2026-01-01T00:00:02.000Z",
          completed: "2026-01-01T00:00:03.000Z",
        },
      ],
    },
    { logs: [{ vertex: A, stream: 2, data: "aGkK", timestamp: "2026-01-01T00:00:04.000Z" }] },
    {
      vertexes: [{ digest: A, name: "A", started: "2026-01-01T00:00:01.000Z", completed: "2026-01-01T00:00:05.000Z" }],
    },
  ]);
});

test("a cached vertex that never started has both times", () => {
  const [, last] = lines([at(0, vertex("a", "A", ["b"])), at(1, done("a", true))]);
  const time = "2026-01-01T00:00:01.000Z";
  expect(last!["vertexes"]![0]).toMatchObject({
    cached: true,
    started: time,
    completed: time,
    inputs: [expect.stringMatching(/^sha256:[0-9a-f]{64}$/)],
  });
});

test("failed and canceled vertexes have an error", () => {
  const errors = lines([...FAILURE]).flatMap((line) => line["vertexes"]?.map(({ error }) => error) ?? []);
  expect(errors.filter((error) => error !== undefined)).toEqual([
    'process "/bin/sh -c npm test" did not complete successfully: exit code: 3',
    "context canceled",
  ]);
});

test("warnings carry their place and the Dockerfile", () => {
  const span = { file, line: 6, column: 17, length: 4 };
  const [line] = lines([
    at(0, { type: "warning", rule: "JSONArgsRecommended", message: "use JSON", url: "https://x", span }),
  ]);
  const [warning] = line!["warnings"]!;
  expect(Buffer.from(warning!["short"] as string, "base64").toString()).toBe("JSONArgsRecommended: use JSON (line 6)");
  expect(warning).toMatchObject({
    vertex: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    level: 1,
    detail: [expect.any(String)],
    url: "https://x",
    range: [{ start: { line: 6, character: 16 }, end: { line: 6, character: 20 } }],
    sourceInfo: { filename: "Dockerfile" },
  });
});

test("digests of vertices are of what they are: name and inputs, whatever the build calls them", () => {
  const digests = (...facts: ReturnType<typeof vertex>[]) =>
    lines(facts.map((fact, index) => at(index, fact))).map(({ vertexes }) => vertexes![0]!["digest"]);
  const [one, two] = [digests(vertex("a", "A"), vertex("b", "B")), digests(vertex("x", "A"), vertex("y", "B"))];
  expect(one).toEqual(two);
  expect(new Set(digests(vertex("a", "A"), vertex("b", "A"))).size).toBe(2);
});
