// Requests out of the API's own description: as it says, nearly so, and as somebody sends who means harm. Every one follows from its seed.
import * as fc from 'fast-check'

/** What of JSON Schema the document uses. */
interface Schema {
  $ref?: string
  type?: string | string[]
  const?: unknown
  enum?: unknown[]
  oneOf?: Schema[]
  anyOf?: Schema[]
  allOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  prefixItems?: Schema[]
  additionalProperties?: boolean | Schema
  format?: string
  pattern?: string
  minLength?: number
  maxLength?: number
  maxItems?: number
  minimum?: number
  maximum?: number
}
interface Operation {
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
}
export interface Described {
  paths: Record<string, Record<string, Operation>>
  components?: { schemas?: Record<string, Schema> }
}

export interface FuzzRequest {
  /** As described: `GET /api/chats/{id}`. */
  route: string
  method: string
  /** With the query. */
  path: string
  headers: Record<string, string>
  body: Uint8Array | string | null
}

const hostileText = fc.constantFrom(
  '',
  ' ',
  '\0',
  '\u202egnp.exe',
  '\ud800',
  '𝕳𝖊𝖑𝖑𝖔',
  "' or 1=1 --",
  '"; drop table users; --',
  '%00',
  '../../etc/passwd',
  '<img src=x onerror=alert(1)>',
  '${7*7}{{7*7}}',
  '__proto__',
  'constructor',
  'null',
  'NaN',
  '-1',
  '1e999',
  'x'.repeat(70_000),
  '👩‍👩‍👧‍👦'.repeat(500),
  '\r\nSet-Cookie: a=b',
)
const deep = fc.integer({ min: 1, max: 20_000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth))
const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom(null, true, 0, -0, -1, 2 ** 53, 1e308, [], {}, [[]], { $ne: '' }, { toString: 1 }, { length: 1e9 }),
  fc.jsonValue({ maxDepth: 3 }),
)

