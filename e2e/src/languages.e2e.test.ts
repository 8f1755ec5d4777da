// L3: two people of two languages in one chat, one of them on a phone from right to left, on a real server under its strict CSP.
import { describe, expect, test } from 'vitest'
import { Person } from './person.ts'
import { useStage } from './stage.ts'

describe('languages', () => {
  const stage = useStage()

  test('each reads the app in their own language and the words as they were written, also offline after a reload', async () => {
    const ben = await Person.arrive(stage.browser, stage.world.origin, 'Ben')
    await ben.createAccount()
    const amal = await Person.arrive(stage.browser, stage.world.origin, 'Amal', { viewport: { width: 390, height: 844 }, locale: 'ar' })
    const { page } = amal
    await page.getByRole('button', { name: 'إنشاء حساب' }).click()
    await page.getByLabel('الاسم').fill('Amal')
    await page.getByLabel('البريد الإلكتروني').fill(amal.email)
    await page.getByLabel('كلمة المرور').fill('correct horse battery')
    await page.getByRole('button', { name: 'إنشاء حساب' }).click()

    await ben.openChat('Amal')
    await ben.send('See you at nine')
    const inList = page.getByRole('list', { name: 'الدردشات' }).getByRole('button', { name: /^Ben/ })
    await inList.getByText('غير مقروءة').waitFor({ state: 'attached' })
    await inList.click()
    await page.getByRole('log', { name: 'الرسائل' }).getByRole('article').filter({ hasText: 'See you at nine' }).waitFor()
    await page.getByRole('textbox', { name: 'رسالة' }).fill('أراك في التاسعة')
    await page.getByRole('button', { name: 'إرسال' }).click()
    const answer = ben.message('أراك في التاسعة')
    await answer.waitFor()
    const directions = (words: ReturnType<Person['message']>) =>
      words
        .locator('p')
        .last()
        .evaluate((line) => getComputedStyle(line).direction)
    expect(await directions(answer)).toBe('rtl')
    expect(await directions(ben.message('See you at nine'))).toBe('ltr')
    expect(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir])).toEqual(['ar', 'rtl'])

    await amal.installed()
    await amal.offline()
    await page.reload()
    await page
      .getByText(/غير متصل منذ/)
      .filter({ visible: true })
      .waitFor()
    await page.getByRole('textbox', { name: 'رسالة' }).waitFor()
    expect([...ben.complaints, ...amal.complaints]).toEqual([])
  })
})
