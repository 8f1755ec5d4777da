// Which language is shown, and how sentences, numbers, lists and times read in each.
import { beforeEach, afterEach, expect, test, vi } from 'vitest'
import { previewOf } from '../model/lists.ts'
import { countOfMembers, membersLine, namesOf } from '../model/people.ts'
import { failureText } from '../model/failures.ts'
import { dayLabel, lastSeen, listTime, untilText } from '../model/times.ts'
import { chooseLanguage, localeOf } from './known.ts'
import { direction, isLanguageGiven, language, listText, locale, numberText, speak } from './language.ts'

// The library tells elements by events of the window.
beforeEach(() => {
  vi.stubGlobal('window', new EventTarget())
  vi.stubGlobal('navigator', { languages: ['en-GB'] })
})
afterEach(async () => {
  await speak('en', 'browser')
  vi.unstubAllGlobals()
})

test('L3: the first language that there is, else English', () => {
  expect(chooseLanguage(['', 'browser', 'hu-HU', 'en'])).toBe('hu')
  expect(chooseLanguage(['de', 'AR-eg'])).toBe('ar')
  expect(chooseLanguage(['de', 'arn', 'huu'])).toBe('en')
  expect(chooseLanguage([])).toBe('en')
})

test('L3: dates follow the person’s own kind of the language', () => {
  expect(localeOf('en', ['de', 'en-US', 'en'])).toBe('en-US')
  expect(localeOf('en', ['hu'])).toBe('en-GB')
  expect(localeOf('ar', ['en', 'ar-EG'])).toBe('ar-EG')
  expect(localeOf('hu', [])).toBe('hu')
})

test('L3: the page’s language goes before the person’s, and theirs before the browser’s', async () => {
  vi.stubGlobal('navigator', { languages: ['ar-EG', 'en'] })
  const shown = async (ofPage: string, ofPerson: string) => {
    await speak(ofPage, ofPerson)
    return [language(), direction(), isLanguageGiven()]
  }
  expect(await shown('', 'browser')).toEqual(['ar', 'rtl', false])
  expect(await shown('', 'en')).toEqual(['en', 'ltr', false])
  expect(await shown('hu-HU', 'en')).toEqual(['hu', 'ltr', true])
  expect(await shown('xx', 'en')).toEqual(['en', 'ltr', false])
  expect(locale()).toBe('en')
})

test('L3: of two choices the last one holds, whichever is loaded first', async () => {
  await Promise.all([speak('ar', ''), speak('hu', ''), speak('en', ''), speak('hu', '')])
  expect(language()).toBe('hu')
})

test('L3: sentences, with what is put in', async () => {
  await speak('hu', '')
  expect(failureText(Object.assign(new Error(''), { code: 'wrong-password' }))).toBe('Hibás jelszó.')
  expect(untilText(8_000, 0)).toBe('8 mp')
  expect(namesOf(['Ada', 'Bence', 'Cili', 'Dóra'])).toBe('Ada, Bence és még 2 ember')
  const last = { deletedAt: null, text: 'Szia', own: true }
  expect(previewOf({ removed: false, lastMessage: last, kind: 'direct' } as unknown as Parameters<typeof previewOf>[0])).toEqual({
    who: 'Te:',
    text: 'Szia',
  })
})

test('L3: Arabic counts in six ways, Hungarian in one', async () => {
  await speak('ar', '')
  expect([0, 1, 2, 3, 11, 100].map(countOfMembers)).toEqual(['لا أعضاء', 'عضو واحد', 'عضوان', '3 أعضاء', '11 عضوًا', '100 عضو'])
  await speak('hu', '')
  expect([0, 1, 2, 1_000].map(countOfMembers)).toEqual(['0 tag', '1 tag', '2 tag', `${numberText(1_000)} tag`])
  await speak('en', '')
  expect([0, 1, 2].map(countOfMembers)).toEqual(['0 members', '1 member', '2 members'])
})

test('L3: a name of another direction does not turn an Arabic sentence around', async () => {
  await speak('ar', '')
  expect(listText(['Ada', 'Ben'])).toBe('\u2068Ada\u2069 و\u2068Ben\u2069')
  const members = [{ id: 'x', name: 'Ada' }] as unknown as Parameters<typeof membersLine>[0]['members']
  expect(membersLine({ title: 'Hike', members }, 'me' as never)).toBe('\u200F\u2068عضو واحد\u2069: \u2068\u2068Ada\u2069\u2069')
})

test('L3: days and times, in the person’s own digits', async () => {
  const now = new Date(2026, 10, 26, 22, 5).getTime()
  const monday = new Date(2026, 10, 23, 9, 10).getTime()
  const read = () => [dayLabel(now, now), dayLabel(monday, now), listTime(monday, now), lastSeen(now - 5 * 60_000, now)]
  await speak('hu', '')
  expect(read()).toEqual(['Ma', 'hétfő', 'hétfő', '5 perccel ezelőtt'])
  await speak('ar', '')
  expect(read()).toEqual(['اليوم', 'الاثنين', 'الاثنين', 'قبل 5 دقائق'])
  vi.stubGlobal('navigator', { languages: ['ar-EG'] })
  expect(lastSeen(now - 5 * 60_000, now)).toBe('قبل ٥ دقائق')
})
