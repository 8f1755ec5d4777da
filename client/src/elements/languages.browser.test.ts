// L3: the language is the page's say, the person's or the browser's; words, dates and direction follow at once, and are the same after a reload.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDevPages, type DevPages } from './dev-page.suite.ts'

let pages: DevPages
beforeAll(async () => {
  pages = await openDevPages()
})
afterAll(() => pages[Symbol.asyncDispose]())

const directionOf = (page: Page, selector: string) =>
  page.locator(selector).evaluate((element: HTMLElement) => [element.lang, element.dir, getComputedStyle(element).direction])
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }

describe('languages', () => {
  test('are chosen in the settings, each by its own name', async () => {
    const { page, failures, message } = await pages.open('?open=first&delay=0')
    await page.getByRole('button', { name: 'Account', exact: true }).click()
    await page.getByRole('button', { name: 'Settings' }).click()
    const choice = page.getByRole('combobox')
    const names = async () => (await choice.getByRole('option').allTextContents()).map((name) => name.trim())
    await expect.poll(names).toEqual(['As the browser', 'English', 'Magyar', 'العربية'])
    await choice.selectOption('hu')
    await page.getByRole('dialog', { name: 'Beállítások' }).waitFor()
    await page.getByText('Mint a rendszer').waitFor()
    expect(await directionOf(page, 'html')).toEqual(['hu', 'ltr', 'ltr'])

    await choice.selectOption('ar')
    await page.getByRole('dialog', { name: 'الإعدادات' }).waitFor()
    expect(await choice.inputValue()).toBe('ar')
    expect(await directionOf(page, 'html')).toEqual(['ar', 'rtl', 'rtl'])
    expect(await directionOf(page, 'chat-app')).toEqual(['ar', 'rtl', 'rtl'])
    await page.keyboard.press('Escape')

    // Emoji are found in the language that is shown.
    await page.getByRole('button', { name: 'رموز تعبيرية' }).click()
    const picker = page.getByRole('dialog', { name: 'رموز تعبيرية' })
    await picker.getByRole('searchbox').fill('قنفذ')
    await picker.getByRole('button', { name: 'قنفد' }).waitFor()
    await page.keyboard.press('Escape')

    // Also what stands in rows that were made before: what was deleted, and days.
    await page.getByRole('article').filter({ hasText: 'رسالة محذوفة' }).waitFor()
    const threeDaysAgo = await page.evaluate(() => new Intl.DateTimeFormat('ar', { weekday: 'short' }).format(Date.now() - 3 * 86_400_000))
    await page.getByRole('list', { name: 'الدردشات' }).getByRole('button', { name: /فاطمة/ }).getByText(threeDaysAgo).waitFor()
    await page.getByRole('textbox', { name: 'رسالة' }).waitFor()
    expect(await page.getByText('Yesterday').count()).toBe(0)

    await page.reload()
    await page.getByRole('textbox', { name: 'رسالة' }).waitFor()
    expect(await directionOf(page, 'html')).toEqual(['ar', 'rtl', 'rtl'])
    await page.getByRole('button', { name: 'الحساب', exact: true }).click()
    await page.getByRole('button', { name: 'الإعدادات' }).click()
    await page.getByRole('combobox').selectOption('browser')
    await page.getByRole('dialog', { name: 'Settings' }).waitFor()
    await message.waitFor()
    expect(await directionOf(page, 'html')).toEqual(['en', 'ltr', 'ltr'])
    expect(failures).toEqual([])
    await page.context().close()
  })

  test('are the browser’s where nobody chose, without a word of English before', async () => {
    const { page } = await pages.open('?open=first&delay=0', { locale: 'hu-HU' })
    await page.getByRole('textbox', { name: 'Üzenet' }).waitFor()
    await page.goto('about:blank')
    // Whatever is shown meanwhile is no English.
    const table = Promise.withResolvers<void>()
    await page.route('**/languages/hu.ts', async (route) => {
      await table.promise
      await route.continue()
    })
    await page.goBack()
    await page.locator('chat-app [aria-busy=true]').waitFor()
    expect(await page.locator('chat-app').innerText()).toBe('')
    table.resolve()
    await page.getByRole('textbox', { name: 'Üzenet' }).waitFor()
    await page.context().close()
  })

  test('that cannot be loaded leave English, and all works', async () => {
    const { page, message } = await pages.open('?open=first&delay=0')
    await page.route('**/languages/ar.ts', (route) => route.abort())
    await page.keyboard.press('Control+,')
    await page.getByRole('combobox').selectOption('ar')
    await page.reload()
    await message.fill('Still here')
    await page.getByRole('button', { name: 'Send' }).click()
    await page.getByRole('article').filter({ hasText: 'Still here' }).waitFor()
    await page.context().close()
  })

  test('L4: an embedding page says which, keeps its own direction, and then it is no choice of the person’s', async () => {
    const { page } = await pages.open('?server=http://127.0.0.1:9', {}, 'host.html')
    await page.getByText('Log in to this page to open your chats.').waitFor()
    await page.locator('chat-app').evaluate((app) => app.setAttribute('language', 'ar-EG'))
    await page.getByText('سجّل الدخول إلى هذه الصفحة لفتح دردشاتك.').waitFor()
    expect(await directionOf(page, 'chat-app')).toEqual(['ar', 'rtl', 'rtl'])
    expect((await directionOf(page, 'html')).slice(1)).toEqual(['', 'ltr'])
    await page.context().close()

    const { page: inside } = await pages.open('?language=hu&embedded&delay=0')
    await inside.getByRole('button', { name: 'Fiók', exact: true }).click()
    await inside.getByRole('button', { name: 'Beállítások' }).click()
    await inside.getByRole('radio', { name: 'Tömör' }).waitFor({ state: 'attached' })
    expect(await inside.getByText('Nyelv', { exact: true }).count()).toBe(0)
    await inside.context().close()
  })

  test('from right to left a phone shows everything mirrored, and nothing scrolls sideways', async () => {
    const { page } = await pages.open('?open=first&delay=0', { ...phone, locale: 'ar' })
    const [send, field] = [page.getByRole('button', { name: 'إرسال' }), page.getByRole('textbox', { name: 'رسالة' })]
    await send.waitFor()
    const left = async (one: typeof send): Promise<number> => (await one.boundingBox())?.x ?? Number.NaN
    expect(await left(send)).toBeLessThan(await left(field))
    // One's own words are at the end of the line, which is left.
    const messages = page.getByRole('article')
    const own = await messages.filter({ hasText: 'Then let us meet' }).last().boundingBox()
    const other = await messages.filter({ hasText: 'Deal. Bring' }).last().boundingBox()
    expect(own?.x).toBeLessThan(other?.x ?? 0)
    // The account's menu opens within the window.
    await page.getByRole('button', { name: /^العودة إلى الدردشات/ }).tap()
    await page.getByRole('button', { name: 'الحساب', exact: true }).tap()
    const menu = await page.getByRole('button', { name: 'صندوق الصادر' }).boundingBox()
    expect((menu?.x ?? 0) + (menu?.width ?? 999)).toBeLessThanOrEqual(390)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    await page.context().close()
  })

  test('from right to left, what is read from left to right stays clear of what stands in its field, and names stand where the words do', async () => {
    const { page } = await pages.open('?open=first&delay=0&language=ar')
    await page.getByRole('article').filter({ hasText: 'I will fix the first' }).last().click({ button: 'right' })
    await page.getByRole('menuitem', { name: 'التفاصيل' }).click()
    const name = page.getByRole('definition').filter({ hasText: 'Ada Okafor' })
    expect(await name.evaluate((line) => [getComputedStyle(line).direction, getComputedStyle(line).textAlign])).toEqual(['ltr', 'right'])
    await page.keyboard.press('Escape')

    const field = page.getByRole('searchbox', { name: 'تصفية الدردشات والأشخاص' })
    await field.fill('ada@example.org')
    const glass = await page.locator('chat-list label svg').boundingBox()
    // Where the cross is drawn.
    const end = await field.evaluate((input) => input.getBoundingClientRect().right - Number.parseFloat(getComputedStyle(input).paddingRight))
    expect(end).toBeLessThanOrEqual(glass?.x ?? 0)
    await page.context().close()
  })
})
