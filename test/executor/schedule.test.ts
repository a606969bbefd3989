import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { runAll } from "../../executor/schedule.js";

interface Step {
  readonly inputs: readonly number[];
  readonly work?: () => Promise<void>;
}

function all(vertices: readonly Step[], jobs: number, onFailure = () => {}) {
  const log: string[] = [];
  const run = async (step: Step) => {
    const name = String(vertices.indexOf(step));
    log.push(`+${name}`);
    await (step.work ?? (() => sleep(5)))();
    log.push(`-${name}`);
    return name;
  };
  return {
    log,
    done: runAll({ vertices, inputsOf: ({ inputs }) => inputs, run, isLight: () => false, jobs, onFailure }),
  };
}

describe("runAll()", () => {
  test("runs a vertex when its inputs are done, and independent ones at the same time", async () => {
    const { log, done } = all([{ inputs: [] }, { inputs: [0] }, { inputs: [0] }, { inputs: [1, 2] }], 4);
    expect(await done).toEqual(["0", "1", "2", "3"]);
    expect(log.slice(0, 4)).toEqual(["+0", "-0", "+1", "+2"]);
    expect(log.slice(-2)).toEqual(["+3", "-3"]);
  });

  test("runs no more than `jobs` at once", async () => {
    let running = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++running);
      await sleep(5);
      running--;
    };
    await all(
      Array.from({ length: 9 }, () => ({ inputs: [], work })),
      2,
    ).done;
    expect(most).toBe(2);
  });

  test("after a failure nothing new begins, what runs is told and awaited, and the first failure is thrown", async () => {
    const told: string[] = [];
    const fail = () => sleep(5).then(() => Promise.reject(new Error("first")));
    const slow = () => sleep(30).then(() => void told.push("slow is done"));
    const { log, done } = all([{ inputs: [], work: fail }, { inputs: [], work: slow }, { inputs: [1] }], 2, () =>
      told.push("told"),
    );
    await expect(done).rejects.toThrow("first");
    expect(told).toEqual(["told", "slow is done"]);
    expect(log).not.toContain("+2");
  });
});
