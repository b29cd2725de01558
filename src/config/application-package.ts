import { readFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { readObject } from './foreign.ts';

/** What the application's package.json says of it. */
export interface ApplicationPackage {
  readonly name?: string;
  readonly version?: string;
}

/** Directories looked into, upwards; a path deeper than this is no application. */
const MAX_DIRECTORIES = 32;

/**
 * The nearest package.json with a name, from the script that was started upwards. A script in `node_modules` is a tool
 * that runs the application (`next start`), so then it is looked for from the working directory.
 */
export function findApplicationPackage(
  script: string | undefined = process.argv[1],
  workingDirectory: () => string = () => process.cwd(),
): ApplicationPackage {
  const isTool = script === undefined || script.includes(`${sep}node_modules${sep}`);
  let directory: string;
  try {
    directory = isTool ? workingDirectory() : dirname(script);
  } catch {
    // The working directory was deleted: there is nothing to find.
    return {};
  }
  for (let i = 0; i < MAX_DIRECTORIES; i++) {
    const found = readPackage(join(directory, 'package.json'));
    if (found !== undefined) return found;
    const parent = dirname(directory);
    if (parent === directory) break;
    directory = parent;
  }
  return {};
}

/** Undefined where there is no package.json, or one without a name, as builds leave them to set a module type. */
function readPackage(path: string): ApplicationPackage | undefined {
  let values: ReadonlyMap<string, unknown> | undefined;
  try {
    values = readObject(JSON.parse(readFileSync(path, 'utf8')))?.values;
  } catch {
    // Missing, unreadable or malformed: the next directory may do better.
    return undefined;
  }
  const name = values?.get('name');
  if (typeof name !== 'string' || name === '') return undefined;
  const version = values?.get('version');
  return typeof version === 'string' && version !== '' ? { name, version } : { name };
}
