// The API's description: whole, valid, and true to what is there.
import { Validator } from '@seriousme/openapi-schema-validator'
import { routes } from '@skein/http'
import { expect, test } from 'vitest'
import type { World } from './world.suite.ts'

export function referenceTests(world: () => World): void {
  test('every route that is there is described, and every description has its route', () => {
    // The description itself, and what stands for all that is not there.
    const itself = ['GET /api/openapi.json', 'GET /api/docs', 'GET /api/docs.css']
    const described = new Set(Object.values(routes).map((route) => `${route.method.toUpperCase()} ${route.getRoutingPath()}`))
    const handled = new Map<string, number>()
    for (const { method, path } of world().api.routes) {
      const name = `${method} ${path}`
      if (method !== 'ALL' && !itself.includes(name)) handled.set(name, (handled.get(name) ?? 0) + 1)
    }
    expect([...handled.keys()].sort()).toEqual([...described].sort())
    const doors = { anyone: 1, page: 2, person: 2, member: 3, server: 3 }
    for (const route of Object.values(routes)) {
      const name = `${route.method.toUpperCase()} ${route.getRoutingPath()}`
      // Its limit and doors come before its handler.
      expect({ name, handlers: handled.get(name) }).toMatchObject({
        name,
        handlers: expect.toSatisfy((n: number) => n > doors[route['x-door']]) as unknown,
      })
    }
  })

  test('the document is OpenAPI 3.1, and says of each route who may ask', async () => {
    const { status, body } = await world().ask('GET', '/api/openapi.json')
    expect(status).toBe(200)
    expect(await new Validator().validate(structuredClone(body))).toEqual({ valid: true })
    const operations = Object.values(
      body['paths'] as Record<string, Record<string, { 'x-door': string; 'x-scopes'?: string[]; security: object[]; responses: object }>>,
    ).flatMap((methods) => Object.values(methods))
    expect(operations).toHaveLength(Object.keys(routes).length)
    const ofKeys = operations.filter((operation) => operation['x-scopes'])
    expect(ofKeys.length).toBeGreaterThan(20)
    for (const operation of ofKeys) expect(operation.security).toContainEqual({ key: operation['x-scopes'] })
    for (const operation of operations) {
      expect(operation.security.length > 0).toBe(operation['x-door'] !== 'anyone')
      if (['person', 'member', 'server'].includes(operation['x-door'])) expect(operation.responses).toHaveProperty('401')
    }
  })

  test('the page names every route and runs no script', async () => {
    const response = await world().api.request('/api/docs')
    const page = await response.text()
    expect(response.headers.get('content-type')).toContain('text/html')
    for (const route of Object.values(routes)) expect(page).toContain(`<code>${route.path}</code>`)
    expect(page).toContain('or with an API key for <code>webhooks:write</code> and <code>messages:read</code>')
    expect(page).toContain('; with a server key.')
    expect(page).toContain('<code>chats:write</code>, or with a server key.')
    expect(page).not.toMatch(/<script|style=|\bon[a-z]+=|undefined|\[object/)
    expect((await world().api.request('/api/docs.css')).status).toBe(200)
  })
}
