// Work that is done again when the store turns out to be damaged.

import { expect, test } from "vitest";
import { TsbuildError } from "../../errors.js";
import type { Digest } from "../../oci/index.js";
import type { BuildFact } from "../../progress.js";
import { SelfRepair } from "../../build/self-repair.js";
import { hintAtDamage } from "../../space/index.js";

const failure = new TsbuildError("digest_mismatch", "expected sha256:a, read sha256:b");

function repairOf(signal?: AbortSignal) {
  const damaged = new Set<Digest>();
  const facts: BuildFact[] = [];
  const repair = new SelfRepair({
    store: { damaged, checkReads: () => {} } as never,
    emit: (fact) => facts.push(fact),
    signal,
  });
  const fail = () => {
    damaged.add(`sha256:${damaged.size}`);
    throw failure;
  };
  return { repair, facts, fail, damaged };
}

test("work that fails for damage is done again, and what was damaged is told", async () => {
  const { repair, facts, fail } = repairOf();
  let attempts = 0;
  const done = await repair.run(async () => (++attempts < 3 ? fail() : "done"));
  expect([done, attempts, facts.length]).toEqual(["done", 3, 2]);
  expect(facts[0]).toMatchObject({ type: "warning", message: expect.stringMatching(/sha256:0, so it is made/) });
});

test("another failure, an interrupted build and a stream that was begun end the work", async () => {
  const other = repairOf();
  await expect(other.repair.run(() => Promise.reject(failure))).rejects.toBe(failure);
  const interrupted = repairOf(AbortSignal.abort());
  await expect(interrupted.repair.run(async () => interrupted.fail())).rejects.toBe(failure);
  const sealed = repairOf();
  const writing = sealed.repair.run(async () => {
    sealed.repair.seal();
    sealed.fail();
  });
  await expect(writing).rejects.toBe(failure);
});

test("a disk that damages all that is written to it is given up", async () => {
  const { repair, fail, facts } = repairOf();
  await expect(repair.run(async () => fail())).rejects.toBe(failure);
  expect(facts).toHaveLength(3);
});

test("check() fails for damage that the work has survived", async () => {
  const { repair, damaged } = repairOf();
  let attempts = 0;
  const work = async () => {
    if (++attempts === 1) damaged.add("sha256:0");
    repair.check();
  };
  await repair.run(work);
  expect(attempts).toBe(2);
});

test("hintAtDamage() says what helps, also below other errors, when the store was damaged", () => {
  const step = new TsbuildError("run_failed", "no", { cause: new TsbuildError("digest_mismatch", "expected a") });
  hintAtDamage({ damaged: new Set() }, step);
  expect((step.cause as TsbuildError).hint).toBeUndefined();
  hintAtDamage({ damaged: new Set(["sha256:0"]) }, step);
  expect((step.cause as TsbuildError).hint).toContain("tsbuild cache verify");
  const cause = new TsbuildError("digest_mismatch", "expected a");
  hintAtDamage(
    { damaged: new Set(["sha256:0"]) },
    new TsbuildError("digest_mismatch", "b", { cause, hint: "Pull it." }),
  );
  expect(cause.hint).toBeUndefined();
});
