// secrets/mask.ts and secrets/mask-events.ts

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TsbuildError } from "../../errors.js";
import { Masking } from "../../secrets/index.js";
import { MaskedStream, maskText } from "../../secrets/mask.js";
import { maskPatterns } from "../../secrets/patterns.js";

const VALUE = "p@ss w/rd+~é";
const patterns = maskPatterns(new Map([["token", Buffer.from(`${VALUE}\n`)]]));
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("maskText()", () => {
  test.each([
    ["the value", VALUE],
    ["base64", base64(VALUE)],
    ["base64 for URLs", Buffer.from(VALUE).toString("base64url")],
    ["percent-encoding", encodeURIComponent(VALUE)],
    ["percent-encoding in lower case", encodeURIComponent(VALUE).replace(/%../g, (code) => code.toLowerCase())],
    ["the encoding of forms", new URLSearchParams([["", VALUE]]).toString().slice(1)],
  ])("hides %s", (_, written) => {
    const masked = maskText(`<${written}>`, patterns);
    expect(masked).toMatch(/^<\*\*\*=?=?>$/);
  });

  test.each(["", "u:", "us:", "use:"])(
    "hides the value in the base64 of a longer text that begins with %j",
    (before) => {
      const masked = maskText(base64(`${before}${VALUE}, and more`), patterns);
      expect(masked).toContain("***");
      expect(Buffer.from(masked.split("***")[0]!, "base64").toString()).not.toContain("p@");
    },
  );

  test("hides the lines of a secret that has several", () => {
    const key = maskPatterns(new Map([["key", Buffer.from("-----BEGIN KEY-----\nabcdefghijkl\nmnop\n")]]));
    expect(maskText("x abcdefghijkl mnop", key)).toBe("x *** mnop");
  });

  test("hides base64 in lines of 76 characters", () => {
    const long = "secret ".repeat(20);
    const wrapped = base64(long).replace(/.{76}/g, "$&\n");
    expect(maskText(wrapped, maskPatterns(new Map([["long", Buffer.from(long)]])))).toMatch(/^\*\*\*=*$/);
  });

  test("leaves values of one or two characters", () => {
    expect(maskText("1 2 3", maskPatterns(new Map([["one", Buffer.from("1")]])))).toBe("1 2 3");
  });
});

test("MaskedStream hides values however the text is cut into pieces", () => {
  const piece = fc.constantFrom(VALUE, "p@ss", "p@ss w/rd+", "text ", base64(VALUE), "\n");
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (pieces, cuts) => {
        const data = Buffer.from(pieces.join(""));
        const stream = new MaskedStream(patterns);
        const out: Buffer[] = [];
        for (let at = 0, cut = 0; at < data.length; cut++) {
          const end = at + cuts[cut % cuts.length]!;
          out.push(stream.write(data.subarray(at, end)));
          at = end;
        }
        out.push(stream.end());
        expect(Buffer.concat(out).toString()).toBe(maskText(data.toString(), patterns));
        expect(Buffer.concat(out).includes(VALUE)).toBe(false);
      },
    ),
  );
});

describe("Masking", () => {
  const masking = () => new Masking(new Map([["token", Buffer.from(VALUE)]]));
  const output = (text: string) => ({ type: "output", vertex: "1", stream: 1, data: Buffer.from(text) }) as const;

  test("holds the begin of a value back no longer than its step", () => {
    const subject = masking();
    expect(subject.facts(output("see p@ss"))).toEqual([output("see ")]);
    const failed = { type: "failed", vertex: "1", message: `exit code 1: ${VALUE}` } as const;
    expect(subject.facts(failed)).toEqual([output("p@ss"), { ...failed, message: "exit code 1: ***" }]);
  });

  test("gives other output on at once", () => {
    expect(masking().facts(output("hello"))).toEqual([output("hello")]);
  });

  test("hides values in errors and their causes, which stay what they are", () => {
    const cause = new Error(`cause ${VALUE}`);
    const error = new TsbuildError("run_failed", `"${VALUE}" failed`, { hint: `Do not say ${VALUE}.`, cause });
    expect(masking().error(error)).toBe(error);
    expect(JSON.stringify([error.message, error.hint, cause.message, error.stack])).not.toContain("p@ss");
    expect(error).toBeInstanceOf(TsbuildError);
  });
});

describe("lines of a Dockerfile that has a secret in it", () => {
  const file = { path: "Dockerfile", lines: ["FROM a", `RUN curl -u x:${VALUE}`] };
  const span = { file, line: 2, column: 1, length: 3 };
  const shown = ["FROM a", "RUN curl -u x:***"];
  const masking = new Masking(new Map([["token", Buffer.from(VALUE)]]));

  test("are masked in warnings, of which rawjson has the whole file", () => {
    const [warning] = masking.facts({ type: "warning", rule: "r", message: "m", span });
    expect(warning).toMatchObject({ span: { line: 2, file: { path: "Dockerfile", lines: shown } } });
  });

  test("are masked in what is shown of a step that failed", () => {
    const error = Object.assign(new TsbuildError("run_failed", "m"), { step: { vertex: "v", span } });
    expect(masking.error(error)).toMatchObject({ step: { span: { file: { lines: shown } } } });
    expect(file.lines[1]).toContain(VALUE); // the tree that the build goes on with
  });
});
