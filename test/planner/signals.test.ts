import { expect, test } from "vitest";
import { isSignal } from "../../planner/signals.js";

test.each(["SIGTERM", "term", "SigUsr1", "9", "64", "SIGRTMIN", "SIGRTMIN+3", "RTMAX-14", "POLL"])(
  "S-150: %s is a signal",
  (text) => {
    expect(isSignal(text)).toBe(true);
  },
);

test.each(["", "0", "SIGTREM", "SIGRTMIN+16", "SIGRTMIN-1", "-9", "TERM KILL", "SIGSIGTERM"])(
  "S-150: %j is none",
  (text) => {
    expect(isSignal(text)).toBe(false);
  },
);
