import type { AuditSettings, DestinationSettings, Settings } from './resolved-settings.ts';
import type { CodeValue, Found, OptionsNode, SettingReader } from './setting-reader.ts';
import { namesUnder } from './setting-reader.ts';

/** Which records are audit records. */
export function resolveAudit(reader: SettingReader, root: OptionsNode): AuditSettings {
  const node = reader.open(root.get('audit'), namesUnder('audit'));
  return {
    events: reader.take('audit.events', node.get('events')),
    loggers: reader.take('audit.loggers', node.get('loggers')),
    key: reader.take('audit.key', node.get('key'))?.[0],
  };
}

/** An audit file that nothing is written to is a mistake that would show on the day when it is needed. */
export function reportEmptyAudit(reader: SettingReader, { audit, policy, destinations }: Settings): void {
  const hasFile = destinations.some(({ kind }) => kind === 'audit');
  if (!hasFile || audit.events.length > 0 || audit.loggers.length > 0) return;
  if ([...(policy.catalogue?.declared.values() ?? [])].some((event) => event.audit)) return;
  const fix =
    'Name audit.events or audit.loggers (SPANLOG_AUDIT_EVENTS, SPANLOG_AUDIT_LOGGERS), or mark events of the catalogue: the audit file stays empty.';
  reader.report('audit', 'default', { code: 'SPANLOG_CONFLICT', fix, value: undefined });
}

/** The options of `auditFile`; `undefined`, having complained, when there is no path. */
export function readAuditFile(
  reader: SettingReader,
  options: CodeValue | undefined,
  nameOf: (node: OptionsNode, found: Found<string>) => string,
): DestinationSettings | undefined {
  const node = reader.open(options, namesUnder('auditFile'));
  const found = reader.read('auditFile.path', node.get('path'));
  if (found.value === undefined) {
    const fix =
      'Give auditFile a path, or set SPANLOG_AUDIT_FILE_PATH; without one there is no file, and audit records go to the other destinations alone.';
    // A variable that names no file was complained of already.
    if (!reader.isGiven('auditFile.path', node.get('path'))) {
      reader.report(options?.name ?? 'destinations', 'code', {
        code: 'SPANLOG_BAD_DESTINATION',
        fix,
        value: options?.value,
      });
    }
    return undefined;
  }
  const name = nameOf(node, reader.read('auditFile.name', node.get('name')));
  reader.explain('auditFile.path', found, `${name}.path`);
  return {
    kind: 'audit',
    name,
    level: 0,
    classes: reader.take('auditFile.classes', node.get('classes'), `${name}.classes`),
    file: {
      path: found.value,
      fsync: reader.take('auditFile.fsync', node.get('fsync'), `${name}.fsync`),
      maxBytes: reader.take('auditFile.maxBytes', node.get('maxBytes'), `${name}.maxBytes`),
    },
  };
}
