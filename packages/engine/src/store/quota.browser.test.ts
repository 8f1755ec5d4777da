// I1, I2 in a real browser: its quota, and another page that deletes the database.
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { createServer, type ViteDevServer } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { STORE } from './page.suite.ts'
import type * as driver from './page.suite.ts'

let server: ViteDevServer
let browser: Browser
beforeAll(async () => {
  server = await createServer({
    root: fileURLToPath(new URL('../..', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    server: { port: 0, host: '127.0.0.1', hmr: false },
  })
  await server.listen()
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update'],
  })
})
afterAll(async () => {
  await browser.close()
  await server.close()
})

const origin = (): string => server.resolvedUrls?.local[0]?.replace(/\/$/, '') ?? ''
async function openPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${origin()}/package.json`)
  return page
}
function drive<Name extends 'open' | 'send' | 'history' | 'state'>(
  page: Page,
  name: Name,
  ...given: Parameters<(typeof driver)[Name]>
): Promise<Awaited<ReturnType<(typeof driver)[Name]>>> {
  return page.evaluate(`import('/src/store/page.suite.ts').then((driver) => driver.${name}(...${JSON.stringify(given)}))`)
}

describe('the local store in a browser', () => {
  test('I2, promise 1: another page deletes the database: memory goes on, every word is there and said not to be saved', async () => {
    const context = await browser.newContext()
    const page = await openPage(context)
    await drive(page, 'open')
    expect(await drive(page, 'send', ['one'])).toEqual([true])
    const other = await openPage(context)
    await other.evaluate(
      (name) =>
        new Promise((resolve, reject) => {
          const request = indexedDB.deleteDatabase(name)
          request.onsuccess = resolve
          request.onerror = reject
        }),
      STORE,
    )
    expect(await drive(page, 'send', ['two'])).toEqual([false])
    expect(await drive(page, 'state')).toMatchObject({ texts: ['one', 'two'], unsaved: 2, failed: true })
    await context.close()
  })

  test('I1, promise 1: the quota runs out: what was said to be saved is there after a reload, everything else was said not to be', async () => {
    const context = await browser.newContext()
    const page = await openPage(context)
    const devtools = await context.newCDPSession(page)
    // Before anything is written: Chromium asks for its quota only now and then.
    await devtools.send('Storage.overrideQuotaForOrigin', { origin: origin(), quotaSize: 4_700_000 })
    await drive(page, 'open')
    await drive(page, 'history', 400)
    const words = Array.from({ length: 100 }, () => randomBytes(7_500).toString('hex'))
    const saved = await drive(page, 'send', words)
    const { texts, unsaved, held, failed } = await drive(page, 'state')
    // Otherwise nothing was shown: the quota was reached.
    expect(failed || held > 1).toBe(true)
    expect(texts).toHaveLength(100)
    expect(unsaved).toBe(saved.filter((is) => !is).length)
    await page.reload()
    await drive(page, 'open')
    const after = new Set((await drive(page, 'state')).texts)
    expect(words.filter((text, i) => saved[i] && !after.has(text))).toEqual([])
    await context.close()
  })
})
