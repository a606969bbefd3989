// Chooses how a build is shown, and shows it on stderr.

import type { OnEvent } from "../../index.js";
import type { ProgressMode } from "../flags/build-flags.js";
import { GITHUB_FOLDS, gitlabFolds } from "./folds.js";
import { PlainPrinter } from "./plain.js";
import { RawJsonPrinter } from "./rawjson.js";
import type { TerminalOutput } from "./screen.js";
import { chooseTheme, type Environment } from "./theme.js";
import { LivePrinter } from "./tty.js";
import { BuildView } from "./view.js";

export interface ProgressOutput extends TerminalOutput {
  readonly isTTY?: boolean;
}

export interface Progress {
  readonly view: BuildView;
  readonly mode: Exclude<ProgressMode, "auto" | "none">;
  readonly onEvent: OnEvent;
  /** Prints what is still to be said. Nothing is written after it. */
  end(): void;
}

/** Lines of a failed step that are repeated at the end where they were not all to be seen before. */
const LIVE_TAIL = 100;
const PLAIN_TAIL = 10;

/** Driver and name, as docker tells them of its own. */
const BUILDER = "tsbuild:default";
const HEADING = 'building with "default" instance using tsbuild driver';

/** `auto` is tty on a terminal that a person looks at, else what the CI service folds, else plain. */
export function chooseMode(wanted: ProgressMode, output: ProgressOutput, env: Environment): Progress["mode"] {
  if (wanted === "none") return "quiet";
  if (wanted !== "auto") return wanted;
  const isWatched = output.isTTY === true && env["TERM"] !== "dumb" && !isTrue(env["CI"]);
  if (isWatched) return "tty";
  return isTrue(env["GITHUB_ACTIONS"]) ? "github" : isTrue(env["GITLAB_CI"]) ? "gitlab" : "plain";
}

export interface ProgressOptions {
  /** Says who builds, as docker does: its users look there for the driver. @default false */
  readonly namesBuilder?: boolean;
}

export function openProgress(
  mode: Progress["mode"],
  output: ProgressOutput,
  env: Environment,
  options: ProgressOptions = {},
): Progress {
  if (mode === "tty") return openLive(output, env, options);
  if (mode === "plain" || mode === "github" || mode === "gitlab") return openPlain(mode, output, env, options);
  const view = new BuildView();
  if (mode === "quiet") return { mode, view, onEvent: (event) => void view.apply(event), end: () => {} };
  const printer = new RawJsonPrinter((text) => output.write(text));
  return { mode, view, onEvent: (event) => (view.apply(event), printer.on(event)), end: () => {} };
}

function openPlain(
  mode: "plain" | "github" | "gitlab",
  output: ProgressOutput,
  env: Environment,
  { namesBuilder = false }: ProgressOptions,
): Progress {
  const view = new BuildView(PLAIN_TAIL);
  const folds = mode === "github" ? GITHUB_FOLDS : mode === "gitlab" ? gitlabFolds() : undefined;
  const options = {
    ...(env["PROGRESS_NO_TRUNC"] === "0" && { nameWidth: 72 }),
    ...(folds && { folds }),
    ...(namesBuilder && { heading: HEADING }),
  };
  const printer = new PlainPrinter(view, (text) => output.write(text), options);
  const timer = setInterval(() => printer.tick(Date.now()), 1_000).unref();
  const end = () => (clearInterval(timer), printer.end());
  return { mode, view, onEvent: (event) => printer.on(event), end };
}

function openLive(output: ProgressOutput, env: Environment, { namesBuilder = false }: ProgressOptions): Progress {
  const view = new BuildView(LIVE_TAIL);
  const logLines = Number.parseInt(env["BUILDKIT_TTY_LOG_LINES"] ?? "", 10);
  const theme = chooseTheme(env, output.isTTY === true);
  const printer = new LivePrinter(view, output, {
    theme,
    logLines: logLines >= 0 ? logLines : 6,
    ...(namesBuilder && { builder: BUILDER }),
  });
  return { mode: "tty", view, onEvent: (event) => printer.on(event), end: () => printer.end() };
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false"].includes(value.toLowerCase());
}
