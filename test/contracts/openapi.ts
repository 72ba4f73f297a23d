import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Reply } from '../doubles/twilio/wire.js';

const FORM = 'application/x-www-form-urlencoded';
const JSON_BODY = 'application/json';
const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

/** Formats of the documents' own; those that say nothing checkable take everything. */
const FORMATS: Readonly<Record<string, RegExp | true>> = {
  'phone-number': /^(whatsapp:)?(\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[\w &+-]{1,11})$/,
  endpoint: /^\+[1-9]\d{6,14}$/,
  twiml: /^<\?xml[^>]*\?><Response>.*<\/Response>$/s,
  'date-time-rfc-2822': /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000$/,
  currency: /^[A-Za-z]{3}$/,
  'http-method': true,
  'uri-map': true,
  address: true,
  'mime-type': true,
  decimal: true,
  iso4217: true,
};

/** One request and its answer: a form, or JSON. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly form?: object;
  readonly json?: unknown;
  readonly reply?: Reply;
}

interface Schema {
  readonly [key: string]: unknown;
}

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: string;
  readonly schema?: Schema;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, Answer>>;
}

interface Answer {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses?: Readonly<Record<string, Answer>>;
    readonly parameters?: Readonly<Record<string, Parameter>>;
  };
}

export type OpenApi = ReturnType<typeof openApi>;

/** Where the documents are: EXPRESS_MFA_SPECS, else beside the repository; undefined where they are not. */
export function specsFolder(): string | undefined {
  const folder = process.env.EXPRESS_MFA_SPECS ?? join(REPOSITORY, '..', 'shared', 'specs');
  return existsSync(folder) ? folder : undefined;
}

/** One OpenAPI 3.0 document, as a judge of requests and answers. */
export function openApi(file: string) {
  const document = strict(JSON.parse(readFileSync(join(specsFolder() ?? '', file), 'utf8'))) as Document;
  const reading = validator();
  // Form fields are text: "300" is a number where the document wants one.
  const forms = validator({ coerceTypes: true });
  for (const ajv of [reading, forms]) ajv.addSchema({ $id: 'doc:', components: document.components });

  function operationOf({ method, path }: Exchange): Operation | undefined {
    const [bare = ''] = path.split('?');
    const template = Object.keys(document.paths).find((one) => matches(one, bare));
    return template === undefined ? undefined : document.paths[template]?.[method.toLowerCase()];
  }

  function named(answer: Answer | undefined): Answer | undefined {
    const name = answer?.$ref?.split('/').at(-1);
    return name === undefined ? answer : document.components.responses?.[name];
  }

  function parameter(given: Parameter): Parameter {
    return document.components.parameters?.[given.$ref?.split('/').at(-1) ?? ''] ?? given;
  }

  return {
    knows: (exchange: Exchange) => operationOf(exchange) !== undefined,
    errorsOfRequest(exchange: Exchange): unknown[] {
      const content = operationOf(exchange)?.requestBody?.content;
      const asked = content?.[JSON_BODY]?.schema;
      if (asked !== undefined) return errors(reading.compile(absolute(asked)), exchange.json);
      const schema = content?.[FORM]?.schema;
      return schema === undefined
        ? ['no such request']
        : errors(forms.compile(absolute(schema, true)), { ...exchange.form });
    },
    /** Of what stands behind the `?`. */
    errorsOfQuery(exchange: Exchange): unknown[] {
      const known = (operationOf(exchange)?.parameters ?? []).map(parameter).filter((one) => one.in === 'query');
      const query = new URLSearchParams(exchange.path.split('?')[1] ?? '');
      return [...query].flatMap(([name, value]) => {
        const one = known.find((each) => each.name === name);
        return one ? errors(forms.compile(absolute(one.schema ?? {})), value) : [`no parameter ${name}`];
      });
    },
    errorsOfReply(exchange: Exchange): unknown[] {
      const { responses = {} } = operationOf(exchange) ?? {};
      const answer = named(responses[String(exchange.reply?.status)] ?? responses.default);
      if (answer === undefined) return ['no such answer'];
      const schema = answer.content?.[JSON_BODY]?.schema;
      // A 429 is documented with no body of its own.
      if (schema === undefined) return exchange.reply?.status === 429 ? [] : ['no body documented'];
      return errors(reading.compile(absolute(schema)), exchange.reply?.body);
    },
  };
}

function validator(options: { coerceTypes?: boolean } = {}): Ajv2020 {
  const ajv = new Ajv2020({ allErrors: true, strict: false, validateFormats: true, ...options });
  addFormats.default(ajv);
  for (const [name, format] of Object.entries(FORMATS)) ajv.addFormat(name, format);
  return ajv;
}

function errors(validate: ValidateFunction, value: unknown): unknown[] {
  return validate(value) ? [] : (validate.errors ?? []);
}

function matches(template: string, path: string): boolean {
  const pattern = template.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${pattern}$`).test(path);
}

/** `nullable` is OpenAPI 3.0's: where a validator passes over it, so it does over the null, and over what stands beside it. */
function strict(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(strict);
  if (typeof node !== 'object' || node === null) return node;
  const { nullable, example: _example, examples: _examples, ...rest } = node as Schema;
  const copy = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, strict(value)]));
  if (nullable !== true) return copy;
  return { ...copy, type: [copy.type, 'null'], ...(Array.isArray(copy.enum) ? { enum: [...copy.enum, null] } : {}) };
}

/** References of the document made absolute, and a form closed to fields it does not name. */
function absolute(schema: Schema, isClosed = false): Schema {
  const text = JSON.stringify(schema).replaceAll('"#/', '"doc:#/');
  return { ...(JSON.parse(text) as Schema), ...(isClosed ? { additionalProperties: false } : {}) };
}
