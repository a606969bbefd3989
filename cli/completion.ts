// Completion scripts, made from the tables of commands and flags.
// https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion-Builtins.html
// https://zsh.sourceforge.io/Doc/Release/Completion-System.html, https://fishshell.com/docs/current/completions.html

import type { Command } from "./command.js";
import { COMMANDS, commandsOfGroup, DEFAULT_COMMAND, firstWords } from "./commands.js";
import type { Flag } from "./flags/flag.js";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

const SCRIPTS: Readonly<Record<Shell, () => string>> = { bash, zsh, fish };

export function completionScript(shell: Shell): string {
  return SCRIPTS[shell]();
}

const NAMES = firstWords();
/** First words that need a second one. */
const GROUPS = NAMES.filter((name) => commandsOfGroup(name).length > 0);

/** Reads the stages that `--target` can name from the Dockerfile in the folder where the user is. */
const STAGES = `sed -n 's/^[Ff][Rr][Oo][Mm] .* [Aa][Ss] *\\([A-Za-z][A-Za-z0-9._-]*\\).*/\\1/p' Dockerfile 2>/dev/null`;

function bash(): string {
  return `# bash completion of tsbuild: source <(tsbuild completion bash)
_tsbuild() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=${DEFAULT_COMMAND} flags
  case \${COMP_WORDS[1]} in ${NAMES.join("|")}) command=\${COMP_WORDS[1]} ;; esac
${GROUPS.map(bashGroup).join("\n")}
  case $previous in
    --target) COMPREPLY=($(compgen -W "$(${STAGES})" -- "$word")); return ;;
${choiceFlags()
  .map(([name, choices]) => `    --${name}) COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$word")); return ;;`)
  .join("\n")}
  esac
  case $command in
${COMMANDS.map((command) => `    ${quote(command.name)}) flags="${flagWords(command).join(" ")}" ;;`).join("\n")}
  esac
  if [[ $word == -* ]]; then COMPREPLY=($(compgen -W "$flags" -- "$word")); return; fi
  COMPREPLY=($(compgen -f -- "$word"))
  if [[ $COMP_CWORD == 1 ]]; then COMPREPLY+=($(compgen -W "${NAMES.join(" ")}" -- "$word")); fi
}
complete -o filenames -F _tsbuild tsbuild
`;
}

function bashGroup(group: string): string {
  const members = commandsOfGroup(group).map(({ name }) => name.slice(group.length + 1));
  return `  if [[ $command == ${group} ]]; then
    if [[ $COMP_CWORD == 2 ]]; then COMPREPLY=($(compgen -W "${members.join(" ")}" -- "$word")); return; fi
    command+=" \${COMP_WORDS[2]}"
  fi`;
}

function zsh(): string {
  return `#compdef tsbuild
# zsh completion of tsbuild: tsbuild completion zsh > "\${fpath[1]}/_tsbuild"
_tsbuild() {
  local -a commands=(
${COMMANDS.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`).join("\n")}
  )
  local command=${DEFAULT_COMMAND}
  if (( \${commands[(I)\${words[2]}:*]} )); then command=\${words[2]}; fi
  if (( CURRENT == 2 )) && [[ $PREFIX != -* ]]; then _describe command commands; fi
${GROUPS.map((group) => `  if [[ \${words[2]} == ${group} ]]; then command="${group} \${words[3]}"; fi`).join("\n")}
  case $command in
${COMMANDS.map((command) => `    ${quote(command.name)}) _arguments -S ${command.flags.flags.map(zshFlag).join(" ")} '*:file:_files' ;;`).join("\n")}
  esac
}
compdef _tsbuild tsbuild
`;
}

function zshFlag({ name, kind, choices, offers = choices, help }: Flag): string {
  const values = offers ? `(${offers.join(" ")})` : name === "target" ? `{compadd -- $(${STAGES})}` : "_files";
  const repeat = kind === "list" ? "*" : "";
  const text = help.replace(/[[\]:]/g, "\\$&");
  return `${quote(`${repeat}--${name}${kind === "bool" ? "" : "="}[${text}]${kind === "bool" ? "" : `:${name}:${values}`}`)}`;
}

function fish(): string {
  return `# fish completion of tsbuild: tsbuild completion fish > ~/.config/fish/completions/tsbuild.fish
${COMMANDS.map(fishCommand).join("\n")}
${COMMANDS.flatMap((command) => command.flags.flags.map((flag) => fishFlag(command, flag))).join("\n")}
`;
}

function fishCommand({ name, summary }: Command): string {
  const [first = "", second] = name.split(" ");
  const condition = second === undefined ? "__fish_use_subcommand" : quote(`__fish_seen_subcommand_from ${first}`);
  const group = second === undefined ? "" : `complete -c tsbuild -n __fish_use_subcommand -a ${first}\n`;
  return `${group}complete -c tsbuild -n ${condition} -a ${second ?? first} -d ${quote(summary)}`;
}

function fishFlag({ name: command }: Command, { name, short, kind, choices, offers = choices, help }: Flag): string {
  const others = NAMES.filter((other) => other !== DEFAULT_COMMAND).join(" ");
  const condition =
    command === DEFAULT_COMMAND
      ? `not __fish_seen_subcommand_from ${others}`
      : command
          .split(" ")
          .map((word) => `__fish_seen_subcommand_from ${word}`)
          .join("; and ");
  const values = offers
    ? ` -xa ${quote(offers.join(" "))}`
    : name === "target"
      ? ` -xa ${quote(`(${STAGES})`)}`
      : kind === "bool"
        ? ""
        : " -r";
  return `complete -c tsbuild -n ${quote(condition)} -l ${name}${short === undefined ? "" : ` -s ${short}`}${values} -d ${quote(help)}`;
}

function choiceFlags(): [name: string, choices: readonly string[]][] {
  const flags = COMMANDS.flatMap((command) => command.flags.flags);
  const byName = new Map(
    flags.flatMap(({ name, choices, offers = choices }) => (offers ? [[name, offers] as const] : [])),
  );
  return [...byName];
}

function flagWords({ flags: { flags } }: Command): string[] {
  return flags.flatMap(({ name, short }) => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]);
}

/** In single quotes, as the shells read them. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
