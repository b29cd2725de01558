import type { SettingProblem } from '../core/errors.ts';
import { ValueMap } from '../core/value.ts';
import { readConfigFile } from './config-file.ts';
import { nearestName } from './nearest-name.ts';
import type { Limits, Options } from './options.ts';
import { reportEmptyAudit, resolveAudit } from './resolve-audit.ts';
import type { TerminalFacts } from './resolve-destinations.ts';
import { resolveDestinations } from './resolve-destinations.ts';
import { resolveDurability } from './resolve-durability.ts';
import { reportUndeclared, resolvePolicy } from './resolve-policy.ts';
import { resolveRecorder } from './resolve-recorder.ts';
import { resolveVolume } from './resolve-volume.ts';
import { reportMissingKey, resolveRedaction } from './resolve-redaction.ts';
import type { KindFacts } from './resolve-redaction.ts';
import type { ResourceDetector, ServiceSettings, Settings } from './resolved-settings.ts';
import { SERVICE_ATTRIBUTES } from './resource-attributes.ts';
import type { OptionsNode, SettingOrigin } from './setting-reader.ts';
import { namesUnder, SettingReader } from './setting-reader.ts';
import { SETTINGS } from './settings.ts';
import { HIDDEN } from './value-text.ts';

/** What the resolution has to know beside options and environment. */
export interface ResolveFacts extends TerminalFacts, KindFacts {}

export interface ResolvedSettings {
  readonly settings: Settings;
  /** What was wrong, each once. The caller throws a SettingError when `settings.strict`, else says them. */
  readonly problems: readonly SettingProblem[];
  /** What is in force, for `explain`. */
  readonly origins: readonly SettingOrigin[];
}

/**
 * Merges code, environment, configuration file and defaults, in this order, value by value. Never throws, whatever the options are: a wrong
 * value is reported and counts as not given, so that the next source or the default stands in for it.
 */
export function resolveSettings(
  options: Options | undefined,
  env: NodeJS.ProcessEnv,
  facts: ResolveFacts,
): ResolvedSettings {
  const reader = new SettingReader(env);
  const root = reader.open(options === undefined ? undefined : { name: '', value: options }, namesUnder(''));
  const configFile = useConfigFile(reader, root);
  const disabled = reader.take('disabled', root.get('disabled'));
  const policy = resolvePolicy(reader, root);
  const settings: Settings = {
    strict: reader.take('strict', root.get('strict')),
    disabled,
    takeOverGlobals: reader.take('takeOverGlobals', root.get('takeOverGlobals')),
    warnings: reader.take('warnings', root.get('warnings')),
    diagnosticLevel: reader.take('diagnosticLevel', root.get('diagnosticLevel')),
    ...takeLevels(reader, root),
    levelSignal: reader.take('levelSignal', root.get('levelSignal')),
    levelSignalForMs: reader.take('levelSignalForMs', root.get('levelSignalForMs')),
    configFile,
    ...resolveResource(reader, root),
    ...resolveRedaction(reader, root, facts),
    ...resolveVolume(reader, root),
    policy,
    audit: resolveAudit(reader, root),
    flightRecorder: resolveRecorder(reader, root),
    propagate: {
      hosts: reader.take('propagate.hosts', reader.open(root.get('propagate'), namesUnder('propagate')).get('hosts')),
    },
    expectedErrors: reader.take('expectedErrors', root.get('expectedErrors')),
    baggage: reader.take('baggage', root.get('baggage')),
    limits: resolveLimits(reader, root),
    ...resolveDurability(reader, root),
    destinations: resolveDestinations(reader, root, disabled, facts),
  };
  reportUndeclared(reader, policy);
  reportEmptyAudit(reader, settings);
  reportMissingKey(reader, settings);
  reportVariables(reader, env);
  return { settings, problems: reader.problems, origins: reader.origins };
}

/**
 * What is in force of levels now; the file is read anew. For those who follow it.
 *
 * @param path of the file as it was found at start: the working directory may be another one by now
 */
export function resolveLevels(
  options: Options | undefined,
  env: NodeJS.ProcessEnv,
  path: string,
): Pick<Settings, 'level' | 'levels'> & Pick<ResolvedSettings, 'problems' | 'origins'> {
  const reader = new SettingReader(env);
  const root = reader.open(options === undefined ? undefined : { name: '', value: options }, namesUnder(''));
  // Said at start; from here on it is about the file.
  reader.problems.length = 0;
  useConfigFile(reader, root, path);
  reader.origins.length = 0;
  return { ...takeLevels(reader, root), problems: reader.problems, origins: reader.origins };
}

function useConfigFile(reader: SettingReader, root: OptionsNode, path?: string): string | undefined {
  const found = reader.read('configFile', root.get('configFile'));
  reader.explain('configFile', found);
  if (found.value !== undefined) reader.useFile(readConfigFile(path ?? found.value), found.origin);
  return found.value;
}

function takeLevels(reader: SettingReader, root: OptionsNode): Pick<Settings, 'level' | 'levels'> {
  return { level: reader.take('level', root.get('level')), levels: reader.take('levels', root.get('levels')) };
}

