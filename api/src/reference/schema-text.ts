// A JSON schema as people read types: what is needed to write a request or use an answer, with links to what has a name.
// By another name, since the formatter would break lines where they count.
import { html as pre } from 'hono/html'

type Html = ReturnType<typeof pre>
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

const bounds = ({ format, minLength, maxLength, minimum, maximum, default: usual }: Schema): string =>
  [
    format,
    minLength !== undefined && maxLength !== undefined
      ? `${minLength} to ${maxLength} long`
      : maxLength !== undefined
        ? `at most ${maxLength} long`
        : null,
    minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? `${minimum} to ${maximum}` : null,
    usual !== undefined && usual !== null ? `usually ${JSON.stringify(usual)}` : null,
  ]
    .filter((bound) => bound)
    .join(', ')

const joined = (parts: Html[], separator: string): Html =>
  parts.reduce((text, part, index) => (index === 0 ? part : pre`${text}${separator}${part}`), pre``)

/** `indent`: of the line on which it begins. */
export function schemaText(given: unknown, indent = ''): Html {
  const schema = given as Schema
  if (schema.$ref) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)
    return pre`<a href="#schema-${name}">${name}</a>`
  }
  if (schema.const !== undefined) return pre`${JSON.stringify(schema.const)}`
  if (schema.enum) return pre`${schema.enum.map((value) => JSON.stringify(value)).join(' | ')}`
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
    const items = schema.prefixItems?.map((item) => schemaText(item, indent))
    if (items) return pre`[${joined(items, ', ')}]`
    const most = schema.maxItems === undefined ? '' : pre` <i>at most ${schema.maxItems}</i>`
    return pre`(${schemaText(schema.items ?? {}, indent)})[]${most}`
  }
  if (type !== 'object') {
    const limits = type === 'null' ? '' : bounds(schema)
    return limits ? pre`${type} <i>${limits}</i>` : pre`${type}`
  }
  if (!schema.properties || Object.keys(schema.properties).length === 0)
    return typeof schema.additionalProperties === 'object' ? pre`{ [key]: ${schemaText(schema.additionalProperties, indent)} }` : pre`{}`
  const inner = `${indent}  `
  const lines = Object.entries(schema.properties).map(([name, property]) => {
    const note = property.description ? pre` <i>${property.description}</i>` : ''
    return pre`${inner}${name}${schema.required?.includes(name) ? '' : '?'}: ${schemaText(property, inner)}${note}\n`
  })
  return pre`{\n${joined(lines, '')}${indent}}`
}
