// A chat as a page for people: one file that needs nothing else, by day and person, in light and dark and on paper. Nothing on it runs, also where it is opened from a disk.
import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import { groupReactions, type UserId } from '@skein/protocol'
import type { Form } from './export-form.ts'

const STYLE = `
:root { color-scheme: light dark; --page: #f5f4f1; --card: #fff; --own: #dcebe4; --text: #1c1e21; --soft: #63676d; --line: #dddad3; --name: #1f6b4f }
@media (prefers-color-scheme: dark) {
  :root { --page: #131517; --card: #212427; --own: #1f3a30; --text: #eceae6; --soft: #9ba1a8; --line: #33373b; --name: #7fd0ad }
}
* { box-sizing: border-box; margin: 0 }
body { background: var(--page); color: var(--text); font: 1rem/1.45 system-ui, sans-serif; padding: 2rem 1rem 4rem }
main { max-width: 44rem; margin-inline: auto }
header { padding-bottom: 1.25rem; border-bottom: 1px solid var(--line) }
h1 { font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere }
header p, footer { color: var(--soft); font-size: .875rem; margin-top: .35rem }
h2 { font-size: .8125rem; font-weight: 600; color: var(--soft); text-align: center; margin: 2rem 0 1rem }
h3 { font-size: .8125rem; font-weight: 600; color: var(--name); padding-inline: .25rem; overflow-wrap: anywhere }
article { display: flex; flex-direction: column; align-items: flex-start; gap: .25rem; margin-top: 1rem }
article.own { align-items: flex-end }
.word { background: var(--card); border-radius: 1.1rem; padding: .5rem .85rem; max-width: min(34rem, 88%); break-inside: avoid }
.own .word { background: var(--own) }
.word p { overflow-wrap: anywhere }
.word em { color: var(--soft) }
.word footer { font-size: .75rem; margin-top: .15rem; font-variant-numeric: tabular-nums }
main > footer { border-top: 1px solid var(--line); margin-top: 2.5rem; padding-top: 1rem }
@media print {
  :root { color-scheme: light; --page: #fff; --card: #fff; --own: #fff; --text: #000; --soft: #444; --line: #bbb; --name: #000 }
  body { padding: 0; font-size: 10.5pt }
  article, article.own { align-items: flex-start }
  .word { border-inline-start: 2px solid var(--line); border-radius: 0; padding: .1rem 0 .1rem .75rem; max-width: none }
  h2, h3 { break-after: avoid }
}
`
/** Of all styles this one alone. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`

const longDay = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })

/** For `self`, whose own words stand on the other side. Times are UTC: nobody knows where the file will be read. */
export function createPage(self: UserId): Form {
  let day = ''
  let author: UserId | null = null
  const endOfGroup = (): string => (author === null ? '' : '</article>')
  const endOfDay = (): string => (day === '' ? '' : `${endOfGroup()}</section>`)

  return {
    begin({ kind, title, members }) {
      const names = members.map((member) => member.name).join(', ')
      const isNamed = kind === 'group' && title !== null
      return html`<!doctype html>
        <html lang="en">
          <head>
            <meta charset="utf-8" />
            <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
            <meta name="viewport" content="width=device-width" />
            <title>${isNamed ? title : names}</title>
            ${raw(`<style>${STYLE}</style>`)}
          </head>
          <body>
            <main>
              <header>
                <h1 dir="auto">${isNamed ? title : names}</h1>
                ${isNamed ? html`<p dir="auto">${names}</p>` : ''}
              </header>
         `
    },
    async message({ authorId, text, receivedAt, editedAt, deletedAt, reactions }, named) {
      const time = new Date(receivedAt).toISOString()
      const parts: string[] = []
      if (time.slice(0, 10) !== day) {
        parts.push(endOfDay())
        day = time.slice(0, 10)
        author = null
        parts.push(
          String(
            await html`<section>
              <h2><time datetime="${day}">${longDay.format(receivedAt)}</time></h2>
             `,
          ),
        )
      }
      if (authorId !== author) {
        parts.push(endOfGroup())
        author = authorId
        parts.push(
          String(
            await html`<article class="${authorId === self ? 'own' : 'other'}">
              <h3><bdi>${await named(authorId)}</bdi></h3>
             `,
          ),
        )
      }
      const lines = text.split('\n').map((each, i) => (i === 0 ? html`${each}` : html`<br />${each}`))
      const marks = groupReactions(reactions).map(({ emoji, userIds }) => `${emoji} ${userIds.length}`)
      const beside = [...(editedAt === null || deletedAt !== null ? [] : ['edited']), ...marks].map((each) => ` · ${each}`)
      parts.push(
        String(
          await html`<div class="word">
            <p dir="auto">${deletedAt === null ? lines : html`<em>deleted</em>`}</p>
            <footer><time datetime="${time}">${time.slice(11, 16)}</time>${beside.join('')}</footer>
          </div>`,
        ),
      )
      return parts.join('')
    },
    end: (messages) =>
      html`${raw(endOfDay())}
              <footer>${messages === 1 ? '1 message' : `${messages} messages`}. Times are UTC.</footer>
            </main>
          </body>
        </html>\n`,
  }
}
