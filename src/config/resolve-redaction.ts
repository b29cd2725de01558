import { nearestName } from './nearest-name.ts';
import type { RedactSettings, Settings } from './resolved-settings.ts';
import type { OptionsNode, SettingReader } from './setting-reader.ts';
import { namesUnder } from './setting-reader.ts';
import type { MaskSetting } from './setting-values.ts';

/** What must be known of kinds, which only redaction knows. Any name is accepted where a list is left out. */
export interface KindFacts {
  /** Those that can be switched. */
  readonly redactionKinds?: readonly string[];
  /** Those that marks can have, besides the names of the user's patterns. */
  readonly maskKinds?: readonly string[];
  /** Those of credentials, of which nothing is ever shown. */
  readonly secretKinds?: readonly string[];
}

/** What is hidden, and what stands in its place. */
export function resolveRedaction(
  reader: SettingReader,
  root: OptionsNode,
  facts: KindFacts,
): Pick<Settings, 'redact' | 'redactionHash'> {
  const given = root.get('redact');
  const isOn = reader.take('redact', given);
  const node = reader.openSwitched(given, namesUnder('redact'));
  return {
    redact: isOn ? resolveRules(reader, node, facts) : false,
    redactionHash: {
      key: reader.take('redact.hashKey', node.get('hashKey')),
      keyId: reader.take('redact.hashKeyId', node.get('hashKeyId')),
    },
  };
}

function resolveRules(reader: SettingReader, node: OptionsNode, facts: KindFacts): RedactSettings {
  const kinds = new Map(reader.take('redact.kinds', node.get('kinds')));
  for (const [kind, value] of kinds) {
    if (facts.redactionKinds?.includes(kind) === false) {
      reportKind(reader, node, 'kinds', kind, value, facts.redactionKinds);
      kinds.delete(kind);
    }
  }
  const patterns = reader.take('redact.patterns', node.get('patterns'));
  return {
    keys: reader.take('redact.keys', node.get('keys')),
    paths: reader.take('redact.paths', node.get('paths')),
    patterns,
    except: reader.take('redact.except', node.get('except')),
    kinds,
    mask: resolveMask(reader, node, facts, [...patterns.keys()]),
  };
}

function resolveMask(
  reader: SettingReader,
  node: OptionsNode,
  { maskKinds, secretKinds }: KindFacts,
  patterns: readonly string[],
): ReadonlyMap<string, MaskSetting> {
  const mask = new Map(reader.take('redact.mask', node.get('mask')));
  for (const [kind, style] of mask) {
    if (maskKinds?.includes(kind) === false && !patterns.includes(kind)) {
      reportKind(reader, node, 'mask', kind, style, [...maskKinds, ...patterns]);
      mask.delete(kind);
    } else if (style === 'partial' && secretKinds?.includes(kind) === true) {
      const { origin } = reader.read('redact.mask', node.get('mask'));
      const fix = 'Use mask or hash: the end of a credential helps whoever guesses the rest. It is masked.';
      reader.report('redact.mask', origin, { code: 'SPANLOG_UNSAFE_MASK', fix, key: kind, value: style });
      mask.delete(kind);
    }
  }
  return mask;
}

function reportKind(
  reader: SettingReader,
  node: OptionsNode,
  name: 'kinds' | 'mask',
  kind: string,
  value: unknown,
  known: readonly string[],
): void {
  const near = nearestName(kind, known);
  const fix = near === undefined ? `Use one of: ${known.join(', ')}.` : `Did you mean ${near}?`;
  const { origin } = reader.read(`redact.${name}`, node.get(name));
  reader.report(`redact.${name}`, origin, { code: 'SPANLOG_UNKNOWN_KIND', fix, key: kind, value });
}

/** Whoever asks for hashes needs a key. Until there is one, masks stand in their place. */
export function reportMissingKey(reader: SettingReader, settings: Settings): void {
  const { redact, redactionHash, destinations } = settings;
  if (redactionHash.key !== undefined || reader.problems.some(({ code }) => code === 'SPANLOG_BAD_HASH_KEY')) return;
  const asking = destinations.filter(({ classes }) => [...classes.values()].includes('hash'));
  const names = asking.map(({ name }) => `classes of ${name}`);
  if (redact !== false && [...redact.mask.values()].includes('hash')) names.unshift('redact.mask');
  if (names.length === 0) return;
  const fix =
    `Set SPANLOG_REDACT_HASH_KEY to 16 random bytes or more, such as what openssl rand -hex 32 prints: ` +
    `${names.join(', ')} asks for hashes. Values are masked until then.`;
  reader.report('redact.hashKey', 'default', { code: 'SPANLOG_BAD_HASH_KEY', fix, value: undefined });
}
