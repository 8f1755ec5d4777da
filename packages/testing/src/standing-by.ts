// Read before the server's own main: all of its code is loaded, and then it waits until it is needed. So who takes a killed server's place begins at once.
import { once } from 'node:events'
import '@skein/server'

// A signal that is waited for keeps no process alive.
const waiting = setInterval(() => {}, 60_000)
const called = once(process, 'SIGUSR2')
process.stdout.write('standing by\n')
await called
clearInterval(waiting)
