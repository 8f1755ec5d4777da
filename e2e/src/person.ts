// A person at a browser: finds everything as people and assistive technology do, by label, role and name.
import { expect } from 'vitest'
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core'

/** How long something may take to appear, on a busy machine. */
const PATIENCE_MS = 30_000

export class Person {
  readonly name: string
  readonly context: BrowserContext
  readonly page: Page
  readonly isPhone: boolean
  /** What the page complained about. */
  readonly complaints: string[] = []

  private constructor(name: string, context: BrowserContext, page: Page, isPhone: boolean) {
    this.name = name
    this.isPhone = isPhone
    this.context = context
    this.page = page
    page.on('pageerror', (error) => this.complaints.push(String(error)))
    page.setDefaultTimeout(PATIENCE_MS)
  }

  static async arrive(browser: Browser, origin: string, name: string, options: BrowserContextOptions = {}): Promise<Person> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US', ...options })
    const person = new Person(name, context, await context.newPage(), options.hasTouch ?? false)
    await person.page.goto(origin)
    return person
  }

  get email(): string {
    return `${this.name.toLowerCase()}@example.org`
  }

  async createAccount(): Promise<void> {
    const { page } = this
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByLabel('Name').fill(this.name)
    await page.getByLabel('Email').fill(this.email)
    await page.getByLabel('Password').fill('correct horse battery')
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByRole('button', { name: 'Account' }).waitFor()
  }

  async logIn(email = this.email, password = 'correct horse battery'): Promise<void> {
    const { page } = this
    await page.getByLabel('Email').fill(email)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('button', { name: 'Account' }).waitFor()
  }

  /** Opens a chat with somebody, from the people or the chats. */
  async openChat(name: string): Promise<void> {
    await this.page
      .getByRole('button', { name: new RegExp(`^${name}`) })
      .first()
      .click()
    // On a desktop the chat that was open takes words until this one is there.
    await this.page.getByRole('region', { name }).getByRole('textbox', { name: 'Message' }).waitFor()
  }

  get messages(): Locator {
    return this.page.getByRole('log', { name: 'Messages' }).getByRole('article')
  }

  message(text: string): Locator {
    return this.messages.filter({ hasText: text })
  }

  /** Sends what stands in the field: on a phone by the button, since Enter breaks the line there. */
  async submit(): Promise<void> {
    if (this.isPhone) await this.page.getByRole('button', { name: 'Send' }).click()
    else await this.field.press('Enter')
  }

  async send(text: string): Promise<void> {
    await this.field.fill(text)
    await this.page.getByRole('button', { name: 'Send' }).click()
    await this.message(text).waitFor()
  }

  get field(): Locator {
    return this.page.getByRole('textbox', { name: 'Message' })
  }

  /** The menu of a message, or of a chat in the list: a finger held on it, or a right click. */
  async openMenu(on: Locator): Promise<Locator> {
    const menu = this.page.getByRole('menu')
    await on.scrollIntoViewIfNeeded()
    if (!this.isPhone) await on.click({ button: 'right' })
    else {
      const { x, y, width, height } = (await on.boundingBox()) ?? expect.fail('There is nothing to hold a finger on')
      const session = await this.context.newCDPSession(this.page)
      await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: x + width / 2, y: y + height / 2 }] })
      await menu.waitFor()
      await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
      await session.detach()
    }
    await menu.waitFor()
    return menu
  }

  async chooseOf(on: Locator, action: string): Promise<void> {
    await (await this.openMenu(on)).getByRole('menuitem', { name: action }).click()
  }

  /** To the list of chats, which on a phone stands behind the open one. */
  async toList(): Promise<void> {
    if (this.isPhone) await this.page.getByRole('button', { name: /^Back to chats/ }).click()
  }

  inList(title: string): Locator {
    return this.page.getByRole('list', { name: 'Chats' }).getByRole('button', { name: new RegExp(`^${title}`) })
  }

  /** Waits until an own message has this state for assistive technology. */
  async sees(text: string, state: 'Queued' | 'Sent' | 'Delivered' | 'Seen'): Promise<void> {
    await this.message(text).filter({ hasText: state }).waitFor()
  }

  /** The texts of these messages in the order in which they stand, each found by a word of its own. */
  async order(words: string[]): Promise<string[]> {
    const all = await this.messages.allInnerTexts()
    return all.flatMap((text) => words.filter((word) => text.includes(word)))
  }

  async expectOrder(words: string[]): Promise<void> {
    await expect.poll(() => this.order(words), { timeout: PATIENCE_MS }).toEqual(words)
  }

  /** Waits until the page's worker serves it, so that it opens offline. */
  async installed(): Promise<void> {
    const served = (): Promise<boolean> => this.page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state === 'activated')
    await expect.poll(served, { timeout: PATIENCE_MS }).toBe(true)
  }

  offline(): Promise<void> {
    return this.context.setOffline(true)
  }

  online(): Promise<void> {
    return this.context.setOffline(false)
  }
}
