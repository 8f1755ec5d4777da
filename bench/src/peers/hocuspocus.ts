// The peer: Hocuspocus as it comes, with neither check nor store.
import { Server } from '@hocuspocus/server'

const server = new Server({ port: 0, address: '127.0.0.1', quiet: true, stopOnSignals: false })
await server.listen()
process.stdout.write(`ready http://127.0.0.1:${server.address.port}\n`)
