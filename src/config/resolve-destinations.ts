import type { Origin } from '../core/errors.ts';
import { readObject, readProperty } from './foreign.ts';
import type { SdkLogExporter } from './options.ts';
import { readAuditFile } from './resolve-audit.ts';
import type { DestinationSettings, TextSettings } from './resolved-settings.ts';
import { hasOtlpEndpoint, readOtlp } from './resolve-otlp.ts';
import type { CodeValue, Found, OptionsNode, SettingReader } from './setting-reader.ts';
import { namesUnder } from './setting-reader.ts';

/** What is known of the terminal. */
export interface TerminalFacts {
  /** Whether stdout is a terminal. */
  readonly isTty: boolean;
  /** Whether stderr is; as stdout when left out. */
  readonly stderrIsTty?: boolean;
}

type Kind = DestinationSettings['kind'];

/** A destination before its options are read. `options` is undefined where the environment named it. */
interface Candidate {
  readonly kind: Kind;
  readonly name: string;
  readonly options: CodeValue | undefined;
  readonly exporter: SdkLogExporter | undefined;
}

const DESTINATION_FIX =
  'Use what the functions of spanlog/destinations return: otlp(), consolePretty(), jsonLines(), auditFile({ path }), sdkExporter(exporter).';

/** Where records go: as given, as the environment says, or as suits the terminal. */
export function resolveDestinations(
  reader: SettingReader,
  root: OptionsNode,
  disabled: boolean,
  facts: TerminalFacts,
): readonly DestinationSettings[] {
  const format = reader.take('format', root.get('format'));
  const production = reader.variable('NODE_ENV') === 'production';
  const consoleKind = format ?? (facts.isTty && !production ? 'pretty' : 'json');

  let { value: given, origin } = reader.read('destinations', root.get('destinations'));
  let candidates = given?.flatMap((entry, i) => candidateOf(reader, entry, i, origin, consoleKind)) ?? [];
  if (given === undefined || (given.length > 0 && candidates.length === 0)) {
    // Also when all that was given is wrong: a log that goes nowhere would be worse than one in an unexpected place.
    given = defaultKinds(reader, facts.isTty && (format !== undefined || !production), consoleKind);
    candidates = given.map((kind) => bare(kind as Kind));
    origin = 'default';
  }
  const hasTrail = candidates.some(({ kind }) => kind === 'audit');
  if (!hasTrail && reader.isGiven('auditFile.path', undefined)) candidates = [...candidates, bare('audit')];
  if (disabled && candidates.length > 0) {
    const local = candidates.filter(({ kind }) => kind === 'pretty' || kind === 'json');
    // A trail is no telemetry: what switches that off must not switch off auditing.
    const audit = candidates.filter(({ kind }) => kind === 'audit');
    candidates = [...(local.length > 0 ? local : [bare(consoleKind)]), ...audit];
  }

  reader.explain('destinations', { value: candidates, origin });
  const taken = new Set<string>();
  return candidates.flatMap((candidate) => settingsOf(reader, candidate, taken, facts) ?? []);
}

/** With an endpoint OTLP, and the console for the person at the terminal; else the console alone. */
function defaultKinds(reader: SettingReader, consoleToo: boolean, consoleKind: Kind): readonly Kind[] {
  if (!hasOtlpEndpoint(reader)) return [consoleKind];
  return consoleToo ? ['otlp', consoleKind] : ['otlp'];
}

function bare(kind: Kind): Candidate {
  return { kind, name: kind, options: undefined, exporter: undefined };
}

/** The destination that `entry` describes, or none, having complained. */
function candidateOf(
  reader: SettingReader,
  entry: unknown,
  index: number,
  origin: Origin,
  consoleKind: Kind,
): readonly Candidate[] {
  const kind = readProperty(entry, 'kind');
  if (origin !== 'code') return [bare(kind === 'console' ? consoleKind : (kind as Kind))];

  const name = `destinations[${index}]`;
  const refuse = (fix: string): readonly Candidate[] => {
    reader.report(name, 'code', { code: 'SPANLOG_BAD_DESTINATION', fix, value: entry });
    return [];
  };
  if (!isKind(kind) || readObject(entry) === undefined) return refuse(DESTINATION_FIX);
  const given = readProperty(entry, 'options');
  const options = given === undefined ? undefined : { name, value: given };
  if (kind !== 'sdk') return [{ kind, name, options, exporter: undefined }];

  const exporter = readProperty(entry, 'exporter');
  if (!isExporter(exporter)) {
    return refuse('Give sdkExporter an exporter of @opentelemetry/sdk-logs: an object with export() and shutdown().');
  }
  return [{ kind, name, options, exporter }];
}

function isKind(value: unknown): value is Kind {
  return value === 'otlp' || value === 'pretty' || value === 'json' || value === 'audit' || value === 'sdk';
}

function isExporter(value: unknown): value is SdkLogExporter {
  return typeof readProperty(value, 'export') === 'function' && typeof readProperty(value, 'shutdown') === 'function';
}

/** Reads the options of one destination; wrong ones are replaced, the destination stays if it can. */
function settingsOf(
  reader: SettingReader,
  candidate: Candidate,
  taken: Set<string>,
  facts: TerminalFacts,
): DestinationSettings | undefined {
  const { kind } = candidate;
  if (kind === 'audit') {
    return readAuditFile(reader, candidate.options, (node, found) => uniqueName(reader, node, found, taken));
  }
  const section = kind === 'pretty' || kind === 'json' ? 'console' : kind;
  const node = reader.open(candidate.options, namesUnder(section));
  const found = reader.read(`${section}.name`, node.get('name'));
  const name = uniqueName(reader, node, { value: found.value ?? kind, origin: found.origin }, taken);
  const level = reader.take(`${section}.level`, node.get('level'), `${name}.level`);
  const classes = reader.take(`${section}.classes`, node.get('classes'), `${name}.classes`);
  switch (kind) {
    case 'otlp':
      return { kind, name, level, classes, otlp: readOtlp(reader, node, name) };
    case 'sdk': {
      const maxRecords = reader.take('sdk.maxRecords', node.get('maxRecords'), `${name}.maxRecords`);
      return { kind, name, level, classes, exporter: candidate.exporter as SdkLogExporter, maxRecords };
    }
    default:
      return { kind, name, level, classes, text: readText(reader, node, name, facts) };
  }
}

function readText(reader: SettingReader, node: OptionsNode, label: string, facts: TerminalFacts): TextSettings {
  const stream = reader.take('console.stream', node.get('stream'), `${label}.stream`);
  const isTty = stream === 'stdout' ? facts.isTty : (facts.stderrIsTty ?? facts.isTty);
  const found = reader.read('console.colors', node.get('colors'));
  const colors = found.value ?? (isTty && reader.variable('TERM') !== 'dumb');
  reader.explain('console.colors', { value: colors, origin: found.origin }, `${label}.colors`);
  return { stream, colors };
}

/** The ledger tells destinations apart by name: `otlp`, `otlp-2`. Only names somebody chose are worth a notice. */
function uniqueName(reader: SettingReader, node: OptionsNode, found: Found<string>, taken: Set<string>): string {
  let name = found.value;
  for (let n = 2; taken.has(name); n++) name = `${found.value}-${n}`;
  taken.add(name);
  if (name !== found.value && found.origin === 'code') {
    const fix = `Give each destination a name of its own; this one is called ${name} until then.`;
    reader.report(`${node.name}.name`, 'code', { code: 'SPANLOG_DUPLICATE_NAME', fix, value: found.value });
  }
  return name;
}
