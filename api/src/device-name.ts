// What a session runs on, in the words a person knows it by: 'Firefox on Windows'.
import { parse } from 'bowser'

/** A longer one is no browser's. */
const MAX_USER_AGENT_LENGTH = 512
/** Somebody else reads this name later, in a list of their devices. */
const fit = /^[\w][\w .+-]{0,39}$/
const product = /^[A-Za-z][\w.-]{0,39}(?=[/\s]|$)/

/** null for what names no program. */
export function deviceName(userAgent: string | undefined): string | null {
  const text = (userAgent ?? '').slice(0, MAX_USER_AGENT_LENGTH).trim()
  if (text === '') return null
  const { browser, os } = parse(text)
  if (browser.name && fit.test(browser.name)) return os.name && fit.test(os.name) ? `${browser.name} on ${os.name}` : browser.name
  const [name] = product.exec(text) ?? []
  return name === undefined || name === 'Mozilla' ? null : name
}
