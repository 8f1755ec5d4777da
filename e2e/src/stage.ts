// What most end-to-end tests play in: a world and a browser, while the surrounding `describe` runs.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { openBrowser, openWorld, type World } from './world.ts'

export interface Stage {
  readonly world: World
  readonly browser: Browser
}

/** Arguments as those of openWorld. */
export function useStage(...args: Parameters<typeof openWorld>): Stage {
  let stage: (Stage & AsyncDisposable) | null = null
  const open = (): Stage => stage ?? expect.fail('The stage is not open')
  beforeAll(async () => {
    await using parts = new AsyncDisposableStack()
    const world = parts.use(await openWorld(...args))
    const browser = parts.adopt(await openBrowser(), (opened) => opened.close())
    const opened = parts.move()
    stage = { world, browser, [Symbol.asyncDispose]: () => opened.disposeAsync() }
  })
  afterAll(() => stage?.[Symbol.asyncDispose]())
  return {
    get world() {
      return open().world
    },
    get browser() {
      return open().browser
    },
  }
}
