// A build of --watch in one line: while it runs, on a terminal, and when it is done.

import type { BuildResult } from "../../index.js";
import { formatSeconds } from "../progress/format.js";
import type { TerminalOutput } from "../progress/screen.js";
import type { BuildView, Step } from "../progress/view.js";
import { fit, printable } from "../progress/width.js";

/** `14:03:07 app:1 3f2a9c01b2d4 in 0.4s: RUN npm ci (1 file changed: package.json), and 2 more` */
export function watchLine(
  { names, imageId }: BuildResult,
  { steps }: BuildView,
  { took, isNew, now = new Date() }: { readonly took: number; readonly isNew: boolean; readonly now?: Date },
): string {
  const id = imageId.slice("sha256:".length, "sha256:".length + 12);
  const what = names.length > 0 ? `${familiar(names[0]!)} ${id}` : id;
  return `${clock(now)} ${what} in ${formatSeconds(took)}: ${isNew ? ran(steps) : "the same image"}`;
}

function ran(steps: readonly Step[]): string {
  const made = steps.filter(({ outcome, inputs }) => outcome === "done" && inputs.length > 0);
  const [first, ...others] = made;
  if (!first) return "all cached";
  const why = first.why === undefined ? "" : ` (${first.why})`;
  return `${printable(first.name)}${printable(why)}${others.length > 0 ? `, and ${others.length} more` : ""}`;
}

function clock(time: Date): string {
  return time.toTimeString().slice(0, 8);
}

function familiar(name: string): string {
  return name.replace(/^docker\.io\/(?:library\/(?=[^/]+$))?/, "");
}

/** The line of a build that runs; on a terminal only. */
export class LiveLine {
  readonly #output: TerminalOutput & { readonly isTTY?: boolean };
  #isShown = false;

  constructor(output: TerminalOutput & { readonly isTTY?: boolean }) {
    this.#output = output;
  }

  show({ steps }: BuildView, begun: number): void {
    if (!this.#output.isTTY) return;
    const running = steps.find(({ started, ended }) => started !== undefined && ended === undefined);
    const done = steps.filter(({ ended }) => ended !== undefined).length;
    const text = `${formatSeconds(Date.now() - begun)} ${done}/${steps.length} ${running?.name ?? ""}`;
    this.#output.write(`\r\x1b[K${fit(printable(text), (this.#output.columns ?? 80) - 1)}`);
    this.#isShown = true;
  }

  /** Takes the line away. */
  end(): void {
    if (this.#isShown) this.#output.write("\r\x1b[K");
    this.#isShown = false;
  }
}
