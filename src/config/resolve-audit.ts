import type { AuditSettings, DestinationSettings } from './resolved-settings.ts';
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
    classes: new Map(),
    file: {
      path: found.value,
      fsync: reader.take('auditFile.fsync', node.get('fsync'), `${name}.fsync`),
      maxBytes: reader.take('auditFile.maxBytes', node.get('maxBytes'), `${name}.maxBytes`),
    },
  };
}
