// Places in a Dockerfile.

/** The text that a syntax tree was read from. */
export interface SourceFile {
  /** As the user wrote it: `Dockerfile`, `docker/api.Dockerfile`, `-`. */
  readonly path: string;
  /** Without line ends. */
  readonly lines: readonly string[];
}

/** A run of characters on one line. Lines and columns count from 1, columns in UTF-16 code units. */
export interface Span {
  readonly file: SourceFile;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}
