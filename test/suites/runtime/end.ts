// The end of a step, in time or before: nothing of it may remain.

import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { startCaller } from "../../helpers/caller.js";
import { cgroupsOf } from "../../helpers/cgroups.js";
import { processesWith, until } from "../../helpers/processes.js";
import type { StepBench } from "../../helpers/step.js";
import type { Abilities, RuntimeUnderTest } from "../runtime.js";

let words = 0;

/** A word that is in the command line of one test's processes only. */
const uniqueWord = (): string => `tsbuild-test-${process.pid}-${words++}`;

export function endTests(subject: () => RuntimeUnderTest, can: Abilities): void {
  describe("the end", () => {
    test("by a signal is told as 128 and its number (S-128)", async () => {
      const { bench, runtime } = subject();
      const word = uniqueWord();
      const step = bench.run(runtime, ["sleep", "1000", "0", word.replace(/\D/g, "")]);
      const inside = (): number[] => processesWith(word.replace(/\D/g, "")).filter((pid) => innermost(pid) === 1);
      await until(() => inside().length > 0);
      for (const pid of inside()) process.kill(pid, "SIGKILL");
      expect((await step).status.code).toBe(137);
    });

    test("kills what runs in the background (S-129)", async () => {
      const { bench, runtime } = subject();
      const word = uniqueWord();
      const { status } = await bench.shell(
        runtime,
        `(trap '' TERM HUP; setsid sh -c 'sleep 1000; : ${word}') >/dev/null 2>&1 & exit 3`,
      );
      expect(status.code).toBe(3);
      expect(processesWith(word)).toEqual([]);
    });

    test("does not wait for what holds the output open", async () => {
      const { bench, runtime } = subject();
      const { stdout } = await bench.shell(runtime, "sleep 1000 & echo done");
      expect(stdout).toBe("done\n");
    });

    test("leaves no mount and no cgroup", async () => {
      const { bench, runtime } = subject();
      await bench.shell(runtime, "echo x >/tmp/x");
      expect([mountsOf(bench), cgroupsOf(process.pid)]).toEqual([[], []]);
    });

    test("comes at once when the step is interrupted", async () => {
      const { bench, runtime } = subject();
      const [word, controller] = [uniqueWord(), new AbortController()];
      const step = bench.shell(runtime, `trap '' TERM INT; sleep 1000 & sh -c 'while :; do sleep 1; done; : ${word}'`, {
        signal: controller.signal,
      });
      const rejected = expect(step).rejects.toMatchObject({ code: "interrupted" });
      await until(() => processesWith(`: ${word}`).length > 0);
      const start = performance.now();
      controller.abort();
      await rejected;
      expect(performance.now() - start).toBeLessThan(1000);
      expect(processesWith(word)).toEqual([]);
      expect([mountsOf(bench), cgroupsOf(process.pid)]).toEqual([[], []]);
    });

    test("does not begin when it was interrupted before", async () => {
      const { bench, runtime } = subject();
      await expect(bench.shell(runtime, "true", { signal: AbortSignal.abort() })).rejects.toMatchObject({
        code: "interrupted",
      });
    });

    test.each(can.isRoot ? [5, 40, 60, 80, 100, 150] : [])(
      "comes when the caller is killed %i ms after its start",
      async (moment) => {
        const { bench, recipe } = subject();
        const word = uniqueWord();
        const caller = startCaller(bench.directory, {
          recipe,
          spec: bench.spec(["sh", "-c", `sleep 1000; : ${word}`]),
        });
        await setTimeout(moment);
        caller.kill("SIGKILL");
        await until(() => processesWith(word).length === 0 && processesWith(bench.directory).length === 0);
        await until(() => cgroupsOf(caller.pid!).length === 0);
        expect(mountsOf(bench)).toEqual([]);
      },
    );

    if (can.isRoot)
      test("comes when the caller is killed", async () => {
        const word = uniqueWord();
        const { bench, recipe } = subject();
        const spec = bench.spec(["sh", "-c", `sleep 1000 & sh -c 'sleep 1000; : ${word}'`]);
        const caller = startCaller(bench.directory, { recipe, spec });
        await until(() => processesWith(`: ${word}`).length > 0, 20_000);
        caller.kill("SIGKILL");
        await until(() => processesWith(word).length === 0);
        await until(() => cgroupsOf(caller.pid!).length === 0);
        expect(mountsOf(bench)).toEqual([]);
      });
  });
}

const mountsOf = ({ directory }: StepBench): string[] =>
  readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => line.includes(directory));

/** The id of a process in its own namespace. */
function innermost(pid: number): number | undefined {
  const line = /^NSpid:(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  const ids = line?.trim().split(/\s+/).map(Number) ?? [];
  return ids.length > 1 ? ids.at(-1) : undefined;
}
