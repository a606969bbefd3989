// What a build would do, as text.

import type { BuildPrediction, PredictedStep } from "../../index.js";
import { formatSeconds } from "../progress/format.js";

export function predictionText(prediction: BuildPrediction): string {
  const { steps } = prediction;
  return [...steps.flatMap(stepLines), ...(steps.length > 0 ? [""] : []), summary(prediction), ""].join("\n");
}

const WORDS = { cached: "CACHED ", runs: "RUN    ", depends: "MAYBE  " } as const;

function stepLines({ name, outcome, why, on, duration }: PredictedStep): string[] {
  const time = outcome === "cached" || duration === undefined ? "" : `  ${formatSeconds(duration)} the last time`;
  const reason = on === undefined ? why : `depends on ${on}`;
  return [`${WORDS[outcome]}${name}${time}`, ...(reason === undefined ? [] : [`         ${reason}`])];
}

function summary({ steps, time }: BuildPrediction): string {
  const count = (outcome: PredictedStep["outcome"]) => steps.filter((step) => step.outcome === outcome).length;
  const [runs, depends, cached] = [count("runs"), count("depends"), count("cached")];
  const [least, most] = [formatSeconds(time.least), formatSeconds(time.most)];
  const about = least === most ? most : `${least} to ${most}`;
  const unknown = time.unknown === 0 ? "" : `, and ${time.unknown} that never ran here`;
  const parts = [
    `would run ${runs} of ${steps.length} steps`,
    ...(depends > 0 ? [`${depends} depend on them`] : []),
    `${cached} cached`,
    ...(runs + depends > 0 ? [`about ${about}${unknown}`] : []),
  ];
  return parts.join(", ");
}
