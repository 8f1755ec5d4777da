// Every screen and state, as one walks to them in the dev page: those who look at each (by rules, or by eye) share this list.
import type { Locator } from 'playwright-core'
import { LANGUAGES, type Language } from '../languages/known.ts'
import type { Sentences } from '../languages/table.ts'
import type { DevPage } from './dev-page.suite.ts'

export interface Place extends DevPage {
  /** What begins with an English sentence, in the language of the page. */
  say(english: string): RegExp
}

/** A state that is reached from the one before it; the first of a scene is what the address shows. */
type Step = [name: string, act: (at: Place) => Promise<unknown>]
export type Scene = [query: string, ...steps: Step[]]

export async function sayIn(language: Language): Promise<Place['say']> {
  const { sentences } = language === 'en' ? { sentences: {} } : ((await import(`../languages/${language}.ts`)) as { sentences: Sentences })
  return (english) => {
    const said = sentences[english] ?? english
    const forms = typeof said === 'string' ? [said] : Object.values(said)
    // What is put in may be anything, between marks of its direction.
    const open = forms.map((form) => form.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll(/#|\\\{\d\\\}/g, '.+'))
    return new RegExp(`^[\u200f\u2068]*(?:${open.join('|')})`, 'u')
  }
}

/** Shows what the scene begins with and then each of its states; yields their names. */
export async function* walk(at: Place, origin: string, language: Language, [query, ...steps]: Scene): AsyncGenerator<string> {
  const { page, drive } = at
  await page.goto(`${origin}/dev/index.html${query}${query.includes('delay=') ? '' : '&delay=0'}&language=${language}`)
  await page.locator(`chat-app[dir=${LANGUAGES[language].dir}]`).waitFor({ state: 'attached' })
  await page.getByRole('heading', { level: 1 }).or(page.getByRole('main')).first().waitFor({ state: 'attached' })
  await drive('settle', 10)
  yield 'at first'
  for (const [name, act] of steps) {
    await act(at)
    await drive('settle', 10)
    yield name
  }
}

const press =
  (name: string | RegExp, role: 'button' | 'menuitem' | 'checkbox' = 'button'): Step[1] =>
  ({ page, say }) =>
    page
      .getByRole(role, { name: typeof name === 'string' ? say(name) : name })
      .first()
      .click()
/** Much is loaded when it is first opened. */
const sees =
  (role: 'dialog' | 'menu' | 'checkbox'): Step[1] =>
  ({ page }) =>
    page.getByRole(role).filter({ visible: true }).first().waitFor()
const escape: Step[1] = ({ page }) => page.keyboard.press('Escape')
const both =
  (...acts: Step[1][]): Step[1] =>
  async (at) => {
    for (const act of acts) await act(at)
  }
const article = ({ page }: Place, words: string): Locator => page.getByRole('article').filter({ hasText: words }).last()
const menuOf =
  (words: string): Step[1] =>
  (at) =>
    article(at, words).click({ button: 'right' })
const listed =
  (name: string): Step[1] =>
  ({ page, say }) =>
    page
      .getByRole('list', { name: say('Chats') })
      .getByRole('button', { name: new RegExp(`^${name}`) })
      .click({ button: 'right' })

export const scenes: readonly Scene[] = [
  [
    '?state=login&hint',
    [
      'what is wrong',
      both(
        ({ page, say }) => page.getByLabel(say('Email')).fill('mara@example.org'),
        ({ page, say }) => page.getByLabel(say('Password')).first().fill('wrong'),
        press('Log in'),
        ({ page }) => page.getByRole('alert').first().waitFor(),
      ),
    ],
    ['forgotten password', press('Forgot password?')],
  ],
  ['?state=login&provider=Example', ['register', press('Create account')]],
  ['?state=login&join=good'],
  ['?state=login&link=reset&token=new'],
  ['?state=login&link=reset&token=old'],
  ['?state=login&link=confirm&token=old'],
  ['?join=good', ['what it is', ({ page, say }) => page.getByRole('button', { name: say('Join group') }).waitFor()]],
  ['?state=empty', ['account', press('Account')]],
  [
    '?state=arranged',
    ['archive', press('Archived')],
    ['options of a chat', both(listed('Weekend hike'), sees('menu'))],
    ['how long muted', press('Mute', 'menuitem')],
    ['filter', both(escape, ({ page, say }) => page.getByLabel(say('Filter chats and people')).fill('ada@example.org'))],
    ['new group', both(({ page, say }) => page.getByLabel(say('Filter chats and people')).fill(''), press('New group'), sees('checkbox'))],
    ['people chosen', both(press(/^Bence/, 'checkbox'), press(/^Camille/, 'checkbox'))],
    ['its name', press('Next, with # people')],
  ],
  [
    '?open=first',
    ['menu of a message', both(menuOf('I will fix the first'), sees('menu'))],
    ['deleting asks', press('Delete', 'menuitem')],
    ['details', both(escape, menuOf('I will fix the first'), press('Details', 'menuitem'), sees('dialog'))],
    ['forwarding', both(escape, menuOf('I will fix the first'), press('Forward', 'menuitem'), sees('dialog'))],
    [
      'all emoji',
      both(escape, menuOf('I will fix the first'), press('All emoji', 'menuitem'), ({ page, say }) =>
        page.getByRole('searchbox', { name: say('Find an emoji') }).waitFor(),
      ),
    ],
    ['an answer', both(escape, menuOf('I will fix the first'), press('Reply', 'menuitem'))],
    ['an edit', both(escape, menuOf('I will fix the first'), press('Edit', 'menuitem'))],
    [
      'pinned',
      both(escape, menuOf('I will fix the first'), press('Pin', 'menuitem'), ({ page, say }) =>
        page.getByRole('button', { name: say('Pinned message') }).waitFor(),
      ),
    ],
    ['selecting', both(escape, menuOf('I will fix the first'), press('Select', 'menuitem'), sees('checkbox'))],
    ['deleting what is selected', press('Delete')],
    ['far back', both(escape, ({ drive }) => drive('scrollBy', -900))],
    [
      'keys',
      both(
        ({ page, say }) => page.getByRole('button', { name: say('Chat options') }).focus(),
        ({ page }) => page.keyboard.press('?'),
        sees('dialog'),
      ),
    ],
  ],
  [
    '?open=team&state=rich',
    ['somebody is named', ({ page, say }) => page.getByRole('textbox', { name: say('Message') }).pressSequentially('@')],
    ['options', both(({ page, say }) => page.getByRole('textbox', { name: say('Message') }).fill(''), press('Chat options'))],
    ['leaving asks', press('Leave group', 'menuitem')],
    ['group info', both(escape, press('Info about {0}'), ({ page, say }) => page.getByRole('button', { name: say('Close info') }).waitFor())],
    [
      'a link',
      both(press('Make a link'), ({ page, say }) =>
        page
          .getByRole('button', { name: say('Copy') })
          .first()
          .waitFor(),
      ),
    ],
    ['renaming', press('Rename group')],
  ],
  ['?open=first&state=unread&unread=30', ['back to the first unread', press('Jump to latest, # new')]],
  ['?open=first&state=typing', ['typing', ({ page, say }) => page.getByText(say('typing…')).first().waitFor()]],
  [
    '?open=first&state=offline',
    [
      'the line',
      ({ page, say }) =>
        page
          .getByRole('button', { name: say('Try now') })
          .filter({ visible: true })
          .waitFor(),
    ],
  ],
  [
    '?state=offline',
    ['logging out asks', both(press('Account'), press('Log out'), sees('dialog'))],
    [
      'nothing can be saved',
      both(
        ({ drive }) => drive('diskFails', true),
        press('Keep and log out'),
        ({ page }) => page.getByRole('dialog').getByRole('alert').waitFor(),
      ),
    ],
  ],
  ['?open=first&state=aside'],
  ['?open=first&state=pinned', ['the one before', both(press('Pinned message, {0} of {1}'))]],
  [
    '?state=outbox',
    ['the outbox', both(press('Show what waits'), sees('dialog'))],
    [
      'words changed',
      both(({ page, say }) =>
        page
          .getByRole('dialog')
          .getByRole('button', { name: say('Edit') })
          .first()
          .click(),
      ),
    ],
    [
      'discarding asks',
      both(escape, ({ page, say }) =>
        page
          .getByRole('dialog')
          .getByRole('button', { name: say('Discard') })
          .first()
          .click(),
      ),
    ],
  ],
  [
    '?state=unconfirmed',
    ['settings', both(press('Account'), press('Settings'), sees('dialog'))],
    ['name', press('Change name')],
    ['password', both(press('Cancel'), press('Change password'))],
    ['deleting the account', both(press('Cancel'), press('Delete my account'))],
  ],
  ['?open=first&state=password'],
  ['?open=first&state=password-offline'],
  ['?notice&open=first&messages=200&delay=60000', ['older ones are loading', ({ drive }) => drive('scrollBy', -9_000)]],
  [
    '?open=first',
    ['a part that is broken', ({ drive }) => drive('breakRender', 'chat-composer')],
    ['a message that is broken', ({ drive }) => drive('breakRender', 'chat-message')],
  ],
  // Last, since it stays as a draft.
  ['?open=first', ['too long', ({ page, say }) => page.getByRole('textbox', { name: say('Message') }).fill('long '.repeat(3_400))]],
]
