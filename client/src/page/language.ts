// The page around the chat in the chat's language: what assistive technology reads it in, and its direction.
import { LOCALE_STATUS_EVENT } from '@lit/localize'
import { direction, language } from '../languages/language.ts'

export function followLanguage(): void {
  const follow = (): void => void Object.assign(document.documentElement, { lang: language(), dir: direction() })
  addEventListener(LOCALE_STATUS_EVENT, follow)
  follow()
}
