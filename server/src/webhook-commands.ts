// What `npm run webhooks` does: looks at what webhooks did not take, and makes it due again.
import { printable, type Program } from './run-operator.ts'
import { StartError } from './start-error.ts'

const MAX_LISTED = 1_000

export const webhooksProgram: Program = {
  usage: `Usage: npm run webhooks -- <command>

  list [--json]     what was given up after a day of trying, the oldest first; at most ${MAX_LISTED}
  replay <what>     makes it due again: one delivery or all of a webhook by id, or "all"

DATABASE_URL and DATA_DIR say which database, as for the server, which sends what is due. On SQLite stop the server first.
Ends with 0 when it is done, 1 when it was refused, 2 when the command was not understood.`,
  commands: {
    list: {
      args: 0,
      flags: ['json'],
      async run(storage, _args, flags) {
        const dead = await storage.deadDeliveries(MAX_LISTED)
        const views = dead.map(({ createdAt, ...rest }) => ({ ...rest, createdAt: new Date(createdAt).toISOString() }))
        if (flags.has('json')) return JSON.stringify(views, null, 2)
        if (views.length === 0) return 'Nothing was given up.'
        return views
          .map(({ id, webhookId, email, url, event, createdAt, attempts, error }) =>
            [id, event, createdAt, `webhook ${webhookId} of ${email ?? 'this server'}`, url, `${attempts} attempts, the last: ${error}`]
              .map(printable)
              .join('  '),
          )
          .join('\n')
      },
    },
    replay: {
      args: 1,
      flags: [],
      async run(storage, [what = '']) {
        const count = await storage.replayDeliveries(what === 'all' ? null : what)
        if (count === 0) throw new StartError('Nothing of that was given up. npm run webhooks -- list shows what was.')
        return `${count} will be sent again by the server that runs, within some seconds, or by the next one that starts.`
      },
    },
  },
}
