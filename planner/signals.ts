// Signals that STOPSIGNAL may name (S-150).
// https://docs.docker.com/reference/dockerfile/#stopsignal

const NAMES = [
  ..."ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP".split(
    " ",
  ),
  ..."TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX".split(" "),
];
const REAL_TIME = 15;

export const SIGNAL_NAMES: readonly string[] = NAMES.map((name) => `SIG${name}`);

/** True for a number above 0, and for a name with or without `SIG`, in any case of letters; `RTMIN+3` is one too. */
export function isSignal(text: string): boolean {
  if (/^\d+$/.test(text)) return Number(text) > 0;
  const name = text.toUpperCase().replace(/^SIG/, "");
  const offset = /^(?:RTMIN\+|RTMAX-)(\d+)$/.exec(name)?.[1];
  return offset === undefined ? NAMES.includes(name) : Number(offset) >= 1 && Number(offset) <= REAL_TIME;
}
