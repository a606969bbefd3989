// The program that a RUN step runs, and the heredocs that it reads.
// https://docs.docker.com/reference/dockerfile/#here-documents

import type { Heredoc, RunInstruction } from "../parser/index.js";
import type { RunOp } from "./graph.js";

const SCRIPTS = "/dev/pipes";

/** `shell` gives the arguments that run a text in the shell of the stage. */
export function commandOf(
  { command, heredocs }: RunInstruction,
  shell: (text: string) => readonly string[],
): Pick<RunOp, "args" | "scripts"> {
  if (command.form === "exec") return { args: command.args, scripts: [] };
  const [body] = heredocs;
  if (!body || !isBare(command.text, heredocs)) return { args: shell(withBodies(command.text, heredocs)), scripts: [] };
  if (!body.content.startsWith("#!")) return { args: shell(body.content), scripts: [] };
  return { args: [`${SCRIPTS}/${body.name}`], scripts: [{ name: body.name, content: body.content }] };
}

/** True when the step is nothing but one heredoc: then its body is the script, and no shell sees the `<<` (S-032, S-033). */
export function isBare(text: string, heredocs: readonly Heredoc[]): boolean {
  return heredocs.length === 1 && text.trim() === heredocs[0]!.word.text;
}

/** The text as the shell expects it, which then reads the bodies itself (S-032, S-034). */
function withBodies(text: string, heredocs: readonly Heredoc[]): string {
  return [text, ...heredocs.map(({ name, content }) => `${content}${name}`)].join("\n");
}
