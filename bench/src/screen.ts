// A person at Chromium, as the rows see one that measure what is on a screen.
import { chromium, type Browser, type CDPSession, type Page } from 'playwright-core'
import type { ChatId } from '@skein/protocol'
import type { ServerProcess } from './process.ts'
import { emailOf, password } from './skein.ts'

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })

export interface Screen {
  page: Page
  devTools: CDPSession
  /** Waits until the page's worker serves it, so that it opens offline. */
  installed(): Promise<void>
}

/** Bench person `n`, logged in. */
export async function openScreen(browser: Browser, server: ServerProcess, n: number, options: { serviceWorkers?: 'block' } = {}): Promise<Screen> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  await page.goto(server.origin)
  await page.getByLabel('Email').fill(emailOf(n))
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in' }).click()
  await page.getByRole('button', { name: 'Account' }).waitFor()
  return {
    page,
    devTools: await context.newCDPSession(page),
    installed: () =>
      page.evaluate(async () => {
        const { active } = await navigator.serviceWorker.ready
        while (active && active.state !== 'activated') await new Promise((resolve) => active.addEventListener('statechange', resolve, { once: true }))
      }),
  }
}

export async function showChat(page: Page, chat: ChatId): Promise<void> {
  await page.getByRole('list', { name: 'Chats' }).getByRole('button').first().waitFor()
  await page.evaluate((id) => Object.assign(document.querySelector('chat-app') ?? {}, { chat: id }), chat)
  await page.getByRole('article').last().waitFor()
}
