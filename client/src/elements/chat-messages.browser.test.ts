// The list of messages in a real Chromium, over the in-memory engine of the dev page.
import { chromium, type Browser, type Page } from 'playwright-core'
import { createServer, type ViteDevServer } from 'vite'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

type Driver = typeof import('../../dev/driver.ts')

let server: ViteDevServer
let browser: Browser
let page: Page

beforeAll(async () => {
  const client = fileURLToPath(new URL('../..', import.meta.url))
  server = await createServer({ root: client, configFile: `${client}/vite.config.ts`, logLevel: 'error', server: { port: 0, host: '127.0.0.1' } })
  await server.listen()
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
})
afterEach(() => page?.close())

async function open(query: string): Promise<string[]> {
  const failures: string[] = []
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  page.on('pageerror', (error) => failures.push(error.message))
  const address = server.resolvedUrls?.local[0] ?? ''
  await page.goto(`${address}dev/index.html${query}`)
  await page.getByRole('log', { name: 'Messages' }).waitFor()
  return failures
}
/** Runs one function of the driver inside the page. */
const drive = <K extends keyof Driver>(name: K, ...given: unknown[]): Promise<unknown> =>
  page.evaluate(`import('/dev/driver.ts').then((driver) => driver.${name}(...${JSON.stringify(given)}))`)

describe('the list of messages', () => {
  for (const seed of [1, 2, 3]) {
    test(`V1: nothing moves what one reads, 100 prepends, appends and resizes, seed ${seed}`, async () => {
      const failures = await open('?open=first&messages=400&delay=0')
      await drive('goToMiddle')
      expect(await drive('wander', 100, seed)).toEqual([])
      expect(failures).toEqual([])
    })
  }

  test('V2: a jump into any tenth of 20,000 messages shows rows without gap or overlap', async () => {
    await open('?open=first&delay=0')
    const seen = (await drive('jumpAround', 20_000)) as { gaps: number; overlaps: number; rows: number }[]
    for (const one of seen) expect(one).toEqual({ gaps: 0, overlaps: 0, rows: expect.any(Number) as number })
    expect(Math.min(...seen.map((one) => one.rows))).toBeGreaterThan(2)
  })
})
