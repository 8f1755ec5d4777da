// A pinned message, on a phone and on a desktop: pinned offline, there after a reload, for both, leading to what is old, and gone with its message.
import { describe, expect, test } from 'vitest'
import { Person } from './person.ts'
import { screens } from './screens.ts'
import { useStage } from './stage.ts'

describe.each(screens)('pinned messages on a $screen', ({ options }) => {
  const stage = useStage()

  test('C11, PIN-1, PIN-2: pinned without a network and after a reload, shown to both, a way to what is old, taken out, and gone when it is deleted', async () => {
    const ann = await Person.arrive(stage.browser, stage.world.origin, 'Ann', options)
    await ann.createAccount()
    const ben = await Person.arrive(stage.browser, stage.world.origin, 'Ben', options)
    await ben.createAccount()
    await ann.openChat('Ben')
    await ann.send('We meet at the harbour')
    await ben.openChat('Ann')
    await ben.message('We meet at the harbour').waitFor()
    const bar = ({ page }: Person) => page.getByRole('button', { name: /^Pinned message/ })

    await ben.installed()
    await ben.offline()
    await ben.chooseOf(ben.message('We meet at the harbour'), 'Pin')
    await bar(ben).filter({ hasText: 'We meet at the harbour' }).waitFor()
    await ben.page.reload()
    if (await ben.page.getByRole('list', { name: 'Chats' }).isVisible()) await ben.openChat('Ann')
    await bar(ben).filter({ hasText: 'We meet at the harbour' }).waitFor()
    expect(await bar(ann).count()).toBe(0)
    await ben.online()
    await bar(ann).filter({ hasText: 'We meet at the harbour' }).waitFor()
    for (const [{ page }, line] of [
      [ann, 'Ben pinned a message'],
      [ben, 'You pinned a message'],
    ] as const)
      await page.getByRole('log').getByText(line).waitFor()

    for (let n = 1; n <= 30; n++) await ann.send(`Filler ${n}.`)
    await ben.message('Filler 30.').waitFor()
    await ben.chooseOf(ben.message('Filler 30.'), 'Pin')
    await bar(ann).filter({ hasText: 'Filler 30.' }).waitFor()
    // The last pinned first; one press more leads to the one before.
    await bar(ann).click()
    await bar(ann)
      .and(ann.page.getByRole('button', { name: /^Pinned message, 2 of 2/ }))
      .click()
    await ann.message('We meet at the harbour').waitFor()

    await ann.chooseOf(ann.message('We meet at the harbour'), 'Delete')
    await ann.page.getByRole('menuitem', { name: 'Delete for everyone?' }).click()
    for (const person of [ann, ben])
      await bar(person)
        .and(person.page.getByRole('button', { name: /^Pinned message(?!,).*Filler 30/ }))
        .waitFor()
    await ben.chooseOf(ben.message('Filler 30.'), 'Unpin')
    for (const person of [ann, ben]) await bar(person).waitFor({ state: 'detached' })
    for (const one of [ann, ben]) expect(one.complaints).toEqual([])
  })
})
