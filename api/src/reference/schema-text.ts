// A JSON schema as people read types: what is needed to write a request or use an answer, with links to what has a name.
import { html } from 'hono/html'

type Html = ReturnType<typeof html>
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
  minLength?: number
  maxLength?: number
  maxItems?: number
  minimum?: number
  maximum?: number
  default?: unknown
  description?: string
}

const bounds = ({ format, minLength, maxLength, minimum, maximum, maxItems, default: usual }: Schema): string =>
  [
    format,
    minLength !== undefined && maxLength !== undefined
      ? `${minLength} to ${maxLength} long`
      : maxLength !== undefined
        ? `at most ${maxLength} long`
        : null,
    minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? `${minimum} to ${maximum}` : null,
    maxItems !== undefined ? `at most ${maxItems}` : null,
    usual !== undefined && usual !== null ? `usually ${JSON.stringify(usual)}` : null,
  ]
    .filter((bound) => bound)
    .join(', ')

const joined = (parts: Html[], separator: string): Html =>
  parts.reduce((text, part, index) => (index === 0 ? part : html`${text}${separator}${part}`), html``)

/** `indent`: of the line on which it begins. */
export function schemaText(given: unknown, indent = ''): Html {
  const schema = given as Schema
  if (schema.$ref) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)
    return html`<a href="#schema-${name}">${name}</a>`
  }
  if (schema.const !== undefined) return html`${JSON.stringify(schema.const)}`
  if (schema.enum) return html`${schema.enum.map((value) => JSON.stringify(value)).join(' | ')}`
  const either = schema.oneOf ?? schema.anyOf ?? schema.allOf
  if (either)
    return joined(
      either.map((one) => schemaText(one, indent)),
      schema.allOf ? ' & ' : ' | ',
    )
  const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? 'any JSON']
  return joined(
    types.map((type) => oneType(type, schema, indent)),
    ' | ',
  )
}

function oneType(type: string, schema: Schema, indent: string): Html {
  if (type === 'array') {
    if (schema.prefixItems)
      return html`[${joined(
        schema.prefixItems.map((item) => schemaText(item, indent)),
        ', ',
      )}]`
    const item = schemaText(schema.items ?? {}, indent)
    const most = bounds({ maxItems: schema.maxItems ?? Infinity })
    return html`(${item})[]${schema.maxItems === undefined ? '' : html` <i>${most}</i>`}`
  }
  if (type !== 'object') {
    const limits = type === 'null' ? '' : bounds(schema)
    return limits ? html`${type} <i>${limits}</i>` : html`${type}`
  }
  if (!schema.properties || Object.keys(schema.properties).length === 0)
    return typeof schema.additionalProperties === 'object' ? html`{ [key]: ${schemaText(schema.additionalProperties, indent)} }` : html`{}`
  const inner = `${indent}  `
  const lines = Object.entries(schema.properties).map(
    ([name, property]) =>
      html`${inner}${name}${schema.required?.includes(name) ? '' : '?'}:
      ${schemaText(property, inner)}${property.description ? html` <i>${property.description}</i>` : ''} `,
  )
  return html`{ ${joined(lines, '')}${indent}}`
}