function resolveResource(
  reader: SettingReader,
  root: OptionsNode,
): Pick<Settings, 'service' | 'resource' | 'resourceDetectors'> {
  const code = reader.fromCode('resource', root.get('resource'));
  const resource = reader.take('resource', root.get('resource'));

  const node = reader.open(root.get('service'), namesUnder('service'));
  const one = (key: keyof ServiceSettings): string | undefined => {
    const attribute = SERVICE_ATTRIBUTES[key];
    const general = code?.value.get(attribute);
    // `resource: { 'service.name': … }` is code as well, and must not lose against a variable.
    return reader.take(
      `service.${key}`,
      node.get(key) ?? (general === undefined ? undefined : { name: `resource.${attribute}`, value: String(general) }),
    );
  };
  return {
    service: {
      name: one('name'),
      version: one('version'),
      environment: one('environment'),
      instanceId: one('instanceId'),
      region: one('region'),
      worker: one('worker'),
    },
    resource: ValueMap.from(resource),
    resourceDetectors: resolveDetectors(reader, root),
  };
}

/** What other SDKs and their distributions call theirs: the variable is shared, so these are no mistakes. */
const OTHER_DETECTORS: ReadonlySet<string> = new Set(
  'env,os,container,alibaba,aws,azure,gcp,heroku,instana,github'.split(','),
);

const DETECTORS: ReadonlyMap<string, ResourceDetector> = new Map([
  ['service', 'service'],
  ['serviceinstance', 'service'],
  ['host', 'host'],
  ['process', 'process'],
]);

function resolveDetectors(reader: SettingReader, root: OptionsNode): ReadonlySet<ResourceDetector> {
  const found = reader.read('resourceDetectors', root.get('resourceDetectors'));
  reader.explain('resourceDetectors', found);
  const names = found.value.map((name) => name.toLowerCase());
  const chosen = new Set<ResourceDetector>();
  for (const name of names) {
    const detector = DETECTORS.get(name);
    if (detector !== undefined) chosen.add(detector);
    else if (!OTHER_DETECTORS.has(name) && name !== 'all' && name !== 'none') {
      reader.report('resourceDetectors', found.origin, {
        code: 'SPANLOG_BAD_CHOICE',
        fix: 'Use all, none, or some of: service, host, process.',
        value: name,
      });
    }
  }
  if (names.includes('none')) return new Set();
  return names.includes('all') ? new Set(DETECTORS.values()) : chosen;
}

function resolveLimits(reader: SettingReader, root: OptionsNode): Limits {
  const node = reader.open(root.get('limits'), namesUnder('limits'));
  const one = (key: keyof Limits): number => reader.take(`limits.${key}`, node.get(key));
  /** A batch larger than the queue would never fill: it is as large as the queue then. */
  const within = (key: 'batchRecords' | 'batchBytes', roomKey: 'queueRecords' | 'queueBytes'): number => {
    const found = reader.read(`limits.${key}`, node.get(key));
    const room = reader.read(`limits.${roomKey}`, node.get(roomKey)).value;
    if (found.value > room && found.origin !== 'default') {
      const fix = `Give at most as many as limits.${roomKey}, which is ${room}; that many are used.`;
      reader.report(`limits.${key}`, found.origin, { code: 'SPANLOG_CONFLICT', fix, value: found.value });
    }
    const value = Math.min(found.value, room);
    reader.explain(`limits.${key}`, { value, origin: found.origin });
    return value;
  };
  return {
    attributeCount: one('attributeCount'),
    valueLength: one('valueLength'),
    depth: one('depth'),
    entries: one('entries'),
    nodes: one('nodes'),
    recordText: one('recordText'),
    queueBytes: one('queueBytes'),
    queueRecords: one('queueRecords'),
    batchRecords: within('batchRecords', 'queueRecords'),
    batchBytes: within('batchBytes', 'queueBytes'),
    batchDelayMs: one('batchDelayMs'),
    flushTimeoutMs: one('flushTimeoutMs'),
    exitTimeoutMs: one('exitTimeoutMs'),
    drainBytesPerSecond: one('drainBytesPerSecond'),
  };
}

/** Variables that mean something to somebody, but not to us. */
function reportVariables(reader: SettingReader, env: NodeJS.ProcessEnv): void {
  const file = reader.variable('OTEL_CONFIG_FILE');
  if (file !== undefined) {
    reader.report('OTEL_CONFIG_FILE', 'env OTEL_CONFIG_FILE', {
      code: 'SPANLOG_CONFIG_FILE_UNSUPPORTED',
      fix: 'Set spanlog up in code or with the variables of docs/settings.md: it does not read this file yet.',
      value: file,
    });
  }
  const own = Object.values(SETTINGS).flatMap((row) => row.env.filter((known) => known.startsWith(OWN_PREFIX)));
  for (const name of Object.keys(env)) {
    if (!name.startsWith(OWN_PREFIX) || own.includes(name)) continue;
    // Only near misses: Kubernetes makes SPANLOG_PORT and its like for a service that is called spanlog.
    const near = nearestName(
      name.slice(OWN_PREFIX.length),
      own.map((known) => known.slice(OWN_PREFIX.length)),
    );
    if (near === undefined) continue;
    const fix = `Did you mean ${OWN_PREFIX}${near}?`;
    reader.report(name, `env ${name}`, { code: 'SPANLOG_UNKNOWN_SETTING', fix, value: HIDDEN });
  }
}

const OWN_PREFIX = 'SPANLOG_';
