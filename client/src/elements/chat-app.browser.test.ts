// The page as people and assistive technology find it: the names and roles that scripts outside the repository rely on, and what the keys do.
import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { MemoryEngine } from '../../dev/memory-engine.ts'
import { openDevPages, type DevPages } from './dev-page.suite.ts'

let pages: DevPages
beforeAll(async () => {
  pages = await openDevPages()
})
afterAll(() => pages[Symbol.asyncDispose]())

describe('the page', () => {
  test('fixed points: logging in, creating an account, logging out', async () => {
    const { page, failures } = await pages.open('?state=login&delay=0')
    expect(await page.getByLabel('Name', { exact: true }).count()).toBe(0)
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByLabel('Name', { exact: true }).fill('Mara')
    await page.getByLabel('Email', { exact: true }).fill('taken@example.org')
    await page.getByLabel('Password', { exact: true }).fill('long enough')
    expect(await page.getByLabel('Password', { exact: true }).getAttribute('type')).toBe('password')
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByRole('alert').filter({ hasText: 'There is an account with this email already' }).waitFor()
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByLabel('Password', { exact: true }).fill('wrong')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('alert').filter({ hasText: 'Email or password is wrong.' }).waitFor()
    await page.getByLabel('Password', { exact: true }).fill('right this time')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Account', exact: true }).click()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByLabel('Email', { exact: true }).waitFor()
    expect(failures).toEqual([])
    await page.context().close()
  })

  test('fixed points: lists, log, articles, states, network', async () => {
    const { page } = await pages.open('?open=first&state=offline')
    const chats = page.getByRole('list', { name: 'Chats' })
    const people = page.getByRole('list', { name: 'People' })
    expect(await chats.getByRole('listitem').first().getByRole('button').count()).toBe(1)
    for (const list of [chats, people]) await list.getByRole('button', { name: /^Ada Okafor/ }).waitFor()
    expect(await page.getByRole('log', { name: 'Messages' }).getAttribute('aria-live')).toBe('off')
    const article = (text: string) => page.getByRole('article').filter({ hasText: text })
    await article('I bring the stove').filter({ hasText: 'Queued' }).waitFor()
    await article('I will fix the first').filter({ hasText: 'Seen' }).last().waitFor()
    await page
      .getByRole('status')
      .filter({ hasText: /^Offline since .* · 3 changes waiting$/ })
      .waitFor()
    expect(await page.getByRole('status').count()).toBe(1)
    await page.getByRole('button', { name: 'Send' }).waitFor()
    await page.context().close()
  })

  test('W7: when another person is logged in, nothing of the one before stays on the screen, however fast it goes', async () => {
    const { page, message, failures } = await pages.open('?open=first&delay=0')
    await message.fill('Not for others')
    await page.evaluate(() => {
      const { engine } = document.querySelector('chat-app') as unknown as { engine: MemoryEngine }
      const { session } = engine
      if (session.status !== 'logged-in') throw new Error('nobody is logged in')
      engine.set({ session: { ...session, user: { ...session.user, id: 'z'.repeat(26) as typeof session.user.id } } })
    })
    await page.getByRole('log', { name: 'Messages' }).waitFor({ state: 'detached' })
    await page.getByRole('list', { name: 'Chats' }).getByRole('button').first().click()
    expect(await message.inputValue()).toBe('')
    expect(failures).toEqual([])
    await page.context().close()
  })

  test('a chat whose local data began anew is opened again', async () => {
    const { page, message } = await pages.open('?open=first&delay=0')
    await page.evaluate(() => {
      const { engine } = document.querySelector('chat-app') as unknown as { engine: MemoryEngine }
      for (const window of Array.from(engine.windows)) window.close()
      engine.set({})
    })
    await message.fill('Still here')
    await message.press('Enter')
    await page.getByRole('article').filter({ hasText: 'Still here' }).filter({ hasText: 'Seen' }).waitFor()
    await page.context().close()
  })

  test('UX 8: keys of the composer', async () => {
    const { page, message } = await pages.open('?open=first&delay=0')
    const articles = page.getByRole('article')
    await message.fill('One')
    await message.press('Shift+Enter')
    await message.pressSequentially('two')
    await message.press('Enter')
    await articles.filter({ hasText: 'One\ntwo' }).waitFor()
    expect([await message.inputValue(), await message.evaluate((field) => field.matches(':focus'))]).toEqual(['', true])
    await message.press('ArrowUp')
    expect(await message.inputValue()).toBe('One\ntwo')
    await message.press('Escape')
    expect(await message.inputValue()).toBe('')
    await message.press('ArrowUp')
    await message.fill('Better words')
    await message.press('Enter')
    await articles.filter({ hasText: 'Better words' }).filter({ hasText: 'edited' }).waitFor()
    await message.fill('   ')
    expect(await page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true)
    await page.context().close()
  })

  test('UX 8: an input method keeps its Enter', async () => {
    const { page, message } = await pages.open('?open=first&delay=0')
    await message.fill('とうきょ')
    const before = await page.getByRole('article').filter({ hasText: 'とうきょ' }).count()
    await message.dispatchEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, composed: true, cancelable: true })
    expect([await message.inputValue(), await page.getByRole('article').filter({ hasText: 'とうきょ' }).count()]).toEqual(['とうきょ', before])
    await page.context().close()
  })

  test('UX 9: a draft stays with its chat, and is shown in the list', async () => {
    const { page, message } = await pages.open('?open=first&ids')
    await message.fill('Half a thought')
    await page.getByRole('button', { name: /^Elif/ }).first().click()
    await page.getByRole('button', { name: /^Ada Okafor.*Draft: Half a thought/ }).waitFor()
    expect(await message.inputValue()).toBe('')
    await page
      .getByRole('button', { name: /^Ada Okafor/ })
      .first()
      .click()
    await expect.poll(() => message.inputValue()).toBe('Half a thought')
    await page.context().close()
  })

  test('the menu of a message by keyboard: reply, and the focus goes where one writes', async () => {
    const { page, message } = await pages.open('?open=first&delay=0')
    const last = page.getByRole('article').last()
    await last.focus()
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('ArrowDown')
    expect(await last.evaluate((article) => article.matches(':focus'))).toBe(true)
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: 'Reply' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('Reply to Ada Okafor').waitFor()
    expect(await message.evaluate((field) => field.matches(':focus'))).toBe(true)
    await message.fill('An answer')
    await message.press('Enter')
    await page
      .getByRole('article')
      .filter({ hasText: 'An answer' })
      .getByRole('button', { name: /^Ada Okafor Deal/ })
      .waitFor()
    await page.context().close()
  })

  test('a message is deleted by the second press, and leaves a mark; a reaction says whose it is', async () => {
    const { page } = await pages.open('?open=first&delay=0')
    const mine = page.getByRole('article').filter({ hasText: 'Then let us meet on Saturday' }).last()
    await mine.click({ button: 'right' })
    await page.getByRole('menuitemcheckbox', { name: 'React with 👍' }).click()
    await mine.getByRole('button', { name: '👍 1 from you' }).click()
    await mine.getByRole('button', { name: '👍 1 from you' }).waitFor({ state: 'detached' })
    const marks = await page.getByRole('article').filter({ hasText: 'Message deleted' }).count()
    await mine.click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Delete', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Delete for everyone?' }).click()
    await expect.poll(() => page.getByRole('article').filter({ hasText: 'Message deleted' }).count()).toBe(marks + 1)
    await page.context().close()
  })

  test('UX 4: what was refused keeps its words, says why, and offers what can be done', async () => {
    const { page, message } = await pages.open('?open=first&state=aside')
    await page.getByText('The server could not read it.').waitFor()
    await page.getByText('Your edit was not taken. The message was deleted in the meantime.').waitFor()
    for (const name of ['Retry', 'Copy', 'Discard']) expect(await page.getByRole('button', { name, exact: true }).count()).toBe(2)
    await page.getByRole('button', { name: 'Edit', exact: true }).click()
    expect(await message.inputValue()).toBe('These words were refused, but they are not lost.')
    await message.fill('Other words')
    await message.press('Enter')
    await page.getByRole('article').filter({ hasText: 'Other words' }).filter({ hasText: 'Queued' }).waitFor()
    await page.context().close()
  })

  test('UX 25: what is new is announced once, politely; history is not', async () => {
    const { page, drive } = await pages.open('?open=first&messages=120&delay=0')
    await page.getByRole('article').last().waitFor()
    const spoken = page.locator('[aria-live=polite]').first()
    await drive('scrollBy', -100_000)
    expect(await spoken.textContent()).toBe('')
    await drive('receive', 'Are you there?')
    await expect.poll(() => spoken.textContent()).toBe('Ada Okafor: Are you there?')
    // What one does oneself is not news.
    await drive('pin', 5, true)
    expect(await spoken.textContent()).toBe('Ada Okafor: Are you there?')
    await drive('pin', 6, true, true)
    await expect.poll(() => spoken.textContent()).toBe('Ada Okafor pinned a message')
    await page.context().close()
  })

  test('logging out with words still waiting asks first', async () => {
    const { page, drive } = await pages.open('?state=offline')
    await page.getByRole('button', { name: 'Account', exact: true }).click()
    await page.getByRole('button', { name: 'Log out' }).click()
    const dialog = page.getByRole('dialog', { name: 'Log out with words still waiting?' })
    await dialog.filter({ hasText: '3 messages or changes of yours have not reached the server yet.' }).waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Account', exact: true }).click()
    await page.getByRole('button', { name: 'Log out' }).click()
    await drive('diskFails', true)
    await dialog.getByRole('button', { name: 'Keep and log out' }).click()
    await dialog.getByRole('alert').filter({ hasText: 'logging out would lose them' }).waitFor()
    // Escape and back: the question is asked anew.
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Account', exact: true }).click()
    await page.getByRole('button', { name: 'Log out' }).click()
    await dialog.waitFor()
    expect(await dialog.getByRole('alert').count()).toBe(0)
    await drive('diskFails', false)
    await dialog.getByRole('button', { name: 'Keep and log out' }).click()
    await page.getByLabel('Email', { exact: true }).waitFor()
    await page.context().close()
  })

  test('UX 5, UX 10: the network line covers no message and moves nothing that is read, as wide or narrow as it is', async () => {
    for (const options of [{}, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }]) {
      const { page, drive } = await pages.open('?open=first&messages=200&delay=0', options)
      await page.getByRole('log', { name: 'Messages' }).waitFor()
      await drive('scrollBy', -400)
      const before = (await drive('rows')) as object[]
      await drive('setConnected', false)
      const status = page.getByRole('status').filter({ hasText: /^Offline since/ })
      await status.waitFor()
      await drive('settle')
      const after = (await drive('rows')) as object[]
      expect(after).toEqual(before.slice(0, after.length))
      expect(after.length).toBeGreaterThan(before.length - 3)
      const line = await status.boundingBox()
      const log = await page.getByRole('log', { name: 'Messages' }).boundingBox()
      const isBeside = options.viewport === undefined
      expect((line?.y ?? 0) >= (log?.y ?? 0) + (log?.height ?? 0) || isBeside).toBe(true)
      if (isBeside) expect((line?.x ?? 0) + (line?.width ?? 0)).toBeLessThanOrEqual(log?.x ?? 0)
      await page.getByRole('button', { name: 'Try now' }).click()
      await status.waitFor({ state: 'detached' })
      await page.context().close()
    }
  })

  test('UX 5: where the session has ended, nobody is told that they are offline', async () => {
    const { page } = await pages.open('?state=password-offline&open=first')
    await page.getByText('Your session has ended.').waitFor()
    expect(await page.getByText('Offline since').count()).toBe(0)
    await page.context().close()
  })

  test('Home and End lead to the first and the last message on screen', async () => {
    const { page, drive } = await pages.open('?open=first&messages=400&delay=0')
    await page.getByRole('article').last().focus()
    const last = await page.getByRole('article').last().getAttribute('aria-posinset')
    const focused = page.locator('[role=article]:focus')
    await page.keyboard.press('Home')
    const place = async (): Promise<number> => Number(await focused.getAttribute('aria-posinset'))
    const first = await place()
    expect(first).toBeLessThan(Number(last))
    // The first one may have stood on the screen in part: seen whole, it has moved the others.
    await page.keyboard.press('End')
    expect(await place()).toBeGreaterThan(first + 2)
    for (let at = await place(); at < Number(last); at = await place()) await page.keyboard.press('ArrowDown')
    expect(await drive('distanceFromEnd')).toBeLessThan(24)
    await page.context().close()
  })

  test('UX 14: an address of a chat that is not one’s own says so, and leads back to the list', async () => {
    const { page } = await pages.open('?delay=0', { viewport: { width: 390, height: 844 } })
    await page.getByRole('list', { name: 'Chats' }).waitFor()
    await page.locator('chat-app').evaluate((app: HTMLElement & { chat?: string }) => (app.chat = 'c'.repeat(26)))
    const notice = page.getByRole('region', { name: 'Notice' })
    await notice.getByText('not among yours').waitFor()
    await notice.getByRole('button', { name: 'OK' }).click()
    await notice.waitFor({ state: 'detached' })
    await page.context().close()
  })

  test('a phone shows one pane at a time', async () => {
    const { page } = await pages.open('', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    await page.getByRole('list', { name: 'Chats' }).getByRole('button', { name: /^Ada/ }).tap()
    await page.getByRole('log', { name: 'Messages' }).waitFor()
    expect(await page.getByRole('list', { name: 'Chats' }).isVisible()).toBe(false)
    await page.getByRole('button', { name: 'Back to chats' }).tap()
    await page.getByRole('list', { name: 'Chats' }).waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    await page.context().close()
  })

  test('UX 22: a held finger opens the menu of the chat that it came down on, whatever moves under it; so does a right click on a picture', async () => {
    const { page, drive } = await pages.open('?delay=0', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    await page.getByRole('list', { name: 'Chats' }).getByRole('button').nth(3).waitFor()
    const entry = (title: string | undefined) => page.getByRole('list', { name: 'Chats' }).getByRole('button', { name: new RegExp(`^${title}`) })
    const named = await page
      .getByRole('list', { name: 'Chats' })
      .getByRole('button')
      .evaluateAll((all) => all.map((one) => one.querySelector('[dir=auto]')?.textContent ?? ''))
    const [held, below] = named.slice(3)
    const { x, y, width, height } = (await entry(held).boundingBox()) ?? expect.fail('There is nothing to hold a finger on')
    const finger = await page.context().newCDPSession(page)
    await finger.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: x + width / 2, y: y + height / 2 }] })
    await drive('pinElsewhere', below)
    await page.getByRole('menu').waitFor()
    await finger.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
    await page.getByRole('menuitem', { name: 'Archive' }).click()
    await entry(held).waitFor({ state: 'detached' })
    expect(await page.getByRole('log', { name: 'Messages' }).isVisible()).toBe(false)
    await entry(below).locator('chat-avatar').click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'Unpin' }).waitFor()
    await page.context().close()
  })

  test('UX 22: a finger that is lifted after it was held presses neither what it came down on nor what has opened under it', async () => {
    const { page } = await pages.open('?open=first&state=pinned&delay=0')
    const down = (at: Locator) => at.dispatchEvent('pointerdown', { pointerType: 'touch', isPrimary: true })
    /** Whether the browser may take it for a press. */
    const mayPress = (at: Locator) =>
      at.evaluate((element) => {
        const all = { bubbles: true, composed: true, cancelable: true }
        element.dispatchEvent(new PointerEvent('pointerup', all))
        return element.dispatchEvent(new TouchEvent('touchend', all))
      })
    const menu = page.getByRole('menu')
    for (const at of [
      page.getByRole('list', { name: 'Chats' }).getByRole('button').nth(1),
      page.getByRole('article').last(),
      page.getByRole('button', { name: /^Pinned message/ }),
    ]) {
      await at.waitFor()
      await down(at)
      expect(await mayPress(at)).toBe(true)
      await down(at)
      await menu.waitFor()
      expect(await mayPress(at)).toBe(false)
      await page.keyboard.press('Escape')
      await menu.waitFor({ state: 'detached' })
      await down(at)
      expect(await mayPress(at)).toBe(true)
    }
    await page.context().close()
  })

  test('the element fills the box that a page gives it, and is never taller than the window', async () => {
    const { page } = await pages.open('?open=first')
    await page.getByRole('article').last().waitFor()
    // As in somebody else's page, without the sheet of the app's own.
    const heights = await page.evaluate(() => {
      const app = document.querySelector('chat-app')
      if (!app) throw new Error('The page has no <chat-app>')
      for (const sheet of document.querySelectorAll('link[rel=stylesheet], style')) sheet.remove()
      const measured = [app.getBoundingClientRect().height === window.innerHeight]
      const box = document.createElement('main')
      box.style.height = '420px'
      app.replaceWith(box)
      box.append(app)
      return [...measured, app.getBoundingClientRect().height]
    })
    expect(heights).toEqual([true, 420])
    await page.context().close()
  })

  test('V4: borders and shadows are there inside the shadow roots', async () => {
    const { page, drive } = await pages.open('?open=first')
    await page.getByRole('log').waitFor()
    const composer = ['chat-app', 'chat-window', 'chat-composer']
    expect(await drive('styleOf', composer, 'form > div', ['border-top-width', 'border-top-style'])).toEqual(['1px', 'solid'])
    const [shadow] = (await drive('styleOf', composer, 'form > div', ['box-shadow'])) as string[]
    expect(shadow).toMatch(/rgba?\(.*1px 2px/)
    await page.context().close()
  })
})