/** `ids`: by pattern, some that are there, so that requests arrive somewhere. */
export function requestsOf(document: Described, ids: Record<string, string[]>): fc.Arbitrary<FuzzRequest> {
  const resolved = (schema: Schema): Schema => {
    if (!schema.$ref) return schema
    return document.components?.schemas?.[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)] ?? {}
  }

  function textOf({ format, pattern, minLength = 0, maxLength = 60 }: Schema): fc.Arbitrary<unknown> {
    if (pattern !== undefined) {
      const made = fc.stringMatching(new RegExp(pattern))
      const known = ids[pattern] ?? []
      return known.length > 0 ? fc.oneof({ arbitrary: fc.constantFrom(...known), weight: 4 }, made) : made
    }
    if (format === 'date-time') return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString())
    if (format === 'email') return fc.emailAddress()
    if (format === 'uri') return fc.webUrl({ validSchemes: ['https'] })
    return fc.string({ unit: 'grapheme', minLength: Math.min(minLength, 300), maxLength: Math.max(minLength, Math.min(maxLength, 300)) })
  }

  /** What the schema takes, as far as a schema says it. */
  function fitting(given: Schema): fc.Arbitrary<unknown> {
    const schema = resolved(given)
    if (schema.const !== undefined) return fc.constant(schema.const)
    if (schema.enum) return fc.constantFrom(...schema.enum)
    const either = schema.oneOf ?? schema.anyOf
    if (either) return fc.oneof(...either.map(fitting))
    if (schema.allOf) return fc.tuple(...schema.allOf.map(fitting)).map((parts): unknown => Object.assign({}, ...parts))
    const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? 'any']
    return fc.oneof(...types.map((type) => ofType(type, schema)))
  }
  function ofType(type: string, schema: Schema): fc.Arbitrary<unknown> {
    const { minimum = 0, maximum = 1_000 } = schema
    if (type === 'string') return textOf(schema)
    if (type === 'integer') return fc.integer({ min: minimum, max: Math.max(minimum, Math.min(maximum, 2 ** 31 - 1)) })
    if (type === 'number') return fc.double({ min: minimum, max: maximum, noNaN: true })
    if (type === 'boolean') return fc.boolean()
    if (type === 'null') return fc.constant(null)
    if (type === 'array' && schema.prefixItems) return fc.tuple(...schema.prefixItems.map(fitting))
    if (type === 'array') return fc.array(fitting(schema.items ?? {}), { maxLength: Math.min(schema.maxItems ?? 4, 4) })
    if (type !== 'object') return fc.jsonValue({ maxDepth: 2 })
    if (!schema.properties) {
      const value = typeof schema.additionalProperties === 'object' ? fitting(schema.additionalProperties) : fc.constant(1)
      const [known = []] = Object.values(ids)
      return fc.dictionary(known.length > 0 ? fc.oneof(fc.constantFrom(...known), fc.string()) : fc.string(), value, { maxKeys: 3 })
    }
    const record = Object.fromEntries(Object.entries(schema.properties).map(([name, property]) => [name, fitting(property)]))
    return fc.record(record, { requiredKeys: schema.required ?? [] })
  }

  /** One place of the value becomes something else, goes, or comes twice. */
  const spoilt = (value: unknown): fc.Arbitrary<string> => {
    const text = JSON.stringify(value) ?? 'null'
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return hostileValue.map((other) => JSON.stringify(other))
    const keys = Object.keys(value)
    return fc.tuple(fc.constantFrom(...(keys.length > 0 ? keys : ['x'])), hostileValue, fc.integer({ min: 0, max: 3 })).map(([key, other, how]) => {
      if (how === 0) return JSON.stringify({ ...value, [key]: other })
      if (how === 1) return JSON.stringify({ ...value, [key]: undefined })
      if (how === 2) return JSON.stringify({ ...value, ['__proto__x']: other })
      return `${text.slice(0, -1)}${keys.length > 0 ? ',' : ''}${JSON.stringify(key)}:${JSON.stringify(other)}}`
    })
  }
  const bodyOf = (schema: Schema): fc.Arbitrary<FuzzRequest['body']> =>
    fc.oneof(
      { arbitrary: fitting(schema).map((value) => JSON.stringify(value)), weight: 4 },
      { arbitrary: fitting(schema).chain(spoilt), weight: 4 },
      { arbitrary: hostileValue.map((value) => JSON.stringify(value)), weight: 1 },
      { arbitrary: deep, weight: 1 },
      { arbitrary: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')), weight: 1 },
      { arbitrary: fc.uint8Array({ maxLength: 200 }), weight: 1 },
      { arbitrary: fc.constant(null), weight: 1 },
    )
  const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
  const inAddress = (schema: Schema): fc.Arbitrary<string> =>
    fc
      .oneof({ arbitrary: fitting(schema).map(asText), weight: 5 }, { arbitrary: hostileText, weight: 1 })
      .map((text) => text.slice(0, 500).toWellFormed())

  function requestOf(path: string, method: string, operation: Operation): fc.Arbitrary<FuzzRequest> {
    const parameters = operation.parameters ?? []
    const values = fc.tuple(...parameters.map(({ schema, required }) => (required ? inAddress(schema) : fc.option(inAddress(schema)))))
    const schema = operation.requestBody?.content['application/json']?.schema
    const body = schema ? bodyOf(schema) : fc.constant(null)
    const type = fc.oneof(
      { arbitrary: fc.constant('application/json'), weight: 12 },
      fc.constantFrom('text/plain', 'application/json; charset=latin1', ''),
    )
    return fc.tuple(values, body, type).map(([given, content, contentType]) => {
      let address = path
      const query = new URLSearchParams()
      const headers: Record<string, string> = schema && contentType !== '' ? { 'content-type': contentType } : {}
      for (const [index, { name, in: place }] of parameters.entries()) {
        const value = given[index]
        if (value === null || value === undefined) continue
        if (place === 'path')
          address = address.replace(`{${name}}`, encodeURIComponent(value === '' || value === '.' || value === '..' ? '-' : value))
        else if (place === 'query') query.append(name, value)
        else if (/^[\x20-\x7e]*$/.test(value)) headers[name] = value
      }
      const search = query.size > 0 ? `?${query.toString()}` : ''
      return { route: `${method.toUpperCase()} ${path}`, method: method.toUpperCase(), path: address + search, headers, body: content }
    })
  }

  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => requestOf(path, method, operation)),
  )
  return fc.oneof(...all)
}
