// Engines in this process, each a device of somebody who was put in beforehand.
import { createEngine, memoryStores, type Engine, type Ports, type StoreFactory } from '@skein/engine'
import { nodePorts } from '@skein/engine/node'
import type { ServerProcess } from './process.ts'
import { emailOf, password } from './skein.ts'

export function openDevice(server: ServerProcess, stores: StoreFactory = memoryStores(), ports: Partial<Ports> = {}): Engine {
  return createEngine({ server: server.origin, store: stores, ports: { ...nodePorts(stores), ...ports } })
}

export async function logIn(engine: Engine, n: number): Promise<void> {
  await engine.ready
  await engine.login(emailOf(n), password)
}

/** Resolves once the condition holds, which is asked again whenever something changed. */
export function until(watched: { subscribe(listener: () => void): () => void }, condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    let stop = (): void => undefined
    const look = (): void => {
      if (!condition()) return
      stop()
      resolve()
    }
    stop = watched.subscribe(look)
    look()
  })
}
