import { expect, test } from "vitest";
import { type BuildFact, waitReporter } from "../progress.js";

test("waitReporter() shows each time that a host is waited for as a vertex of its own", () => {
  const facts: BuildFact[] = [];
  const onWait = waitReporter((fact) => facts.push(fact));
  for (const seconds of [10, 20, 0, 0, 10]) onWait("reg.example", seconds);
  onWait("other.example", 10);
  const said = facts.map((fact) => {
    if (fact.type === "vertex") return `${fact.vertex}: ${fact.name}`;
    return fact.type === "output"
      ? `${fact.vertex}: ${String(fact.data).trim()}`
      : `${"vertex" in fact && fact.vertex}: ${fact.type}`;
  });
  expect(said).toEqual([
    "waiting 1: waiting for reg.example",
    "waiting 1: started",
    "waiting 1: nothing came for 10 s",
    "waiting 1: nothing came for 20 s",
    "waiting 1: done",
    "waiting 2: waiting for reg.example",
    "waiting 2: started",
    "waiting 2: nothing came for 10 s",
    "waiting 3: waiting for other.example",
    "waiting 3: started",
    "waiting 3: nothing came for 10 s",
  ]);
});
