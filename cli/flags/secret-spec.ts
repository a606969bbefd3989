// `--secret id=npmrc,src=$HOME/.npmrc` and `--ssh default`: what steps may read while they run.
// https://docs.docker.com/reference/cli/docker/buildx/build/#secret, https://docs.docker.com/reference/cli/docker/buildx/build/#ssh

import type { SecretSource } from "../../index.js";
import { suggest } from "../../internal.js";
import { usageError } from "./usage-error.js";
import { splitAssignment, splitFields } from "./values.js";

type Environment = Readonly<Record<string, string | undefined>>;

const KEYS = ["id", "src", "source", "env", "type"];

/** Of an ID alone the variable of that name is meant, when there is one, else the file. @throws usage */
export function parseSecret(text: string, env: Environment): readonly [id: string, source: SecretSource] {
  const { id, type, file, variable } = readFields(text);
  if (!id) throw usageError(`--secret "${text}": id is missing`, 'Write "--secret id=NAME,src=FILE".');
  if (type !== undefined && type !== "file" && type !== "env")
    throw usageError(`--secret type=${type}: expected file or env`);
  if (variable !== undefined) return [id, { env: variable }];
  if (type === "env") return [id, { env: file ?? id }];
  if (file !== undefined) return [id, { file }];
  return [id, type === undefined && env[id] !== undefined ? { env: id } : { file: id }];
}

/** `default`, `ID=SOCKET`, or `ID=KEY[,KEY]`. @throws usage */
export function parseSsh(text: string, env: Environment): readonly [id: string, paths: readonly string[]] {
  const [id, given] = splitAssignment(text);
  if (id === "") throw usageError(`--ssh "${text}": the ID is missing`, "Write --ssh default.");
  const socket = given || env["SSH_AUTH_SOCK"];
  if (!socket)
    throw usageError(`--ssh ${text}: SSH_AUTH_SOCK is not set`, 'Start an agent: "eval $(ssh-agent); ssh-add".');
  return [id, splitFields(socket, "--ssh")];
}

interface SecretFields {
  readonly id?: string;
  readonly type?: string;
  readonly file?: string;
  readonly variable?: string;
}

function readFields(text: string): SecretFields {
  const fields = new Map(splitFields(text, "--secret").map((field) => readField(field, text)));
  const file = fields.get("src") ?? fields.get("source");
  const given = { id: fields.get("id"), type: fields.get("type"), file, variable: fields.get("env") };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function readField(field: string, text: string): [key: string, value: string] {
  const [name, value] = splitAssignment(field);
  const key = name.toLowerCase();
  if (value === undefined) throw usageError(`--secret "${text}": expected NAME=VALUE, found "${field}"`);
  if (KEYS.includes(key)) return [key, value];
  const near = suggest(key, KEYS);
  throw usageError(
    `--secret: no field is named "${key}"`,
    near === undefined ? `Use ${KEYS.join(", ")}.` : `Did you mean "${near}"?`,
  );
}
