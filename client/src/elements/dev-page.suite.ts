// What the browser tests share: the dev page over the in-memory engine, in a real Chromium.
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type BrowserContextOptions, type Locator, type Page } from 'playwright-core'
import { createServer, type ViteDevServer } from 'vite'
import type * as driver from '../../dev/driver.ts'

export interface DevPage {
  page: Page
  /** Errors that nobody caught. */
  failures: string[]
  /** Runs one function of dev/driver.ts inside the page. */
  drive(name: keyof typeof driver, ...given: unknown[]): Promise<unknown>
  message: Locator
}

export interface DevPages extends AsyncDisposable {
  readonly origin: string
  /** `file`: of client/dev. `now`: what the page's clock starts at, where what is drawn by a seed depends on the hour. */
  open(query: string, options?: BrowserContextOptions & { now?: string }, file?: string): Promise<DevPage>
}

export async function openDevPages(): Promise<DevPages> {
  const client = fileURLToPath(new URL('../..', import.meta.url))
  const server: ViteDevServer = await createServer({
    root: client,
    configFile: `${client}/vite.config.ts`,
    logLevel: 'error',
    server: { port: 0, host: '127.0.0.1', hmr: false },
  })
  await server.listen()
  const browser: Browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // A page that a test has changed on its way has no address, and may then not ask this machine.
      '--disable-features=LocalNetworkAccessChecks',
    ],
  })
  const address = server.resolvedUrls?.local[0] ?? ''
  return {
    origin: new URL(address).origin,
    async open(query, { now, ...options } = {}, file = 'index.html') {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
      const page = await context.newPage()
      if (now !== undefined) await page.clock.setSystemTime(now)
      const failures: string[] = []
      page.on('pageerror', (error) => failures.push(error.message))
      await page.goto(`${address}dev/${file}${query}`)
      const drive: DevPage['drive'] = (name, ...given) =>
        page.evaluate(`import('/dev/driver.ts').then((driver) => driver.${name}(...${JSON.stringify(given)}))`)
      return { page, failures, drive, message: page.getByRole('textbox', { name: 'Message' }) }
    },
    async [Symbol.asyncDispose]() {
      await browser.close()
      await server.close()
    },
  }
}
