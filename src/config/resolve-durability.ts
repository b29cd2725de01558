import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import type { Settings, SpoolSettings } from './resolved-settings.ts';
import type { OptionsNode, SettingReader } from './setting-reader.ts';
import { namesUnder } from './setting-reader.ts';

type DurabilitySettings = Pick<Settings, 'durability' | 'onFull' | 'recordUid' | 'spool'>;

/** What survives the end of the process, and where it is kept. */
export function resolveDurability(reader: SettingReader, root: OptionsNode): DurabilitySettings {
  const durability = reader.take('durability', root.get('durability'));
  const onFull = reader.take('onFull', root.get('onFull'));
  const usesSpool = durability !== 'memory' || onFull === 'spill';

  const uid = reader.read('recordUid', root.get('recordUid'));
  const recordUid = uid.value ?? usesSpool;
  reader.explain('recordUid', { value: recordUid, origin: uid.origin });

  const spool = resolveSpool(reader, root);
  // Said only where nobody chose a durability: code that asks for `memory` in one deployment and for `disk` in another
  // gives the same spool to both.
  const isForgotten = !usesSpool && !reader.isGiven('durability', root.get('durability'));
  if (isForgotten && root.get('spool') !== undefined) {
    reader.report('spool', 'code', {
      code: 'SPANLOG_CONFLICT',
      fix: 'Give durability: disk or sync, or onFull: spill, as well: without them nothing is written there.',
      value: root.get('spool')?.value,
    });
  }
  return { durability, onFull, recordUid, spool };
}

function resolveSpool(reader: SettingReader, root: OptionsNode): SpoolSettings {
  const node = reader.open(root.get('spool'), namesUnder('spool'));
  const folder = reader.read('spool.directory', node.get('directory'));
  // TMPDIR may be relative too.
  const directory = folder.value ?? absolute(tmpdir());
  reader.explain('spool.directory', { value: directory, origin: folder.origin });
  return {
    directory,
    maxBytes: reader.take('spool.maxBytes', node.get('maxBytes')),
    maxAgeMs: reader.take('spool.maxAgeMs', node.get('maxAgeMs')),
    fsync: reader.take('spool.fsync', node.get('fsync')),
    windowMs: reader.take('spool.windowMs', node.get('windowMs')),
  };
}

function absolute(path: string): string {
  try {
    return resolve(path);
  } catch {
    // The working directory was deleted; the spool will say that it can't be opened.
    return path;
  }
}
