// The syntax tree of a Dockerfile: data, with a span on every node.
// https://docs.docker.com/reference/dockerfile/

import type { SourceFile, Span } from "./source.js";

export interface Dockerfile {
  readonly file: SourceFile;
  readonly directives: readonly Directive[];
  /** In file order: the global ARGs, then FROM and what follows it. */
  readonly instructions: readonly Instruction[];
}

/** `# escape=\`` and its like, before anything else in the file (S-001, S-002). */
export interface Directive {
  readonly name: "syntax" | "escape" | "check";
  readonly value: string;
  readonly span: Span;
}

/** Text that may hold variables and quotes. `text` is as written, after continuation lines are joined. */
export interface Word {
  readonly text: string;
  readonly span: Span;
}

export interface Heredoc {
  /** The delimiter without quotes; also the file name in COPY and ADD. */
  readonly name: string;
  /** The word as written: `<<-"EOF"`. */
  readonly word: Word;
  /** False when any part of the delimiter was quoted (S-028). */
  readonly expand: boolean;
  /** True for `<<-`: leading tabs are already removed from `content` (S-029). */
  readonly chomp: boolean;
  readonly fileDescriptor?: number;
  readonly content: string;
  /** The terminator's place. */
  readonly span: Span;
}

/**
 * `--name=value`; `--name value` is not a form of the language. A boolean flag without "=" has no value. One level of quotes and
 * escapes is removed from the text of the value, whose span covers it as written.
 */
export interface Flag {
  readonly name: string;
  readonly value?: Word;
  /** From the dashes to the end of the value. */
  readonly span: Span;
}

/** `type=cache,target=/x,ro`: one `--mount` flag, split as CSV; keys are in lower case, values are not yet expanded. */
export interface MountFlag {
  readonly options: readonly { readonly key: string; readonly value?: Word; readonly span: Span }[];
  readonly span: Span;
}

/** Exec form holds its arguments as they are; shell form one text for the shell of the stage. */
export type Command =
  | { readonly form: "exec"; readonly args: readonly string[]; readonly span: Span }
  | { readonly form: "shell"; readonly text: string; readonly span: Span };

export interface KeyValue {
  readonly key: Word;
  readonly value: Word;
}

interface Base<Kind extends string> {
  readonly kind: Kind;
  /** The instruction word as written: `FROM`, `from`. */
  readonly keyword: string;
  /** The instruction word's place. */
  readonly span: Span;
  /** First and last line of the whole instruction, heredoc bodies included. */
  readonly startLine: number;
  readonly endLine: number;
  /** The whole logical line after the keyword, continuation joined, as history and progress show it. */
  readonly text: string;
  /** Every flag as written; the typed fields below come from them. */
  readonly flags: readonly Flag[];
  /** The comment lines directly above, without `#` (descriptions of stages and arguments, `check=skip=…`). */
  readonly comments: readonly string[];
  /** The blank lines that its continuation runs over, if any (S-007). */
  readonly emptyLines?: readonly Span[];
}

export interface FromInstruction extends Base<"FROM"> {
  readonly image: Word;
  readonly platform?: Word;
  /** The name is as written; names of stages are compared in lower case (S-020). */
  readonly as?: { readonly name: string; readonly span: Span; /** `AS` as written. */ readonly keyword: string };
}

export interface ArgInstruction extends Base<"ARG"> {
  readonly args: readonly { readonly name: Word; readonly value?: Word }[];
}

export interface EnvInstruction extends Base<"ENV"> {
  readonly pairs: readonly KeyValue[];
  /** `ENV name value` (S-018). */
  readonly legacy: boolean;
}

export interface LabelInstruction extends Base<"LABEL"> {
  readonly pairs: readonly KeyValue[];
  readonly legacy: boolean;
}

export interface RunInstruction extends Base<"RUN"> {
  readonly command: Command;
  readonly heredocs: readonly Heredoc[];
  readonly mounts: readonly MountFlag[];
  readonly network?: Word;
  readonly security?: Word;
  readonly devices: readonly Word[];
}

/** COPY and ADD. Which of the fields a flag may set depends on `kind`; the parser has checked it. */
interface Transfer<Kind extends string> extends Base<Kind> {
  readonly sources: readonly Word[];
  /** Heredocs among the sources, in order, after `sources` here; `order` is not needed because each writes its own file. */
  readonly heredocs: readonly Heredoc[];
  readonly destination: Word;
  /** True for the JSON form: words have no quotes to remove, but variables are expanded. */
  readonly json: boolean;
  readonly chown?: Word;
  readonly chmod?: Word;
  readonly link: boolean;
  readonly exclude: readonly Word[];
  readonly parents: boolean;
}

export interface CopyInstruction extends Transfer<"COPY"> {
  readonly from?: Word;
}

export interface AddInstruction extends Transfer<"ADD"> {
  readonly checksum?: Word;
  readonly keepGitDir?: boolean;
  readonly unpack?: boolean;
}

export interface CmdInstruction extends Base<"CMD"> {
  readonly command: Command;
}

export interface EntrypointInstruction extends Base<"ENTRYPOINT"> {
  readonly command: Command;
}

export interface ShellInstruction extends Base<"SHELL"> {
  readonly args: readonly string[];
}

/** Durations are in nanoseconds, at least 1,000,000; absent means inherit (S-148). They have no meaning beside NONE. */
export interface HealthcheckInstruction extends Base<"HEALTHCHECK"> {
  /** Absent for `HEALTHCHECK NONE`. */
  readonly command?: Command;
  readonly interval?: number;
  readonly timeout?: number;
  readonly startPeriod?: number;
  readonly startInterval?: number;
  readonly retries?: number;
}

export interface ExposeInstruction extends Base<"EXPOSE"> {
  readonly ports: readonly Word[];
}

export interface VolumeInstruction extends Base<"VOLUME"> {
  readonly paths: readonly Word[];
  readonly json: boolean;
}

export interface UserInstruction extends Base<"USER"> {
  readonly user: Word;
}

export interface WorkdirInstruction extends Base<"WORKDIR"> {
  readonly path: Word;
}

export interface StopsignalInstruction extends Base<"STOPSIGNAL"> {
  readonly signal: Word;
}

export interface MaintainerInstruction extends Base<"MAINTAINER"> {
  readonly name: string;
}

/** `trigger` is kept as text and parsed when a child image uses it, with the default escape character (S-074). */
export interface OnbuildInstruction extends Base<"ONBUILD"> {
  readonly trigger: string;
}

export type Instruction =
  | FromInstruction
  | ArgInstruction
  | EnvInstruction
  | LabelInstruction
  | RunInstruction
  | CopyInstruction
  | AddInstruction
  | CmdInstruction
  | EntrypointInstruction
  | ShellInstruction
  | HealthcheckInstruction
  | ExposeInstruction
  | VolumeInstruction
  | UserInstruction
  | WorkdirInstruction
  | StopsignalInstruction
  | MaintainerInstruction
  | OnbuildInstruction;
