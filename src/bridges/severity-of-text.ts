/**
 * The severity of level names that logging libraries use, for records that come with a text and no number: custom levels
 * that arrive as unspecified slip past every filter.
 *
 * The six levels and their spellings; winston's npm, syslog and cli levels with the numbers of its own transport; the
 * names of java.util.logging and .NET as in the Logs Data Model, appendix B.
 */
const SEVERITY_BY_TEXT: ReadonlyMap<string, number> = new Map(
  Object.entries({
    trace: 1,
    silly: 1,
    finest: 1,
    input: 2,
    prompt: 4,
    debug: 5,
    finer: 5,
    dbg: 5,
    verbose: 6,
    fine: 6,
    http: 7,
    config: 7,
    info: 9,
    information: 9,
    informational: 9,
    log: 9,
    default: 9,
    notice: 10,
    data: 10,
    success: 10,
    help: 11,
    warn: 13,
    warning: 13,
    wrn: 13,
    error: 17,
    err: 17,
    severe: 17,
    failure: 17,
    fatal: 21,
    critical: 21,
    crit: 21,
    alert: 22,
    emerg: 23,
    emergency: 23,
    panic: 23,
  }),
);

/** `INFO3`, as the Logs Data Model writes the steps inside a band. */
const BANDED = /^(trace|debug|info|warn|error|fatal)([234])$/;
/** Longer than any level's name: not looked at. */
const MAX_NAME_LENGTH = 32;

/**
 * The severity number that a level's name means, or 0 when it means none that we know.
 *
 * @param text in any case, with blanks around it or coloured for a terminal
 */
export function severityOfText(text: string): number {
  if (text.length > MAX_NAME_LENGTH) return 0;
  const name = text.toLowerCase();
  return SEVERITY_BY_TEXT.get(name) ?? severityOfDecorated(name);
}

function severityOfDecorated(text: string): number {
  const name = text.replaceAll(/\u001b\[[\d;]*m/g, '').trim();
  const known = SEVERITY_BY_TEXT.get(name);
  if (known !== undefined) return known;
  const [, band, step] = BANDED.exec(name) ?? [];
  return band === undefined ? 0 : (SEVERITY_BY_TEXT.get(band) as number) + Number(step) - 1;
}
