// The one error class of tsbuild. Whatever else escapes is a bug.

/** Every failure that a user can cause or meet. docs/errors.md has a heading for each; a test keeps both lists equal. */
export const ERROR_CODES = [
  // Dockerfile language
  "syntax",
  "unknown_instruction",
  "unknown_flag",
  "bad_flag_value",
  "duplicate_flag",
  "missing_argument",
  "too_many_arguments",
  "unterminated_heredoc",
  "unterminated_variable",
  "unterminated_quote",
  "bad_variable",
  "empty_dockerfile",
  "no_stage",
  "bad_json",
  "bad_directive",
  "instruction_not_allowed",
  "bad_stage_name",
  "unknown_stage",
  "stage_order",
  "circular_dependency",
  "required_variable",
  "unsupported",
  "bad_value",
  "bad_platform",
  "bad_pattern",
  "check_failed",
  // Inputs of a build
  "dockerfile_not_found",
  "context_not_found",
  "bad_context",
  "source_not_found",
  "bad_reference",
  "source_changed",
  "unknown_user",
  "copy_conflict",
  "bad_archive",
  "bad_git_source",
  "bad_http_source",
  "source_unreachable",
  "checksum_mismatch",
  "secret_not_found",
  "secret_leaked",
  "entitlement_denied",
  "source_denied",
  "not_locked",
  "bad_policy",
  // Execution
  "run_failed",
  "command_not_found",
  "sandbox_unavailable",
  "sandbox_failed",
  "bad_mount",
  "interrupted",
  "timed_out",
  "limit_exceeded",
  // Images, registries, stores
  "image_not_found",
  "image_in_use",
  "blob_not_found",
  "digest_mismatch",
  "bad_manifest",
  "platform_not_found",
  "unauthorized",
  "registry_unreachable",
  "registry_error",
  "registry_blocked",
  "cache_unavailable",
  "store_unwritable",
  "store_full",
  "store_version",
  "not_a_store",
  "store_corrupt",
  "build_not_found",
  "output_failed",
  "not_reproducible",
  "bad_key",
  "not_signed",
  // The command line
  "usage",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface TsbuildErrorOptions {
  /** One imperative sentence with a period: what the user can do. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** A failure with a stable code. `message` is one line in lower case, without a period, and says what was expected and found. */
export class TsbuildError extends Error {
  override readonly name: string = "TsbuildError";
  readonly code: ErrorCode;
  readonly hint?: string;

  constructor(code: ErrorCode, message: string, options: TsbuildErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    if (options.hint !== undefined) this.hint = options.hint;
  }
}
