import { expect, test, vi } from "vitest";
import { passSignals } from "../../../cli/commands/pass-signals.js";

/** Signals that a test sends, and what came of them. */
function sample(grace?: number) {
  let send: (signal: NodeJS.Signals) => void = () => {};
  const signals = (listener: typeof send) => {
    send = listener;
    return () => {};
  };
  const passed = passSignals({ signals, signal: new AbortController().signal }, grace);
  const delivered: string[] = [];
  passed.signals((signal) => void delivered.push(signal));
  return { passed, delivered, send: (signal: NodeJS.Signals) => send(signal) };
}

test("signals are delivered, and the second that ends processes aborts", () => {
  const { passed, delivered, send } = sample();
  for (const signal of ["SIGWINCH", "SIGUSR1", "SIGTERM", "SIGUSR1"] as const) send(signal);
  expect(delivered).toEqual(["SIGWINCH", "SIGUSR1", "SIGTERM", "SIGUSR1"]);
  expect([passed.signal.aborted, passed.code()]).toEqual([false, undefined]);
  send("SIGINT");
  expect([passed.signal.aborted, passed.code(), delivered.length]).toEqual([true, 130, 4]);
  passed.stop();
});

test("the grace time aborts too, unless it is forgotten", async () => {
  vi.useFakeTimers();
  const [late, done] = [sample(), sample()];
  for (const { send } of [late, done]) send("SIGTERM");
  done.passed.stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect([late.passed.code(), done.passed.code()]).toEqual([143, undefined]);
  vi.useRealTimers();
});
