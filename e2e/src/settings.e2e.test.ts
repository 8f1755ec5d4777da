// The outbox, the settings and the end of an account on a real server, under its strict CSP, with two devices of one person.
import { describe, expect, test } from 'vitest'
import { Person } from './person.ts'
import { useStage } from './stage.ts'

/** On a busy machine. */
const patience = { timeout: 30_000 }

describe('outbox and settings', () => {
  const stage = useStage()

  /** What the page's policy kept from happening, from now on. */
  async function violations(person: Person): Promise<string[]> {
    const found: string[] = []
    await person.page.exposeFunction('skeinViolation', (what: string) => void found.push(what))
    const watch = (): void =>
      document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        // zod asks once whether it may compile, and does without.
        if (blockedURI !== 'eval') (Reflect.get(window, 'skeinViolation') as (what: string) => void)(`${violatedDirective} ${blockedURI}`)
      })
    await person.page.addInitScript(watch)
    await person.page.evaluate(watch)
    return found
  }
  async function openSettings({ page }: Person): Promise<ReturnType<typeof page.getByRole>> {
    await page.getByRole('button', { name: 'Account', exact: true }).click()
    await page.getByRole('button', { name: 'Settings' }).click()
    return page.getByRole('dialog', { name: 'Settings' })
  }

  test('UX 5, UX 6, promise 1: what is written offline stands in the outbox, also after a reload; one word is discarded there, the others arrive', async () => {
    const una = await Person.arrive(stage.browser, stage.world.origin, 'Una')
    await una.createAccount()
    const vic = await Person.arrive(stage.browser, stage.world.origin, 'Vic')
    await vic.createAccount()
    await una.openChat('Vic')
    await una.send('before')
    await vic.openChat('Una')
    await vic.message('before').waitFor()
    await una.installed()
    const blocked = await violations(una)
    await una.offline()
    for (const text of ['keep one', 'throw away', 'keep two']) await una.send(text)
    const { page } = una
    await page.reload()
    const dialog = page.getByRole('dialog', { name: 'Outbox' })
    await page.getByRole('button', { name: 'Show what waits' }).click()
    const items = dialog.getByRole('listitem')
    await expect.poll(() => items.count(), patience).toBe(3)
    await items.filter({ hasText: 'throw away' }).getByRole('button', { name: 'Discard' }).click()
    await items.filter({ hasText: 'throw away' }).getByRole('button', { name: 'Discard for good?' }).click()
    await items.filter({ hasText: 'keep two' }).getByRole('button', { name: 'Edit' }).click()
    await dialog.getByRole('textbox', { name: 'Words' }).fill('kept and changed')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await items.filter({ hasText: 'kept and changed' }).waitFor()
    expect(await items.count()).toBe(2)
    await una.online()
    await dialog.getByText('Nothing is waiting').waitFor()
    for (const text of ['keep one', 'kept and changed']) await vic.message(text).waitFor()
    expect(await vic.message('throw away').count()).toBe(0)
    await page.keyboard.press('Escape')
    await una.openChat('Vic')
    await una.sees('kept and changed', 'Seen')
    expect([...blocked, ...una.complaints, ...vic.complaints]).toEqual([])
  })

  test('P4: a new password on one device logs the other out, which asks for it and goes on; the name changes everywhere', async () => {
    const wes = await Person.arrive(stage.browser, stage.world.origin, 'Wes')
    await wes.createAccount()
    const other = await Person.arrive(stage.browser, stage.world.origin, 'Wes')
    await other.logIn()
    // The list of devices is read when it is opened.
    await other.page.getByRole('button', { name: 'Account', exact: true }).waitFor()
    const blocked = await violations(wes)
    const dialog = await openSettings(wes)
    const devices = dialog.getByRole('list', { name: 'Devices' }).getByRole('listitem')
    await expect.poll(() => devices.count(), patience).toBe(2)
    await dialog.getByRole('button', { name: 'Change name' }).click()
    await dialog.getByLabel('Name', { exact: true }).fill('Wes Wide')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText('Your name was changed.').waitFor()
    await dialog.getByRole('button', { name: 'Change password' }).click()
    await dialog.getByLabel('Current password').fill('correct horse battery')
    await dialog.getByLabel('New password').fill('another good phrase')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText('Your other devices were logged out.').waitFor()
    await expect.poll(() => devices.count(), patience).toBe(1)
    await dialog.getByRole('radio', { name: 'Dark' }).check()

    const relogin = other.page.getByRole('form', { name: 'Log in again' })
    await relogin.getByLabel('Password').fill('another good phrase')
    await relogin.getByRole('button', { name: 'Log in' }).click()
    await relogin.waitFor({ state: 'detached' })
    await other.page.getByText('Wes Wide').first().waitFor()
    expect(await wes.page.getByRole('form', { name: 'Log in again' }).count()).toBe(0)
    // What was chosen is there before anything else, under the server's own policy.
    await wes.page.reload({ waitUntil: 'commit' })
    await expect.poll(() => wes.page.evaluate(() => document.documentElement.dataset['theme']), patience).toBe('dark')
    await wes.page.getByRole('button', { name: 'Account', exact: true }).waitFor()
    expect([...blocked, ...wes.complaints, ...other.complaints]).toEqual([])
  })

  test('ERASE-4: who deletes their account is gone: from the server, from this device, and from what others see', async () => {
    const xia = await Person.arrive(stage.browser, stage.world.origin, 'Xia')
    await xia.createAccount()
    const yul = await Person.arrive(stage.browser, stage.world.origin, 'Yul')
    await yul.createAccount()
    await xia.openChat('Yul')
    await xia.send('my only word')
    await yul.openChat('Xia')
    await yul.message('my only word').waitFor()
    const { page } = xia
    const dialog = await openSettings(xia)
    await dialog.getByRole('button', { name: 'Delete my account' }).click()
    await dialog.getByLabel('Your password').fill('correct horse battery')
    await dialog.getByRole('button', { name: 'Delete my account for good' }).click()
    await page.getByRole('button', { name: 'Create account' }).waitFor()
    await yul.message('my only word').waitFor({ state: 'detached' })
    await yul.page.getByText('Deleted account').first().waitFor()
    const databases = (): Promise<number> =>
      page.evaluate(async () => (await indexedDB.databases()).filter(({ name }) => /[0-9a-z]{26}/.test(name ?? '')).length)
    await expect.poll(databases, patience).toBe(0)
    await page.getByLabel('Email').fill(xia.email)
    await page.getByLabel('Password').fill('correct horse battery')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByText('Email or password is wrong.').waitFor()
    expect([...xia.complaints, ...yul.complaints]).toEqual([])
  })
})
