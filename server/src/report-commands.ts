// What `npm run reports` does: shows what people reported, with the messages as they stand now, and closes it.
import type { UserId } from '@skein/protocol'
import type { Report, Storage } from '@skein/storage'
import { printable, type Program } from './run-operator.ts'
import { StartError } from './start-error.ts'

async function shown(storage: Storage, report: Report) {
  const { id, reporterId, userId, chatId, reason, createdAt, closedAt } = report
  const person = async (who: UserId | null) => {
    const user = who === null ? null : await storage.user(who)
    return user && { id: user.id, name: user.name, email: user.email }
  }
  const messages = report.messages.map(async ([author, message]) => ({
    id: message,
    author: await person(author),
    text: (chatId === null ? null : await storage.message(chatId, author, message))?.text ?? null,
  }))
  return {
    ...{ id, reporter: await person(reporterId), user: await person(userId), chatId, messages: await Promise.all(messages), reason },
    createdAt: new Date(createdAt).toISOString(),
    closedAt: closedAt === null ? null : new Date(closedAt).toISOString(),
  }
}
type Shown = Awaited<ReturnType<typeof shown>>

const named = (person: Shown['reporter']): string => (person ? `${person.name} <${person.email}>` : 'somebody')

function asText({ id, reporter, user, chatId, messages, reason, createdAt, closedAt }: Shown): string {
  const about = [user && named(user), chatId && `chat ${chatId}`].filter((part) => part !== null)
  const lines = [
    `${id}  ${createdAt}  ${named(reporter)} reports ${about.join(' in ')}${closedAt === null ? '' : `, closed ${closedAt}`}`,
    `  ${reason}`,
    ...messages.map(({ author, text }) => `  > ${named(author)}: ${text ?? '(not there)'}`),
  ]
  return lines.map(printable).join('\n')
}

export const reportsProgram: Program = {
  usage: `Usage: npm run reports -- <command>

  list [--all] [--json]   open reports, the oldest first, with what their messages say now; --all: closed ones, too
  close <id>              closes a report

DATABASE_URL and DATA_DIR say which database, as for the server. On SQLite stop the server first.
Ends with 0 when it is done, 1 when it was refused, 2 when the command was not understood.`,
  commands: {
    list: {
      args: 0,
      flags: ['all', 'json'],
      async run(storage, _args, flags) {
        const views: Shown[] = []
        for (const report of await storage.reports(flags.has('all'))) views.push(await shown(storage, report))
        if (flags.has('json')) return JSON.stringify(views, null, 2)
        return views.length === 0 ? 'There is nothing to look at.' : views.map(asText).join('\n\n')
      },
    },
    close: {
      args: 1,
      flags: [],
      async run(storage, [id = '']) {
        if (!(await storage.closeReport(id))) throw new StartError(`There is no open report ${id}. npm run reports -- list shows them.`)
        return `Report ${id} is closed.`
      },
    },
  },
}
