// The commands on past builds, and on builds to come.

import type { Command } from "../command.js";
import { BUILDS_FLAGS, EXPLAIN_FLAGS, LOGS_FLAGS } from "../flags/history-flags.js";
import { PLAN_FLAGS } from "../flags/plan-flags.js";

export const HISTORY: readonly Command[] = [
  {
    name: "plan",
    summary: "tell which steps a build would run, and why",
    usage: "plan [OPTIONS] PATH | URL | -",
    flags: PLAN_FLAGS,
    args: [1, 1],
    examples: [["tsbuild plan --build-arg V=2 .", "the steps that this change costs, and their time"]],
    needsNamespace: true,
    load: async () => (await import("../commands/plan.js")).runPlan,
  },
  {
    name: "builds",
    summary: "list past builds",
    usage: "builds [OPTIONS] [BUILD]",
    flags: BUILDS_FLAGS,
    args: [0, 1],
    expectsStore: true,
    examples: [
      ["tsbuild builds", "the latest builds, with their ids"],
      ["tsbuild builds ^0", "the steps of the latest build"],
    ],
    load: async () => (await import("../commands/history.js")).runBuilds,
  },
  {
    name: "logs",
    summary: "print all that the steps of a build printed",
    usage: "logs [OPTIONS] [BUILD [STEP]]",
    flags: LOGS_FLAGS,
    args: [0, 2],
    expectsStore: true,
    examples: [
      ["tsbuild logs", "of the latest build"],
      ["tsbuild logs ^1 5", "of step 5 in the build before; builder:5 is a step of another stage"],
    ],
    load: async () => (await import("../commands/history.js")).runLogs,
  },
  {
    name: "explain",
    summary: "tell why steps of a build ran, and what would avoid it",
    usage: "explain [OPTIONS] [BUILD]",
    flags: EXPLAIN_FLAGS,
    args: [0, 1],
    expectsStore: true,
    examples: [
      ["tsbuild explain", "against the build that differs least"],
      ["tsbuild explain --step 5 9f3a", "one step, and what it follows"],
      ["tsbuild explain --against type=registry,ref=REF", "why that cache had no answer"],
    ],
    load: async () => (await import("../commands/history.js")).runExplain,
  },
];
