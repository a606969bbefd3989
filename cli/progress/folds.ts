// Lines that fold the log of each step in the views of CI services.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#grouping-log-lines
// https://docs.gitlab.com/ci/jobs/job_logs/#custom-collapsible-sections

import type { Folds } from "./plain.js";
import type { Step } from "./view.js";
import { printable } from "./width.js";

/** A line that a step printed is no command for GitHub: the number of the step stands before it. */
export const GITHUB_FOLDS: Folds = {
  open: (step) => `::group::${title(step)}\n`,
  close: () => "::endgroup::\n",
};

/** A section that is opened again needs a name of its own. */
export function gitlabFolds(): Folds {
  const opened = new Map<number, number>();
  const mark = (kind: "start" | "end", { number }: Step, time: number, options = "") => {
    const again = opened.get(number)!;
    const name = `tsb_${number}${again > 1 ? `_${again}` : ""}`;
    return `\x1b[0Ksection_${kind}:${Math.floor(time / 1000)}:${name}${options}\r\x1b[0K`;
  };
  return {
    open(step, time) {
      opened.set(step.number, (opened.get(step.number) ?? 0) + 1);
      return `${mark("start", step, time, "[collapsed=true]")}${title(step)}\n`;
    },
    close: (step, time) => `${mark("end", step, time)}\n`,
  };
}

function title({ number, name }: Step): string {
  return `#${number} ${printable(name.replaceAll("\n", " "))}`;
}
