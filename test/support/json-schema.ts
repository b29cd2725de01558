import { createRequire } from 'node:module';

/** Whether an object is as the schema says; `errors` tells of the last one. */
export type Validate = ((object: unknown) => boolean) & { readonly errors?: unknown };

/** Compiles a schema of draft 2020-12 with the validator that fastify brings. */
export function validatorOf(schema: object): Validate {
  const fastify = createRequire(createRequire(import.meta.url).resolve('fastify'));
  const { Ajv2020 } = createRequire(fastify.resolve('@fastify/ajv-compiler'))('ajv/dist/2020.js') as {
    readonly Ajv2020: new (options: object) => { compile(schema: object): Validate };
  };
  return new Ajv2020({ strict: true, strictTypes: false, validateFormats: false, keywords: EXTENSIONS }).compile(
    schema,
  );
}

const EXTENSIONS = ['x-level', 'x-owner', 'x-retention', 'x-audit', 'x-class'];
