// What planning knows after each line of a stage, and what a line may use.

import type { ImageConfig, Platform } from "../oci/index.js";
import { type DockerfileError, type Span, type Word, expandWord } from "../parser/index.js";
import type { NoCacheFlag, Op, PlannedHistory, PlanWarning } from "./graph.js";
import type { ImageEntries } from "./image-draft.js";
import type { Images } from "./images.js";
import { stepName } from "./names.js";
import type { NamedContexts } from "./named-contexts.js";
import type { PlanOptions } from "./options.js";
import type { Scope, Variables } from "./scope.js";
import { type Stage, type StageInstruction, stageLabel } from "./stages.js";
import type { Vertices } from "./vertices.js";

/** Immutable: each line makes a new one of the one before. */
export interface StageState {
  readonly stage: Stage;
  /** The root filesystem so far. */
  readonly vertex: number;
  /** The vertex to copy from, where it is not the root filesystem: a directory that stands for the stage. */
  readonly source?: number;
  readonly platform: Platform;
  readonly scope: Scope;
  /** Its variables, labels, ports and volumes are those of `entries`. */
  readonly image: ImageConfig;
  readonly entries: ImageEntries;
  /** What came after the history of the base image. */
  readonly history?: HistoryList;
  /** True when the base could not be found, so that nobody knows what variables there are. */
  readonly uncertain?: boolean;
  /** True when CMD stood in this very stage (S-146). */
  readonly cmdSet: boolean;
  /** How many steps were numbered, of how many: `[builder 2/5]`. */
  readonly step: number;
  readonly steps: number;
}

/** The last entry, and those before it: a list that many states share. */
export interface HistoryList {
  readonly entry: PlannedHistory;
  readonly before?: HistoryList;
}

/** One instruction of a stage, and where to point for it. */
export interface Line<Instruction extends StageInstruction = StageInstruction> {
  readonly instruction: Instruction;
  readonly span: Span;
  readonly lines: readonly [first: number, last: number];
  /** True for a trigger of the base image. */
  readonly onbuild: boolean;
}

/** What is the same for all stages of one plan. */
export interface Planning {
  readonly options: PlanOptions;
  /** The escape character of the file. */
  readonly escape: "\\" | "`";
  readonly stages: readonly Stage[];
  /** Global and automatic ARGs by name. */
  readonly globals: ReadonlyMap<string, string>;
  /** What a FROM without `--platform` is for. */
  readonly platform: Platform;
  readonly vertices: Vertices;
  readonly images: Images;
  readonly contexts: NamedContexts;
  /** True when the only stage is named in no step, as BuildKit has it. */
  readonly anonymous: boolean;
  /** Names of the ARGs that were seen. */
  readonly declaredArgs: Set<string>;
  /** What is wrong in the Dockerfile, as far as it is known. */
  readonly errors: Set<DockerfileError>;
  /** Plans a stage, once. */
  evaluate(stage: Stage): Promise<StageState>;
  warn(warning: PlanWarning): void;
}

/** The word with the variables of the stage put in, and without its quotes; in the JSON form it has none to remove. */
export function expand(word: Word, state: StageState, { escape }: Planning, { json = false } = {}): string {
  return expandWord(word, (name) => state.scope.variables.get(name), { escape, quotes: !json }).text;
}

export function expandIn(word: Word, variables: Variables, { escape }: Pick<Planning, "escape">): string {
  return expandWord(word, (name) => variables.get(name), { escape }).text;
}

/** The directory that relative paths are below. */
export function workingDirectory(state: StageState): string {
  return state.image.config.WorkingDir || "/";
}

const HISTORY_COMMENT = "buildkit.dockerfile.v0";

/** Adds a history entry. Without `vertex` it is one that made no layer. */
export function record(state: StageState, createdBy: string, vertex?: number): StageState {
  const entry = { created_by: createdBy, comment: HISTORY_COMMENT, ...(vertex !== undefined && { vertex }) };
  return { ...state, history: { entry, ...(state.history && { before: state.history }) } };
}

/** The history in its order. */
export function historyOf({ history }: StageState): readonly PlannedHistory[] {
  const entries: PlannedHistory[] = [];
  for (let list = history; list; list = list.before) entries.push(list.entry);
  return entries.reverse();
}

/** Adds a numbered step to the graph; the filesystem that it makes is the stage's from now on. */
export function addStep(line: Line, op: Op, text: string, state: StageState, planning: Planning): StageState {
  const step = state.step + 1;
  const { stage, steps, platform } = state;
  const place = {
    stage,
    step,
    steps,
    anonymous: planning.anonymous,
    ...(planning.options.namePlatforms && { platform }),
  };
  const name = stepName(place, line.onbuild ? `ONBUILD ${text}` : text);
  const vertex = planning.vertices.add({
    op,
    name,
    stage: stageLabel(state.stage),
    step: { number: step, count: steps },
    span: line.span,
    lines: line.lines,
    noCache: noCacheFlag(state.stage, planning.options),
  });
  const { source: _directory, ...rest } = state;
  return { ...rest, vertex, step };
}

function noCacheFlag(stage: Stage, { noCache = false, noCacheFilter = [] }: PlanOptions): NoCacheFlag | false {
  if (noCache !== false) return noCache === true ? "--no-cache" : noCache;
  return noCacheFilter.some((name) => name.toLowerCase() === stage.name) && "--no-cache-filter";
}
