// Signals of `tsbuild run` go to the command, as docker run and podman run have it; who insists ends it.

import { constants } from "node:os";
import type { Io } from "../io.js";

/** Milliseconds that the command has to end by itself. */
const GRACE = 10_000;

const ENDING: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];

export interface PassedSignals {
  /** As `runImage` takes them. */
  readonly signals: Io["signals"];
  /** Aborted by the second signal that ends processes, and ten seconds after the first. */
  readonly signal: AbortSignal;
  /** 128 and the number of the signal that aborted. */
  readonly code: () => number | undefined;
  /** Forgets the grace time. */
  readonly stop: () => void;
}

export function passSignals({ signals, signal }: Pick<Io, "signals" | "signal">, grace = GRACE): PassedSignals {
  const aborter = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let code: number | undefined;
  const end = (name: NodeJS.Signals): void => {
    code = 128 + constants.signals[name];
    aborter.abort();
  };
  return {
    signals: (deliver) =>
      signals((name) => {
        if (!ENDING.includes(name)) return deliver(name);
        if (timer !== undefined) return end(name);
        timer = setTimeout(() => end(name), grace);
        deliver(name);
      }),
    signal: AbortSignal.any([signal, aborter.signal]),
    code: () => code,
    stop: () => clearTimeout(timer),
  };
}
