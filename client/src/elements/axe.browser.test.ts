// L1: every screen and state, on a phone and on a desktop, light and dark, by the rules of WCAG 2.2 AA that a program can check.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDevPages, type DevPage, type DevPages } from './dev-page.suite.ts'
import { sayIn, scenes, walk, type Place } from './scenes.suite.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let pages: DevPages
beforeAll(async () => {
  pages = await openDevPages()
})
afterAll(() => pages[Symbol.asyncDispose]())

interface Violation {
  id: string
  nodes: { target: unknown; failureSummary?: string }[]
}

/** What is wrong with what the page shows now, in both colour schemes. */
async function audit({ page, drive }: DevPage): Promise<string[]> {
  const found: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await drive('settle')
    const violations = (await page.evaluate(`axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
      rules: { 'target-size': { enabled: true } },
      resultTypes: ['violations'],
    }).then(({ violations }) => violations)`)) as Violation[]
    for (const { id, nodes } of violations)
      for (const { target, failureSummary } of nodes)
        found.push(`${colorScheme}: ${id} ${JSON.stringify(target)} ${failureSummary?.split('\n').slice(1).join(' ') ?? ''}`)
  }
  return found
}

describe.each([
  ['phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
  ['desktop', { viewport: { width: 1280, height: 800 } }],
])('L1: on a %s', (_, options) => {
  let at: Place
  beforeAll(async () => {
    at = { ...(await pages.open('?state=login', { ...options, reducedMotion: 'reduce' })), say: await sayIn('en') }
    at.page.setDefaultTimeout(30_000)
    await at.page.addInitScript({ content: axe })
  })
  afterAll(() => at.page.context().close())

  test.each(scenes)('%s: no violation', async (query, ...steps) => {
    const found: string[] = []
    for await (const name of walk(at, pages.origin, 'en', [query, ...steps])) found.push(...(await audit(at)).map((text) => `${name}: ${text}`))
    expect(found).toEqual([])
    expect(at.failures).toEqual([])
  })
})
