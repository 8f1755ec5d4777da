// A long chat on a real server: pages come on scrolling up, and what one reads does not move.
import { describe, expect, test } from 'vitest'
import { Person } from './person.ts'
import { useStage } from './stage.ts'

const MESSAGES = 1_200

describe('a chat of more than a thousand messages', () => {
  const stage = useStage({}, ['--chats', '1', '--messages', String(MESSAGES)])

  const exactly = (n: number): RegExp => new RegExp(`Message ${n} of the seed`)

  test.each([
    ['desktop', { width: 1280, height: 800 }],
    ['phone', { width: 390, height: 844 }],
  ])('C6: on a %s, it goes back to the beginning by scrolling, page by page, and comes back to the latest at once', async (_, viewport) => {
    const seed = await Person.arrive(stage.browser, stage.world.origin, 'Seed', { viewport })
    await seed.logIn('person-0@seed.example', 'seed-tries-skein')
    await seed.openChat('Person 1')
    await seed.message(`Message ${MESSAGES} of the seed`).waitFor()
    const log = seed.page.getByRole('log', { name: 'Messages' })
    await log.hover()
    const beginning = seed.page.getByText(/beginning of your chat/)
    await expect
      .poll(
        async () => {
          await seed.page.mouse.wheel(0, -4_000)
          return (await beginning.isVisible()) && (await seed.messages.filter({ hasText: exactly(1) }).count()) === 1
        },
        { timeout: 60_000, interval: 50 },
      )
      .toBe(true)
    await seed.page.getByRole('button', { name: /latest/i }).click()
    await seed.message(`Message ${MESSAGES} of the seed`).waitFor()
    expect(seed.complaints).toEqual([])
    await seed.context.close()
  })

  test('C6, promise 1: what was read is read offline too, and older pages say that they need the server', async () => {
    const seed = await Person.arrive(stage.browser, stage.world.origin, 'Seed')
    await seed.logIn('person-0@seed.example', 'seed-tries-skein')
    await seed.openChat('Person 1')
    await seed.messages.first().waitFor()
    const shown = await seed.messages.last().innerText()
    await seed.installed()
    await seed.offline()
    await seed.page.reload()
    await seed.openChat('Person 1')
    await seed.messages
      .filter({ hasText: /of the seed/ })
      .first()
      .waitFor()
    expect(await seed.messages.allInnerTexts()).toContain(shown)
    await seed.context.close()
  })
})
