// What `--progress=github` adds at the end of a build: what failed, and the warnings, at their lines of the Dockerfile.

import { DockerfileError, type Span, StepError } from "../../index.js";
import type { Warning } from "../progress/view.js";
import { type Annotation, annotation, MOST_SHOWN } from "./annotation.js";

export function warningAnnotations(warnings: readonly Warning[]): string[] {
  return warnings
    .slice(0, MOST_SHOWN)
    .map(({ rule, message, span, url }) =>
      annotation({ kind: "warning", title: rule, message: url === undefined ? message : `${message} (${url})`, span }),
    );
}

export function failureAnnotations(error: unknown): string[] {
  return partsOf(error).slice(0, MOST_SHOWN).map(annotation);
}

function partsOf(error: unknown): Annotation[] {
  const language = error instanceof StepError ? error.cause : error;
  if (language instanceof DockerfileError) {
    return [language, ...language.others].map(({ code, message, span }) => failed(code, message, span));
  }
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof StepError)) return [failed("build failed", message)];
  const { span } = error.step;
  return [failed(span ? `${instructionAt(span)} failed` : "build failed", message, span)];
}

function failed(title: string, message: string, span?: Span): Annotation {
  return { kind: "error", title, message, span };
}

function instructionAt({ file, line }: Span): string {
  return /^\s*(\S*)/.exec(file.lines[line - 1] ?? "")![1]!.toUpperCase();
}
