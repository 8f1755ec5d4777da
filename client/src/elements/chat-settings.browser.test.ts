// The settings, by mouse, keyboard and thumb: what was changed is told, what is wrong is said where it is, and what belongs to an embedding page is not there.
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDevPages, type DevPages } from './dev-page.suite.ts'

let pages: DevPages
beforeAll(async () => {
  pages = await openDevPages()
})
afterAll(() => pages[Symbol.asyncDispose]())

async function openSettings(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Account', exact: true }).click()
  await page.getByRole('button', { name: 'Settings' }).click()
  const dialog = page.getByRole('dialog', { name: 'Settings' })
  await dialog.waitFor()
  return dialog
}
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }

describe('the settings', () => {
  test('open and close by keyboard alone, and the focus goes back to where it was', async () => {
    const { page, message, failures } = await pages.open('?open=first&delay=0')
    await message.focus()
    await page.keyboard.press('Control+,')
    const dialog = page.getByRole('dialog', { name: 'Settings' })
    await dialog.waitFor()
    await page.keyboard.press('Tab')
    for (const name of ['Add a picture', 'Change name']) {
      await page.keyboard.press('Tab')
      expect(await dialog.getByRole('button', { name }).evaluate((button) => button.matches(':focus'))).toBe(true)
    }
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await expect.poll(() => message.evaluate((field) => field.matches(':focus'))).toBe(true)
    expect(failures).toEqual([])
    await page.context().close()
  })

  test('name, email and password change; what is wrong is said at its field', async () => {
    const { page } = await pages.open('?delay=0')
    const dialog = await openSettings(page)
    await dialog.getByRole('button', { name: 'Change name' }).click()
    await dialog.getByLabel('Name', { exact: true }).fill('  ')
    await page.keyboard.press('Enter')
    await dialog.getByRole('alert').filter({ hasText: 'Enter the name' }).waitFor()
    await dialog.getByLabel('Name', { exact: true }).fill('Mara L.')
    await page.keyboard.press('Enter')
    await dialog.getByRole('status').filter({ hasText: 'Your name was changed.' }).waitFor()
    await dialog.getByText('Mara L.', { exact: true }).waitFor()

    await dialog.getByRole('button', { name: 'Change email' }).click()
    await dialog.getByLabel('New email').fill('mara@new.example')
    await dialog.getByLabel('Password', { exact: true }).fill('wrong')
    await page.keyboard.press('Enter')
    await dialog.getByRole('alert').filter({ hasText: 'The password is wrong.' }).waitFor()
    await expect.poll(() => dialog.getByLabel('Password', { exact: true }).evaluate((field) => field.matches(':focus'))).toBe(true)
    await dialog.getByLabel('Password', { exact: true }).fill('right')
    await page.keyboard.press('Enter')
    await dialog.getByRole('status').filter({ hasText: 'Your email was changed.' }).waitFor()
    await dialog.getByText('This email is not confirmed yet.').waitFor()

    await dialog.getByRole('button', { name: 'Change password' }).click()
    await dialog.getByLabel('Current password').fill('right')
    await dialog.getByLabel('New password').fill('password1')
    await page.keyboard.press('Enter')
    await dialog.getByRole('alert').filter({ hasText: 'Too many people use this password.' }).waitFor()
    await dialog.getByLabel('New password').fill('a good long phrase')
    await page.keyboard.press('Enter')
    await dialog.getByRole('status').filter({ hasText: 'Your other devices were logged out.' }).waitFor()
    await expect.poll(() => dialog.getByRole('list', { name: 'Devices' }).getByRole('listitem').count()).toBe(1)
    await page.context().close()
  })

  test('a device is logged out by the second press, and all others too; this one stands first', async () => {
    const { page } = await pages.open('?delay=0', phone)
    const dialog = await openSettings(page)
    const devices = dialog.getByRole('list', { name: 'Devices' }).getByRole('listitem')
    await devices.first().filter({ hasText: 'This device' }).waitFor()
    expect(await devices.count()).toBe(3)
    await dialog.getByRole('button', { name: 'Log out all other devices' }).waitFor()
    await dialog.getByRole('button', { name: 'Log out Firefox on Linux' }).tap()
    expect(await devices.count()).toBe(3)
    await dialog.getByRole('button', { name: 'Log out?' }).tap()
    await expect.poll(() => devices.count()).toBe(2)
    await page.context().close()
    const { page: other } = await pages.open('?delay=0')
    const wide = await openSettings(other)
    await wide.getByRole('button', { name: 'Log out all other devices' }).click()
    await wide.getByRole('button', { name: 'Log out all other devices?' }).click()
    await expect.poll(() => wide.getByRole('list', { name: 'Devices' }).getByRole('listitem').count()).toBe(1)
    await other.context().close()
  })

  test('what belongs to no line of sight makes no dialog scroll: its title and its cross stay, also when somebody goes to its end', async () => {
    const { page } = await pages.open('?open=first&delay=0')
    const dialog = await openSettings(page)
    await dialog.getByRole('button', { name: 'Delete my account' }).waitFor()
    expect(await dialog.evaluate(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight)).toBe(0)
    await page.context().close()
  })

  test('UX 26: light, dark, colour and density hold at once, after a reload before anything is painted, and in another tab', async () => {
    const { page, drive } = await pages.open('?open=first&delay=0', { colorScheme: 'light' })
    const canvas = (): Promise<unknown> => drive('styleOf', ['chat-app', 'chat-window'], 'section', ['background-color'])
    const padding = (): Promise<unknown> => drive('styleOf', ['chat-app', 'chat-list', 'chat-account'], 'button', ['width'])
    await page.getByRole('log').waitFor()
    expect(await canvas()).toEqual(['rgb(255, 255, 255)'])
    const before = await padding()
    const other = await page.context().newPage()
    await other.goto(page.url())
    await other.getByRole('log').waitFor()
    const dialog = await openSettings(page)
    await dialog.getByRole('radio', { name: 'Dark' }).check()
    await dialog.getByRole('radio', { name: 'Teal' }).check()
    await dialog.getByRole('radio', { name: 'Compact' }).check()
    expect(await canvas()).toEqual(['rgb(19, 20, 24)'])
    expect(await drive('styleOf', ['chat-app', 'chat-settings', 'chat-settings-look'], '.swatch-teal', ['background-color'])).toEqual([
      'rgb(18, 128, 140)',
    ])
    await expect.poll(() => other.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe('rgb(25, 26, 31)')
    // Without a single module: the page’s own first paint is dark already.
    await page.route('**/*.ts', (route) => route.abort())
    await page.reload()
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)).toBe('rgb(25, 26, 31)')
    await page.unroute('**/*.ts')
    await page.reload()
    await page.getByRole('log').waitFor()
    expect(await canvas()).toEqual(['rgb(19, 20, 24)'])
    // What is pressed keeps its size.
    expect(await padding()).toEqual(before)
    await page.context().close()
  })

  test('UX 27: room used, and clearing it, in plain words', async () => {
    const { page } = await pages.open('?delay=0')
    const dialog = await openSettings(page)
    expect(await dialog.getByRole('meter', { name: 'Room used by messages' }).getAttribute('aria-valuetext')).toBe('38 MB of 210 MB')
    await dialog.getByText('Your browser may clear it').waitFor()
    await dialog.getByRole('button', { name: 'Clear older messages' }).click()
    await dialog.getByRole('button', { name: 'Clear older messages from this device?' }).click()
    await dialog.getByRole('status').filter({ hasText: 'About 38 MB were cleared.' }).waitFor()
    await page.context().close()
  })

  test('the account is deleted with the password alone, and one is back where one logs in', async () => {
    const { page, message } = await pages.open('?open=first&delay=0')
    await message.fill('A draft that must not stay')
    const dialog = await openSettings(page)
    await dialog.getByRole('button', { name: 'Delete my account' }).click()
    await dialog.getByLabel('Your password').fill('wrong')
    await page.keyboard.press('Enter')
    await dialog.getByRole('alert').filter({ hasText: 'The password is wrong.' }).waitFor()
    await dialog.getByLabel('Your password').fill('right')
    await dialog.getByRole('button', { name: 'Delete my account for good' }).click()
    await page.getByLabel('Email', { exact: true }).waitFor()
    expect(await page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.startsWith('skein-draft')))).toEqual([])
    await page.context().close()
  })

  test('offline: what asks the server says so, and the rest works', async () => {
    const { page } = await pages.open('?state=offline&delay=0')
    const dialog = await openSettings(page)
    await dialog.getByRole('alert').filter({ hasText: 'The server cannot be reached.' }).waitFor()
    await dialog.getByRole('radio', { name: 'Dark' }).check()
    await dialog.getByRole('button', { name: 'Change name' }).click()
    await dialog.getByLabel('Name', { exact: true }).fill('Nobody')
    await page.keyboard.press('Enter')
    await expect.poll(() => dialog.getByRole('alert').count()).toBe(2)
    await page.context().close()
  })

  test('L4: in a page that embeds the chat there is nothing about accounts, devices or that page’s look', async () => {
    const { page } = await pages.open('?embedded&delay=0')
    const dialog = await openSettings(page)
    await dialog.getByRole('radio', { name: 'Compact' }).waitFor({ state: 'attached' })
    for (const gone of ['Profile', 'Devices', 'Delete account', 'Light or dark', 'Colour'])
      expect([gone, await dialog.getByText(gone, { exact: true }).count()]).toEqual([gone, 0])
    await page.context().close()
  })

  test('on a phone the settings take the whole screen, wide nothing scrolls sideways, and what is pressed is large enough', async () => {
    const { page } = await pages.open('?delay=0', phone)
    const dialog = await openSettings(page)
    expect(await dialog.boundingBox()).toEqual({ x: 0, y: 0, width: 390, height: 844 })
    await dialog.getByRole('list', { name: 'Devices' }).waitFor()
    for (const button of await dialog.getByRole('button').all()) expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44)
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390)
    await dialog.getByRole('button', { name: 'Close' }).tap()
    await dialog.waitFor({ state: 'detached' })
    await page.context().close()
  })
})
