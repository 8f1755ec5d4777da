// The two screens on which docs/expected.md is shown; scripts/expected.mjs knows them by this name.
import type { BrowserContextOptions } from 'playwright-core'

export interface Screen {
  screen: 'phone' | 'desktop'
  options: BrowserContextOptions
}

export const screens: readonly Screen[] = [
  { screen: 'phone', options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } },
  { screen: 'desktop', options: { viewport: { width: 1280, height: 800 } } },
]
