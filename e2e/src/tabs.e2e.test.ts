// Tabs of one browser, in real Chromium: one connection, and a leader that closes, freezes or crashes is followed without anybody doing anything. Times are printed, never asserted.
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Person } from './person.ts'
import { openBrowser, openWorld, type World } from './world.ts'

const PATIENCE_MS = 30_000

describe('tabs of one browser', () => {
  let world: World
  let browser: Browser
  let ann: Person
  let ben: Person
  let count = 0
  /** The tabs of Ann, each with its open sockets; the first was the first to lead. */
  let tabs: Map<Page, Set<unknown>>

  beforeAll(async () => {
    world = await openWorld()
  })
  afterAll(() => world[Symbol.asyncDispose]())
  beforeEach(async () => {
    browser = await openBrowser()
    count++
    tabs = new Map()
    ann = await Person.arrive(browser, world.origin, `Ann${count}`)
    ben = await Person.arrive(browser, world.origin, `Ben${count}`)
    await ben.createAccount()
    await ann.createAccount()
    await ann.openChat(ben.name)
    await ann.send('hello')
    await ben.openChat(ann.name)
    await ben.message('hello').waitFor()
    // Sockets are seen by who listens from the start.
    watch(ann.page)
    await ann.page.reload()
    await openChat(ann.page)
  })
  afterEach(() => browser.close())

  function watch(page: Page): void {
    const open = new Set<unknown>()
    tabs.set(page, open)
    page.on('websocket', (socket) => {
      open.add(socket)
      socket.on('close', () => open.delete(socket))
    })
    page.on('close', () => tabs.delete(page))
    page.on('crash', () => tabs.delete(page))
    page.setDefaultTimeout(PATIENCE_MS)
  }
  async function openChat(page: Page): Promise<void> {
    await page
      .getByRole('button', { name: new RegExp(`^${ben.name}`) })
      .first()
      .click()
    await article(page, 'hello').waitFor()
  }
  async function openTab(): Promise<Page> {
    const page = await ann.context.newPage()
    watch(page)
    await page.goto(world.origin)
    await openChat(page)
    return page
  }
  const article = (page: Page, text: string) => page.getByRole('log', { name: 'Messages' }).getByRole('article').filter({ hasText: text })
  const sockets = (): number => [...tabs.values()].reduce((sum, open) => sum + open.size, 0)
  const leader = (): Page => [...tabs].find(([, open]) => open.size > 0)?.[0] ?? expect.fail('nobody leads')
  async function write(page: Page, text: string): Promise<void> {
    await page.getByRole('textbox', { name: 'Message' }).fill(text)
    await page.getByRole('button', { name: 'Send' }).click()
  }
  /** Both ways through a tab, and how long the first took from `since`. */
  async function talks(page: Page, what: string): Promise<void> {
    const since = performance.now()
    await write(page, `${what}, from Ann`)
    await ben.message(`${what}, from Ann`).waitFor()
    process.stdout.write(`tabs: ${what}: sent to the other's screen in ${Math.round(performance.now() - since)} ms\n`)
    await ben.send(`${what}, from Ben`)
    await article(page, `${what}, from Ben`).waitFor()
    await expect.poll(() => article(page, `${what}, from Ann`).innerText(), { timeout: PATIENCE_MS }).toMatch(/Seen|Delivered/)
  }
  test('I7: the leader closes', async () => {
    const other = await openTab()
    await expect.poll(sockets, { timeout: PATIENCE_MS }).toBe(1)
    await leader().close()
    await talks([...tabs.keys()][0] ?? other, 'after closing')
    expect(sockets()).toBe(1)
  })

  test('I7: the leader is frozen by the browser, and follows when it wakes', async () => {
    const other = await openTab()
    await expect.poll(sockets, { timeout: PATIENCE_MS }).toBe(1)
    const first = leader()
    const awake = first === other ? ann.page : other
    const session = await ann.context.newCDPSession(first)
    await session.send('Page.enable')
    await session.send('Page.setWebLifecycleState', { state: 'frozen' })
    await talks(awake, 'after freezing')
    await session.send('Page.setWebLifecycleState', { state: 'active' })
    await article(first, 'after freezing, from Ben').waitFor()
    await talks(first, 'after waking')
    await expect.poll(sockets, { timeout: PATIENCE_MS }).toBe(1)
  })

  test('I7: the leader crashes', async () => {
    const other = await openTab()
    await expect.poll(sockets, { timeout: PATIENCE_MS }).toBe(1)
    const first = leader()
    const alive = first === other ? ann.page : other
    const crashed = new Promise((resolve) => first.once('crash', resolve))
    first.goto('chrome://crash').catch(() => {})
    await crashed
    await talks(alive, 'after the crash')
    expect(sockets()).toBe(1)
  })

  test('a tab that is opened while the leader is busy shows what is there at once', async () => {
    const busy = ann.page.evaluate(() => {
      const until = performance.now() + 3_000
      while (performance.now() < until);
    })
    const other = await openTab()
    await talks(other, 'beside a busy tab')
    await busy
  })
})
