// The document as a page that people read: no script, so that it stands under the strict policy and prints.
import { html } from 'hono/html'
import type { ApiDocument } from './document.ts'
import { schemaText } from './schema-text.ts'

interface Content {
  description?: string
  content?: Record<string, { schema: unknown }>
}
interface Parameter {
  name: string
  in: string
  required?: boolean
  schema: unknown
}
interface Operation {
  tags?: string[]
  summary?: string
  description?: string
  parameters?: Parameter[]
  requestBody?: Content
  responses: Record<string, Content>
  'x-door': string
  'x-scopes'?: string[]
  'x-server'?: boolean
}

const DOORS: Record<string, string> = {
  anyone: 'for anyone',
  page: 'by the cookie, for the server’s own page',
  person: 'with a token',
  member: 'with a token, for members of the chat',
  server: 'with a server key',
}

const forKeys = ({ 'x-scopes': scopes, 'x-server': server }: Operation): string =>
  (scopes ? `, or with an API key for ${scopes.map((scope) => `\`${scope}\``).join(' and ')}` : '') + (server ? ', or with a server key' : '')

/** Backquotes become code. */
const words = (text: string) => text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))

const problemIn = (content: Content['content']): unknown => content?.['application/problem+json']?.schema
/** What every route may answer is said once. */
const isUsual = ([status, { content, description }]: [string, Content]): boolean =>
  problemIn(content) !== undefined &&
  (['413', '429', '500', '503'].includes(status) || description === '`bad-request`: The request is not well formed.')

function answerOf([status, { description = '', content }]: [string, Content]) {
  const schema = content?.['application/json']?.schema
  return html`<dt><code>${status}</code></dt>
    <dd>${words(description)} ${schema === undefined ? '' : html`<pre>${schemaText(schema)}</pre>`}</dd>`
}

function operationOf(method: string, path: string, operation: Operation) {
  const id = `${method}-${path.replaceAll(/[^a-z]+/gi, '-')}`
  const body = operation.requestBody?.content?.['application/json']?.schema
  return html`<section id="${id}">
    <h3>
      <a href="#${id}"><b>${method.toUpperCase()}</b> <code>${path}</code></a>
    </h3>
    <p>${operation.summary}; ${DOORS[operation['x-door']] ?? ''}${words(forKeys(operation))}. ${words(operation.description ?? '')}</p>
    ${
      operation.parameters?.length
        ? html`<dl>
            ${operation.parameters.map(
              (parameter) =>
                html`<dt><code>${parameter.name}</code> in ${parameter.in}${parameter.required ? '' : ', optional'}</dt>
                  <dd><code>${schemaText(parameter.schema)}</code></dd>`,
            )}
          </dl>`
        : ''
    }
    ${
      body === undefined
        ? ''
        : html`<p>Body:</p>
            <pre>${schemaText(body)}</pre>`
    }
    <dl>
      ${Object.entries(operation.responses)
        .filter((answer) => !isUsual(answer))
        .map(answerOf)}
    </dl>
  </section>`
}

/** The whole page; its style is /api/docs.css. */
export function pageOf(document: ApiDocument) {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation: operation as Operation })),
  )
  const groups = Map.groupBy(operations, ({ operation }) => operation.tags?.[0] ?? '')
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Skein’s HTTP API</title>
        <link rel="stylesheet" href="/api/docs.css" />
      </head>
      <body>
        <nav>
          <h2>Skein’s HTTP API</h2>
          ${[...groups.keys()].map((tag) => html`<a href="#tag-${tag.replaceAll(' ', '-')}">${tag}</a>`)}
          <a href="#schemas">Shapes</a>
          <a href="/api/openapi.json">openapi.json</a>
        </nav>
        <main>
          <h1>Skein’s HTTP API</h1>
          ${(document.info.description ?? '').split('\n\n').map((paragraph) => html`<p>${words(paragraph)}</p>`)}
          ${Array.from(
            groups,
            ([tag, members]) =>
              html`<h2 id="tag-${tag.replaceAll(' ', '-')}">${tag}</h2>
                ${members.map(({ method, path, operation }) => operationOf(method, path, operation))}`,
          )}
          <h2 id="schemas">Shapes</h2>
          ${Object.entries(document.components?.schemas ?? {}).map(
            ([name, schema]) =>
              html`<section id="schema-${name}">
                <h3>${name}</h3>
                <pre>${schemaText(schema)}</pre>
              </section>`,
          )}
        </main>
      </body>
    </html>`
}
