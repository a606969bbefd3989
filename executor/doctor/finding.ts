export interface Finding {
  /** `steps`, `owners`, `snapshots`, `runtimes`, `network` or `limits`. */
  readonly subject: string;
  /** What is in use, or what cannot be had. */
  readonly state: string;
  readonly ok: boolean;
  /** Why it is so. */
  readonly reason: string;
  /** The change that lifts it: one imperative sentence. */
  readonly hint?: string;
}
