// A step that failed: what it was, where it stands in the Dockerfile, and why.

import { type ErrorCode, TsbuildError, type TsbuildErrorOptions } from "../errors.js";
import type { Span } from "../parser/index.js";

export interface StepFailure {
  /** `[builder 4/4] RUN npm test` */
  readonly vertex: string;
  readonly span?: Span;
  readonly lines?: readonly [number, number];
  /** Of a RUN that ended by itself. */
  readonly exitCode?: number;
  /** The end of what the step printed. */
  readonly logTail?: string;
}

export class StepError extends TsbuildError {
  override readonly name = "StepError";
  readonly step: StepFailure;

  constructor(code: ErrorCode, message: string, step: StepFailure, options?: TsbuildErrorOptions) {
    super(code, message, options);
    this.step = step;
  }
}
