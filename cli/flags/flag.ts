// What a flag is. One table of these makes the parser, --help, docs/cli.md and the shell completions.

export type FlagKind = "bool" | "string" | "list" | "int";

export interface Flag {
  /** Without dashes: `build-arg`. */
  readonly name: string;
  /** Another name, which other builders have for it. */
  readonly other?: string;
  /** One letter. */
  readonly short?: string;
  /** `list` may be given many times and keeps every value as it is, commas included. */
  readonly kind: FlagKind;
  /** Heading in --help. A flag without one is parsed and documented, but not listed there. */
  readonly group?: string;
  /** Few need it: `tsbuild help COMMAND`, for `build` `tsbuild help flags`, lists it, --help does not. @default false */
  readonly rare?: boolean;
  /** What stands for the value in --help: `NAME[=VALUE]`. */
  readonly value?: string;
  /** The only values that are accepted. */
  readonly choices?: readonly string[];
  /** Values that completions offer; others are accepted too. @default choices */
  readonly offers?: readonly string[];
  /** What the flag means when no `=VALUE` follows it; it then takes no further word. */
  readonly implied?: string;
  /** Environment variables that give the value when the flag is absent; the first that is set wins. */
  readonly env?: readonly string[];
  /**
   * For what is the case anyway, so that nothing but `=false` could have an effect, which is refused: what to do instead, one
   * imperative sentence with a period.
   */
  readonly always?: string;
  /** One line, lower case, no period. */
  readonly help: string;
  /** Sentences for `tsbuild help --flag` and docs/cli.md. */
  readonly details?: string;
}

/** A flag of `docker build` that tsbuild knows and cannot honour, or one of `tsbuild build` that another command has no use for. */
export interface RefusedFlag {
  readonly name: string;
  readonly other?: string;
  readonly short?: string;
  readonly kind: FlagKind;
  /** Values that ask for what tsbuild does anyway, so they are accepted: `false` for `--squash`. */
  readonly harmless?: readonly string[];
  /** Follows the name of the flag. @default is not supported by this version */
  readonly reason?: string;
  /** What to do instead: one imperative sentence with a period. */
  readonly instead: string;
}

export interface FlagTable {
  readonly flags: readonly Flag[];
  readonly refused: readonly RefusedFlag[];
}
