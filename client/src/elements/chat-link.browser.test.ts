// What mails and invitations lead to, as people and assistive technology find it; with a keyboard alone, and in words where it fails.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDevPages, type DevPages } from './dev-page.suite.ts'

let pages: DevPages
beforeAll(async () => {
  pages = await openDevPages()
})
afterAll(() => pages[Symbol.asyncDispose]())

describe('P4: links from mails', () => {
  test('a forgotten password: the email that was typed comes along, and the answer tells nobody whether there is an account', async () => {
    const { page, failures } = await pages.open('?state=login&delay=0')
    await page.getByLabel('Email', { exact: true }).fill('mara@example')
    await page.getByRole('button', { name: 'Forgot password?' }).click()
    const email = page.getByLabel('Email', { exact: true })
    await expect.poll(() => email.evaluate((input) => input.matches(':focus'))).toBe(true)
    expect(await email.inputValue()).toBe('mara@example')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').filter({ hasText: 'This does not look like an email.' }).waitFor()
    await email.fill('mara@example.org')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Look into your mail' }).waitFor()
    await page.getByText('If there is an account with mara@example.org').waitFor()
    await page.getByRole('button', { name: 'Back to log in' }).click()
    await expect.poll(() => page.getByLabel('Email', { exact: true }).inputValue()).toBe('mara@example.org')
    await page.getByRole('button', { name: 'Log in' }).waitFor()
    expect(failures).toEqual([])
    await page.context().close()
  })

  test('without a network it says so, and nothing that was typed is lost', async () => {
    const { page, drive } = await pages.open('?state=login-offline&link=reset&token=new&delay=0')
    await page.getByLabel('New password').fill('long enough for once')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').filter({ hasText: 'The server cannot be reached.' }).waitFor()
    expect(await page.getByLabel('New password').inputValue()).toBe('long enough for once')
    await drive('setConnected', true)
    await page.getByRole('button', { name: 'Save password' }).click()
    await page.getByRole('heading', { name: 'Your password is changed' }).waitFor()
    await page.context().close()
  })

  test('a new password: short and common ones are told at the field; then one logs in with it', async () => {
    const { page, failures } = await pages.open('?state=login&link=reset&token=new&delay=0')
    const field = page.getByLabel('New password')
    expect([await field.getAttribute('type'), await field.getAttribute('autocomplete')]).toEqual(['password', 'new-password'])
    for (const [given, said] of [
      ['short', 'Use at least 8 characters.'],
      ['password1', 'Too many people use this password. Choose another one.'],
    ] as const) {
      await field.fill(given)
      await page.keyboard.press('Enter')
      await page.getByRole('alert').filter({ hasText: said }).waitFor()
      expect(await field.getAttribute('aria-invalid')).toBe('true')
      await expect.poll(() => field.evaluate((input) => input.matches(':focus'))).toBe(true)
    }
    await field.fill('a good long phrase')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Your password is changed' }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Forgot password?' }).waitFor()
    expect(failures).toEqual([])
    await page.context().close()
  })

  test('a link that is not good any more says so, and leads to a new one', async () => {
    const { page } = await pages.open('?state=login&link=reset&token=old&delay=0')
    await page.getByLabel('New password').fill('a good long phrase')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').filter({ hasText: 'This link is not good any more' }).waitFor()
    expect(await page.getByLabel('New password').count()).toBe(0)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Forgot your password?' }).waitFor()
    await page.context().close()
  })

  test('an email is confirmed by a press, not by opening the link; one that is logged in goes on where they were', async () => {
    const { page } = await pages.open('?open=first&link=confirm&token=new&delay=0')
    await page.getByRole('heading', { name: 'Confirm your email' }).waitFor()
    await page.getByRole('button', { name: 'Confirm email' }).click()
    await page.getByRole('heading', { name: 'Your email is confirmed' }).waitFor()
    await page.getByRole('button', { name: 'Go to Skein' }).click()
    await page.getByRole('textbox', { name: 'Message' }).waitFor()
    const late = await pages.open('?state=login&link=confirm&token=old&delay=0')
    await late.page.getByRole('button', { name: 'Confirm email' }).click()
    await late.page.getByRole('alert').filter({ hasText: 'If you have confirmed your email before, all is well.' }).waitFor()
    await late.page.getByRole('button', { name: 'Go to Skein' }).click()
    await late.page.getByRole('button', { name: 'Log in' }).waitFor()
    for (const one of [page, late.page]) await one.context().close()
  })

  test('an unconfirmed email shows, and its mail is sent again on request', async () => {
    const { page } = await pages.open('?state=unconfirmed&delay=0')
    await page.getByRole('button', { name: 'Account', exact: true }).click()
    await page.getByRole('button', { name: 'Settings Email not confirmed' }).click()
    await page.getByText('This email is not confirmed yet.').waitFor()
    await page.getByRole('button', { name: 'Send the mail again' }).click()
    await page.getByRole('status').filter({ hasText: 'It is on its way.' }).waitFor()
    await page.context().close()
    const { page: confirmed } = await pages.open('?delay=0')
    await confirmed.getByRole('button', { name: 'Account', exact: true }).click()
    await confirmed.getByRole('button', { name: 'Log out' }).waitFor()
    expect(await confirmed.getByText('not confirmed').count()).toBe(0)
    await confirmed.context().close()
  })

  test('P4: who cannot log in before the email is confirmed has another mail sent from there', async () => {
    const { page } = await pages.open('?state=login&delay=0')
    await page.getByLabel('Email', { exact: true }).fill('later@example.org')
    await page.getByLabel('Password', { exact: true }).fill('long enough')
    await page.keyboard.press('Enter')
    await page.getByRole('status').filter({ hasText: 'Your email is not confirmed yet.' }).waitFor()
    await page.getByRole('button', { name: 'Send another mail' }).click()
    await page.getByRole('status').filter({ hasText: 'Another mail is on its way.' }).waitFor()
    expect(await page.getByRole('button', { name: 'Send another mail' }).count()).toBe(0)
    await page.context().close()
  })

  test('an invitation leads to the form for a new account; one that is used up says so', async () => {
    for (const [token, email] of [
      ['old', 'guest@example.org'],
      ['new', 'later@example.org'],
    ] as const) {
      const { page } = await pages.open(`?state=login&invite=${token}&delay=0`)
      await page.getByText('You are invited.').waitFor()
      await page.getByLabel('Name', { exact: true }).fill('Guest')
      await page.getByLabel('Email', { exact: true }).fill(email)
      await page.getByLabel('Password', { exact: true }).fill('long enough')
      await page.keyboard.press('Enter')
      if (token === 'old') await page.getByRole('alert').filter({ hasText: 'This link is not good any more' }).waitFor()
      // Where emails have to be confirmed first.
      else await page.getByRole('status').filter({ hasText: 'Open the link in the mail that was sent to you' }).waitFor()
      await page.context().close()
    }
  })

  test('S2: who logs in after a device was logged out for a token that came twice is told, until they have read it', async () => {
    const { page } = await pages.open('?state=login&delay=0')
    await page.getByLabel('Email', { exact: true }).fill('mara@example.org')
    await page.getByLabel('Password', { exact: true }).fill('stolen')
    await page.keyboard.press('Enter')
    const bar = page.getByRole('region', { name: 'Notice' })
    await bar.filter({ hasText: /^\s*Firefox on Windows was logged out on .*choose a new password\./ }).waitFor()
    await bar.getByRole('button', { name: 'OK' }).click()
    await bar.waitFor({ state: 'detached' })
    await page.context().close()
  })
})
