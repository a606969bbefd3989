import { expect, test } from "vitest";
import { BuildView } from "../../../cli/progress/view.js";
import { LineReader } from "../../../cli/progress/line-reader.js";
import { at, done, output, started, vertex } from "./events.js";

test("BuildView keeps the last lines of a step, those of both streams in the order in which they ended", () => {
  const view = new BuildView(2);
  const events = [
    vertex("a", "A"),
    started("a"),
    output("a", "one\ntw"),
    output("a", "error\n", 2),
    output("a", "o\nthree"),
  ];
  for (const fact of events) view.apply(at(0, fact));
  expect(view.steps[0]!.tail.map(({ text }) => text)).toEqual(["error", "two"]);
  view.apply(at(1, done("a")));
  expect(view.steps[0]!.tail.map(({ text }) => text)).toEqual(["two", "three"]);
});

test("BuildView refuses events of a vertex that was never declared: a bug of the engine", () => {
  expect(() => new BuildView().apply(at(0, started("x")))).toThrow('event "started" of undeclared vertex x');
});

const read = (...chunks: (string | Buffer)[]) => {
  const reader = new LineReader();
  return [...chunks.flatMap((chunk) => reader.read(Buffer.from(chunk))), ...reader.end()];
};

test("LineReader joins characters that were cut between chunks", () => {
  const euro = Buffer.from("5 €\n");
  expect(read(euro.subarray(0, 3), euro.subarray(3, 4), euro.subarray(4))).toEqual(["5 €"]);
});

test("LineReader shows what is left of lines that were written over", () => {
  expect(read("10%\r50%\r100%\nnext\r\n\r\n")).toEqual(["100%", "next", ""]);
});

test("LineReader cuts a line that never ends", () => {
  const lines = read("x".repeat(200_000));
  expect(lines.map((line) => line.length)).toEqual([65536, 65536, 65536, 200_000 - 3 * 65536]);
});
