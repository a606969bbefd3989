// A user's own profile: what of the file holds, and what its program says, run by an interpreter (features row 158).

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { compileOwnFilter } from "../../../../executor/sandbox/seccomp/compile-own.js";
import {
  type OwnArgument,
  type OwnConditions,
  type OwnRule,
  readOwnProfile,
  seccompDigest,
} from "../../../../executor/sandbox/seccomp/own-profile.js";
import { architecturesOf, syscallTable } from "../../../../executor/sandbox/seccomp/syscalls.js";
import { runFilter } from "./interpreter.js";

const directory = mkdtempSync(join(tmpdir(), "tsbuild-seccomp-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const here: OwnConditions = { capabilities: ["CHOWN"], kernel: [5, 10], architectures: ["x86_64", "i386"] };
const path = join(directory, "profile.json");
const read = (profile: unknown) => {
  writeFileSync(path, typeof profile === "string" ? profile : JSON.stringify(profile));
  return readOwnProfile(path, here);
};

const ALLOW = "SCMP_ACT_ALLOW";

test("a profile that is not there is named", () => {
  expect(() => seccompDigest(join(directory, "none.json"))).toThrow("none.json");
  expect(() => seccompDigest(join(directory, "none.json"))).toThrow(expect.objectContaining({ code: "bad_value" }));
});

describe("readOwnProfile()", () => {
  test.each<[condition: object, holds: boolean]>([
    [{ includes: { caps: ["CAP_CHOWN"] } }, true],
    [{ includes: { caps: ["CAP_SYS_ADMIN"] } }, false],
    [{ excludes: { caps: ["CAP_CHOWN"] } }, false],
    [{ includes: { arches: ["amd64", "x32"] } }, true],
    [{ includes: { arches: ["s390x"] } }, false],
    [{ excludes: { arches: ["arm64"] } }, true],
    [{ includes: { minKernel: "4.8" } }, true],
    [{ includes: { minKernel: "5.11" } }, false],
  ])("a rule with %j", (condition, holds) => {
    const { rules } = read({
      defaultAction: "SCMP_ACT_ERRNO",
      syscalls: [{ names: ["read"], action: ALLOW, ...condition }],
    });
    expect(rules.length).toBe(holds ? 1 : 0);
  });

  test.each<[profile: unknown, message: string]>([
    ["{", "seccomp profile"],
    [{}, "defaultAction: expected"],
    [{ defaultAction: "SCMP_ACT_NOTIFY" }, "SCMP_ACT_NOTIFY"],
    [
      { defaultAction: ALLOW, syscalls: [{ names: ["read"], action: "SCMP_ACT_TRACE" }] },
      "syscalls.0.action: expected",
    ],
  ])("%j is refused at its place", (profile, message) => {
    expect(() => read(profile)).toThrow(message);
  });
});

const tables = architecturesOf("x64").map(syscallTable);
const { audit, numbers } = tables[0]!;
const NAMES = ["read", "write", "socket", "clone"];

const values = fc.oneof(fc.nat(5), fc.constantFrom(0xffffffff, 2 ** 32, 2 ** 32 + 3, 2 ** 40));
const argument = fc.record({
  index: fc.nat(5),
  value: values,
  valueTwo: values,
  op: fc.constantFrom<OwnArgument["op"]>(
    "SCMP_CMP_NE",
    "SCMP_CMP_LT",
    "SCMP_CMP_LE",
    "SCMP_CMP_EQ",
    "SCMP_CMP_GE",
    "SCMP_CMP_GT",
    "SCMP_CMP_MASKED_EQ",
  ),
});
const rule: fc.Arbitrary<OwnRule> = fc.record({
  names: fc.subarray(NAMES, { minLength: 1 }),
  action: fc.constantFrom("SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"),
  errno: fc.integer({ min: 1, max: 30 }),
  tests: fc.array(argument, { maxLength: 3 }),
});

function holds({ index, op, value, valueTwo }: OwnArgument, args: readonly bigint[]): boolean {
  const [given, wanted] = [args[index]!, BigInt(value)];
  switch (op) {
    case "SCMP_CMP_NE":
      return given !== wanted;
    case "SCMP_CMP_LT":
      return given < wanted;
    case "SCMP_CMP_LE":
      return given <= wanted;
    case "SCMP_CMP_EQ":
      return given === wanted;
    case "SCMP_CMP_GE":
      return given >= wanted;
    case "SCMP_CMP_GT":
      return given > wanted;
    case "SCMP_CMP_MASKED_EQ":
      return (given & wanted) === BigInt(valueTwo);
  }
}

test("the program says what the rules say, for any rules and arguments", () => {
  const calls = fc.record({ name: fc.constantFrom(...NAMES), args: fc.tuple(...Array(6).fill(values)) });
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 6 }), fc.array(calls, { minLength: 1 }), (rules, asked) => {
      const filter = compileOwnFilter({ action: "SCMP_ACT_ERRNO", errno: 99, rules }, tables);
      for (const { name, args } of asked) {
        const words = (args as number[]).map(BigInt);
        const own = rules.filter(({ names }) => names.includes(name));
        const found =
          own.find(({ tests }) => tests.length > 0 && tests.every((one) => holds(one, words))) ??
          own.find(({ tests }) => tests.length === 0);
        const errno = found ? found.errno : 99;
        const expected =
          found?.action === ALLOW ? "allow" : errno === 1 ? "EPERM" : `0x${(0x50000 + errno).toString(16)}`;
        expect(runFilter(filter, { number: numbers.get(name)!, audit, args: words }).verdict).toEqual(expected);
      }
    }),
    { numRuns: 300 },
  );
});
