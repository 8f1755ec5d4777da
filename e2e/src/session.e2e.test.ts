// Coming and going: wrong passwords, leaving with words that wait, a session that ended elsewhere.
import { describe, expect, test } from 'vitest'
import { Person } from './person.ts'
import { useStage } from './stage.ts'

describe('coming and going', () => {
  const stage = useStage()

  test('what is wrong is said where it is: a password, an email that is taken', async () => {
    const eve = await Person.arrive(stage.browser, stage.world.origin, 'Eve')
    await eve.createAccount()
    const other = await Person.arrive(stage.browser, stage.world.origin, 'Eve')
    const { page } = other
    await page.getByLabel('Email').fill(eve.email)
    await page.getByLabel('Password').fill('not her password')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByText(/password is wrong|wrong password/i).waitFor()
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByLabel('Name').fill('Eve too')
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByText(/already/i).waitFor()
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByLabel('Password').fill('correct horse battery')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('button', { name: 'Account' }).waitFor()
  })

  test('promise 1, W7: logging out with words that wait asks first; kept words return to the same person only', async () => {
    const fay = await Person.arrive(stage.browser, stage.world.origin, 'Fay')
    await fay.createAccount()
    const gus = await Person.arrive(stage.browser, stage.world.origin, 'Gus')
    await gus.createAccount()
    await fay.openChat('Gus')
    await fay.send('already there')
    await fay.sees('already there', 'Delivered')
    await fay.installed()
    await fay.offline()
    await fay.send('on the train')
    await fay.sees('on the train', 'Queued')
    const { page } = fay
    await page.getByRole('button', { name: 'Account' }).click()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /cancel/i })
      .click()
    await fay.message('on the train').waitFor()
    await page.getByRole('button', { name: 'Account' }).click()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByRole('dialog').getByRole('button', { name: /keep/i }).click()
    await page.getByLabel('Password').waitFor()
    await fay.online()

    // Somebody else at the same browser sees nothing of it.
    await fay.logIn('gus@example.org')
    await fay.openChat('Fay')
    await fay.message('already there').waitFor()
    expect(await fay.message('on the train').count()).toBe(0)
    await page.getByRole('button', { name: 'Account' }).click()
    await page.getByRole('button', { name: 'Log out' }).click()
    await fay.logIn()
    await fay.openChat('Gus')
    await fay.sees('on the train', 'Delivered')
    await gus.openChat('Fay')
    await gus.message('on the train').waitFor()
    expect([...fay.complaints, ...gus.complaints]).toEqual([])
  })
})
