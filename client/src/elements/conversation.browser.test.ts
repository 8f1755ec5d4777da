// What one does in a conversation, in a real Chromium over the in-memory engine: words with Markdown, mentions, jumps, and what can be done to a message.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDevPages, type DevPages } from './dev-page.suite.ts'

let pages: DevPages
beforeAll(async () => {
  pages = await openDevPages()
})
afterAll(() => pages[Symbol.asyncDispose]())

const articles = (page: Page) => page.getByRole('article')
const chooseFor = async (page: Page, text: string, action: string): Promise<void> => {
  await articles(page).filter({ hasText: text }).last().click({ button: 'right' })
  await page.getByRole('menuitem', { name: action, exact: true }).click()
}

describe('a conversation', () => {
  test('Markdown is shown as what it says, and nothing that anybody writes becomes HTML', async () => {
    const { page, message, failures } = await pages.open('?open=first&delay=0')
    await articles(page).last().waitFor()
    await message.fill('**bold** `code` <img src=x onerror=alert(1)> [page](https://example.org/a) [bad](javascript:alert(1))\n\n- one\n- two')
    await message.press('Enter')
    const words = articles(page).last()
    await words.getByText('bold').waitFor()
    await words.locator('strong').waitFor()
    expect(await words.locator('li').allInnerTexts()).toEqual(['one', 'two'])
    expect(await words.locator('a').evaluateAll((links) => links.map((link) => [link.getAttribute('href'), link.getAttribute('rel')]))).toEqual([
      ['https://example.org/a', 'noopener noreferrer'],
    ])
    expect(await words.locator('img').count()).toBe(0)
    expect(await words.innerText()).toContain('<img src=x onerror=alert(1)>')
    expect(failures).toEqual([])
    await page.context().close()
  })

  test('UX 16: people complete while one types, by keys alone; the names go along and stand out', async () => {
    const { page, message } = await pages.open('?open=team&delay=0')
    await message.pressSequentially('ask @')
    const people = page.getByRole('listbox', { name: 'People' })
    await people.waitFor()
    expect(await people.getByRole('option').count()).toBe(3)
    await message.press('ArrowDown')
    await message.press('ArrowUp')
    await message.press('ArrowDown')
    await message.press('Tab')
    await people.waitFor({ state: 'detached' })
    expect(await message.inputValue()).toBe('ask @Bence Szabó ')
    await message.pressSequentially('or @cam')
    await message.press('Enter')
    await message.press('Enter')
    const words = articles(page).filter({ hasText: 'ask' }).last()
    expect(await words.locator('[data-mention]').allInnerTexts()).toEqual(['@Bence Szabó', '@Camille Roux'])
    await message.pressSequentially('@')
    await message.press('Escape')
    expect([await people.count(), await message.inputValue()]).toEqual([0, '@'])
    await page.context().close()
  })

  test('UX 8: arrow up edits the last message, Esc leaves; with the other send key Enter breaks the line', async () => {
    const { page, message } = await pages.open('?open=first&delay=0')
    await message.fill('first version')
    await message.press('Enter')
    await articles(page).filter({ hasText: 'first version' }).waitFor()
    await message.press('ArrowUp')
    expect(await message.inputValue()).toBe('first version')
    await message.press('Escape')
    expect(await message.inputValue()).toBe('')
    await page.evaluate(`localStorage.setItem('skein-preferences', '{"sendKey":"mod-enter"}')`)
    await page.reload()
    await message.fill('line one,')
    await message.press('Enter')
    await message.pressSequentially('two')
    expect(await message.inputValue()).toBe('line one,\ntwo')
    await message.press('Control+Enter')
    await articles(page).filter({ hasText: 'line one,' }).waitFor()
    await page.context().close()
  })

  test('UX 8: Send pressed within a word of an input method sends the whole word', async () => {
    const { page, message } = await pages.open('?open=first&delay=0')
    await message.focus()
    const session = await page.context().newCDPSession(page)
    await session.send('Input.imeSetComposition', { text: 'にほ', selectionStart: 2, selectionEnd: 2 })
    await message.press('Enter')
    await page.getByRole('button', { name: 'Send' }).click()
    await articles(page).filter({ hasText: 'にほ' }).waitFor()
    expect([await articles(page).filter({ hasText: 'にほ' }).count(), await message.inputValue()]).toEqual([1, ''])
    await page.context().close()
  })

  test('UX 14: a quote leads to what is old and not loaded, a button leads back', async () => {
    const { page, drive, message } = await pages.open('?open=first&messages=400&delay=20')
    await articles(page).last().waitFor()
    await drive('quoteOld', 5, 'An answer to something old')
    const answer = articles(page).filter({ hasText: 'An answer to something old' })
    await answer.getByRole('button', { name: 'An earlier message' }).click()
    const back = page.getByRole('button', { name: 'Back to where you were' })
    await back.waitFor()
    await page.locator('chat-message[flashing], chat-message').first().waitFor()
    expect(await drive('isShown', 5)).toBe(true)
    await back.click()
    await answer.waitFor()
    await back.waitFor({ state: 'detached' })
    // The message that was shown is far away then: Tab stops at one that is here.
    await answer.getByRole('button', { name: 'An earlier message' }).click()
    await back.waitFor()
    expect(await drive('isShown', 5)).toBe(true)
    await page.getByRole('button', { name: /^Jump to latest/ }).click()
    await answer.waitFor()
    await expect.poll(() => articles(page).and(page.locator('[tabindex="0"]')).count()).toBe(1)
    expect(await message.isVisible()).toBe(true)
    await page.context().close()
  })

  test('UX 12: a floating way back to the first unread message', async () => {
    const { page } = await pages.open('?open=first&state=unread&unread=30&delay=0')
    await page.getByText('New messages').waitFor()
    await page.getByRole('button', { name: /^Jump to latest/ }).click()
    await page.getByRole('button', { name: 'Jump to first unread' }).click()
    await page.getByText('New messages').waitFor()
    await page.getByRole('button', { name: 'Jump to first unread' }).waitFor({ state: 'detached' })
    await page.context().close()
  })

  test('UX 9: another device’s draft comes into an untouched composer, and none into one in which somebody types', async () => {
    const { page, drive, message } = await pages.open('?open=first&delay=0')
    await articles(page).last().waitFor()
    await message.fill('Half a thought')
    await expect.poll(() => drive('draft')).toBe('Half a thought')
    await drive('draftElsewhere', 'Half a thought, gone on elsewhere')
    await expect.poll(() => message.inputValue()).toBe('Half a thought, gone on elsewhere')
    // Sent there.
    await drive('draftElsewhere', '')
    await expect.poll(() => message.inputValue()).toBe('')
    await message.fill('Words of this device')
    await drive('draftElsewhere', 'Words of another')
    expect(await message.inputValue()).toBe('Words of this device')
    await message.press('Enter')
    await articles(page).filter({ hasText: 'Words of this device' }).waitFor()
    await expect.poll(() => drive('draft')).toBe('')
    await page.context().close()
  })

  test('UX 13: a press on a day opens a calendar, and the day that is chosen there is shown', async () => {
    const { page, drive } = await pages.open('?open=first&messages=400&delay=0')
    await articles(page).last().waitFor()
    await page.evaluate(() => {
      HTMLInputElement.prototype.showPicker = function (this: HTMLInputElement) {
        this.dataset['shown'] = this.value
      }
    })
    const field = page.getByLabel('Go to a date', { exact: true })
    await page
      .getByRole('button', { name: /Go to a date$/ })
      .last()
      .click()
    expect(await field.getAttribute('data-shown')).toMatch(/^\d{4}-\d\d-\d\d$/)
    expect(await drive('isShown', 1)).toBe(false)
    await field.fill('2001-02-03')
    await expect.poll(() => drive('isShown', 1)).toBe(true)
    await page.getByRole('button', { name: /^Jump to latest/ }).click()
    await expect.poll(() => drive('isShown', 1)).toBe(false)
    await page.context().close()
  })

  test('UX 24: several messages are selected, copied, forwarded in order, and deleted for everyone; Esc leaves', async () => {
    const { page, message, drive, failures } = await pages.open('?open=first&delay=0', { permissions: ['clipboard-read', 'clipboard-write'] })
    for (const words of ['First of three', 'Second of three', 'Third of three']) {
      await message.fill(words)
      await message.press('Enter')
      await articles(page).filter({ hasText: words }).waitFor()
    }
    await message.fill('kept')
    const row = (words: string) => articles(page).filter({ hasText: words }).last()
    const bar = page.getByRole('toolbar', { name: 'Selected messages' })
    await chooseFor(page, 'Third of three', 'Select')
    await bar.getByText('1 message selected').waitFor()
    // A press anywhere in the row, and the keyboard.
    await row('First of three').click()
    await row('Second of three').focus()
    await page.keyboard.press('Space')
    await bar.getByText('3 messages selected').waitFor()
    expect(await page.getByRole('checkbox', { checked: true }).count()).toBe(3)
    await bar.getByRole('button', { name: 'Copy' }).click()
    await bar.waitFor({ state: 'detached' })
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(
      /^You, .*\nFirst of three\n\nYou, .*\nSecond of three\n\nYou, .*\nThird of three$/,
    )
    expect(await message.inputValue()).toBe('kept')

    await chooseFor(page, 'Second of three', 'Select')
    await row('First of three').click()
    await bar.getByRole('button', { name: 'Forward' }).click()
    const dialog = page.getByRole('dialog', { name: 'Forward to' })
    await dialog.getByText('2 messages selected').waitFor()
    await dialog.getByRole('button', { name: /Weekend hike/ }).click()
    await dialog.getByText('Forwarded').waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })

    // Others' words cannot be deleted for everyone.
    await bar.getByRole('button', { name: 'Delete' }).waitFor()
    await row('Bring an umbrella').click()
    await bar.getByRole('button', { name: 'Delete' }).waitFor({ state: 'detached' })
    await row('Bring an umbrella').click()
    await bar.getByRole('button', { name: 'Delete' }).click()
    // What arrives meanwhile does not take the question back.
    await drive('receive', 'A word meanwhile')
    await expect.poll(() => bar.getByRole('button', { name: 'Delete for everyone?' }).evaluate((button) => button.matches(':focus'))).toBe(true)
    await bar.getByRole('button', { name: 'Delete for everyone?' }).click()
    await bar.waitFor({ state: 'detached' })
    for (const words of ['First of three', 'Second of three']) await articles(page).filter({ hasText: words }).waitFor({ state: 'detached' })

    await chooseFor(page, 'Third of three', 'Select')
    await bar.waitFor()
    await page.keyboard.press('Escape')
    await bar.waitFor({ state: 'detached' })
    expect(await message.evaluate((field) => field.matches(':focus'))).toBe(true)
    await page
      .getByRole('list', { name: 'Chats' })
      .getByRole('button', { name: /Weekend hike/ })
      .click()
    await row('Second of three').waitFor()
    expect((await articles(page).allInnerTexts()).slice(-2).map((text) => /(First|Second) of three/.exec(text)?.[1])).toEqual(['First', 'Second'])
    expect(failures).toEqual([])
    await page.context().close()
  })

  test('a finger drawn across a message answers it, and one that scrolls does not; Enter breaks the line on the screen’s keyboard', async () => {
    const { page, message } = await pages.open('?open=first&delay=0', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    const words = articles(page).filter({ hasText: 'Bring an umbrella' }).last()
    await words.waitFor()
    const cdp = await page.context().newCDPSession(page)
    const draw = async (dx: number, dy: number): Promise<void> => {
      const box = (await words.boundingBox()) ?? { x: 0, y: 0 }
      const at = (part: number) => [{ x: box.x + 20 + dx * part, y: box.y + 10 + dy * part }]
      await cdp.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: at(0) })
      for (let part = 1; part <= 8; part++) await cdp.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: at(part / 8) })
      await cdp.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    }
    const reply = page.getByText('Reply to Ada Okafor')
    await draw(40, 0)
    await draw(10, -120)
    expect(await reply.count()).toBe(0)
    await draw(100, 5)
    await reply.waitFor()
    await message.fill('one')
    await message.press('Enter')
    await message.pressSequentially('two')
    expect(await message.inputValue()).toBe('one\ntwo')
    await page.getByRole('button', { name: 'Send' }).tap()
    await articles(page)
      .filter({ hasText: /one\s+two/ })
      .waitFor()
    await page.context().close()
  })

  test('a message is forwarded to another chat, and says so there', async () => {
    const { page } = await pages.open('?open=first&delay=0')
    await articles(page).last().waitFor()
    await chooseFor(page, 'Bring an umbrella', 'Forward')
    const dialog = page.getByRole('dialog', { name: 'Forward to' })
    await dialog.getByRole('searchbox', { name: 'Find a chat' }).fill('hike')
    await dialog.getByRole('button', { name: /Weekend hike/ }).click()
    await dialog.getByText('Forwarded').waitFor()
    await page.keyboard.press('Escape')
    await page
      .getByRole('list', { name: 'Chats' })
      .getByRole('button', { name: /Weekend hike/ })
      .click()
    await articles(page).filter({ hasText: 'Bring an umbrella' }).filter({ hasText: 'Forwarded' }).waitFor()
    await page.context().close()
  })

  test('UX 1: details say who has seen it; by the keyboard alone', async () => {
    const { page, message } = await pages.open('?open=first&delay=0')
    await message.fill('Read it soon')
    await message.press('Enter')
    await articles(page).filter({ hasText: 'Read it soon' }).filter({ hasText: 'Seen' }).waitFor()
    await articles(page).last().focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menu', { name: 'Actions' }).waitFor()
    for (const key of ['End', 'ArrowUp', 'Enter']) await page.keyboard.press(key)
    const details = page.getByRole('dialog', { name: 'Details' })
    await details.getByText('Seen by').waitFor()
    await details.getByText('Ada Okafor').waitFor()
    await page.keyboard.press('Escape')
    await details.waitFor({ state: 'hidden' })
    await page.context().close()
  })

  test('UX 3 and 15: a deletion that waits is struck through, and is taken back while it waits', async () => {
    const { page, drive } = await pages.open('?open=first&delay=0')
    await articles(page).last().waitFor()
    await drive('setConnected', false)
    const words = articles(page).filter({ hasText: 'I will fix the first' }).last()
    await chooseFor(page, 'I will fix the first', 'Delete')
    await page.getByRole('menuitem', { name: 'Delete for everyone?' }).click()
    const undo = words.getByRole('button', { name: 'Undo deletion' })
    await undo.click()
    await undo.waitFor({ state: 'detached' })
    expect(await words.innerText()).toContain('I will fix the first')
    await page.context().close()
  })

  test('an emoji by its name, into the words and as a reaction', async () => {
    const { page, message } = await pages.open('?open=first&delay=0')
    await articles(page).last().waitFor()
    await message.fill('so ')
    await page.getByRole('button', { name: 'Emoji' }).click()
    const picker = page.getByRole('dialog', { name: 'Emoji' })
    await picker.getByRole('searchbox').fill('hedgehog')
    await page.keyboard.press('Enter')
    expect(await message.inputValue()).toBe('so 🦔')
    await message.press('Enter')
    await chooseFor(page, 'so 🦔', 'All emoji')
    await picker.getByRole('searchbox').fill('hedgehog')
    await picker.getByRole('button', { name: 'hedgehog' }).click()
    await articles(page).filter({ hasText: 'so 🦔' }).getByRole('button', { name: /🦔/ }).waitFor()
    await page.context().close()
  })
})
