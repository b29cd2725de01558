import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import type { DeclaredEvents } from '../core/event-catalogue.ts';
import { isCatalogue, joinDeclared } from '../core/event-catalogue.ts';
import { cataloguePage } from '../logger/catalogue-page.ts';
import { catalogueSchema } from '../logger/catalogue-schema.ts';
import type { Command } from './command.ts';
import { UsageError } from './command.ts';

const HELP = `usage: spanlog events <module> [options]

Prints what the event catalogues say that a module exports, as a page in Markdown or as JSON Schema. The module is imported,
so that it should do nothing but declare. Exit code: 0, or 1 when there is no catalogue or the file of --check is stale.

  --format <name>   md (default) or json-schema
  --check <file>    prints nothing; fails when the file says something else. How it is laid out does not count`;

export const EVENTS: Command = {
  name: 'events',
  summary: 'prints the event catalogue of a module, or checks that its page is up to date',
  help: HELP,
  async run(args) {
    const { module, format, check } = read(args);
    const declared = await declaredIn(module);
    if (typeof declared === 'string') return fail(declared);
    const text = FORMATS[format].print(declared);
    if (check === undefined) {
      process.stdout.write(text);
      return 0;
    }
    const written = textOf(check);
    if (written !== undefined && FORMATS[format].isSame(written, text)) return 0;
    const update = `spanlog events ${module}${format === 'md' ? '' : ` --format ${format}`} > ${check}`;
    return fail(`${check} is ${written === undefined ? 'not there' : 'out of date'}. Run: ${update}`);
  },
};

type FormatName = 'md' | 'json-schema';

interface Format {
  print(declared: DeclaredEvents): string;
  isSame(a: string, b: string): boolean;
}

const FORMATS: Readonly<Record<FormatName, Format>> = {
  md: { print: cataloguePage, isSame: (a, b) => laidOut(a) === laidOut(b) },
  'json-schema': {
    print: (declared) => `${JSON.stringify(catalogueSchema(declared), undefined, 2)}\n`,
    isSame: (a, b) => isDeepStrictEqual(parsed(a), parsed(b)),
  },
};

/** Formatters pad the columns of tables. */
function laidOut(page: string): string {
  return page.replace(/\s+/g, ' ').replace(/-{3,}/g, '---').trim();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON is out of date, whatever it says.
    return undefined;
  }
}

interface Arguments {
  readonly module: string;
  readonly format: FormatName;
  readonly check: string | undefined;
}

function read(args: readonly string[]): Arguments {
  const { positionals, values } = parse(args);
  const [module] = positionals;
  if (module === undefined || positionals.length > 1) throw new UsageError('give one module that exports catalogues');
  const { format = 'md', check } = values;
  if (format === 'md' || format === 'json-schema') return { module, format, check };
  throw new UsageError(`--format is md or json-schema, got ${JSON.stringify(format)}`);
}

function parse(args: readonly string[]) {
  try {
    const text = { type: 'string' } as const;
    return parseArgs({ args: [...args], allowPositionals: true, options: { format: text, check: text } });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** All events of the catalogues that a module exports, or why there are none. */
async function declaredIn(module: string): Promise<DeclaredEvents | string> {
  const exported = (await import(pathToFileURL(resolve(module)).href)) as Readonly<Record<string, unknown>>;
  // Where names can't be told by the text of a CommonJS module, all it exports stands in `default`.
  const { default: whole } = exported;
  const values = typeof whole === 'object' && whole !== null ? Object.values(whole) : [];
  const catalogues = [...Object.values(exported), ...(values as readonly unknown[])].filter(isCatalogue);
  if (catalogues.length === 0) return `${module} exports no catalogue: export what defineEvents returns`;
  const { declared, conflicts } = joinDeclared(catalogues.map((catalogue) => catalogue.declared));
  return conflicts.length > 0 ? `declared twice, and differently: ${conflicts.join(', ')}` : declared;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function fail(message: string): number {
  process.stderr.write(`spanlog events: ${message}\n`);
  return 1;
}
