// The measurements that several rows share: a steady rate, and full speed.
import type { ServerProcess } from './process.ts'
import type { Traffic } from './traffic.ts'

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export function quantile(values: number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN
}
export const median = (values: number[]): number => quantile(values, 0.5)

export type Steady = {
  p50Ms: number
  p99Ms: number
  cpuMicrosPerDelivery: number
}

/** Messages at a rate over all rooms; each member that can reports marks once a second. */
export async function steady(traffic: Traffic, server: ServerProcess, perSecond: number, seconds: number): Promise<Steady> {
  const { members } = traffic
  traffic.latencies = []
  const [cpu, from, start] = [server.cpuMs(), traffic.deliveries, performance.now()]
  let marked = 0
  for (let sent = 0; sent < perSecond * seconds;) {
    const passed = (performance.now() - start) / 1000
    const due = Math.min(perSecond * seconds, passed * perSecond)
    for (; sent < due; sent++) {
      const member = members[(sent * 7) % members.length]
      if (member) traffic.send(member)
    }
    for (; marked < passed * members.length; marked++) members[marked % members.length]?.mark?.()
    await wait(4)
  }
  await traffic.settled()
  const latencies = traffic.latencies
  traffic.latencies = null
  const cpuMicrosPerDelivery = ((server.cpuMs() - cpu) * 1000) / (traffic.deliveries - from)
  return { p50Ms: quantile(latencies, 0.5), p99Ms: quantile(latencies, 0.99), cpuMicrosPerDelivery }
}

export type FullSpeed = {
  deliveriesPerSecond: number
  messagesPerSecond: number
  /** Of the server, for each message. */
  cpuMicrosPerMessage: number
}

/** Every member keeps `inFlight` messages on the way: the next one follows when one has reached everybody. */
export async function fullSpeed(traffic: Traffic, server: ServerProcess, inFlight: number, seconds: number): Promise<FullSpeed> {
  let running = true
  let messages = 0
  for (const member of traffic.members) {
    const again = (): void => {
      messages++
      if (running) traffic.send(member, again)
    }
    for (let i = 0; i < inFlight; i++) traffic.send(member, again)
  }
  await wait(1_000)
  const [deliveries, said, cpu, start] = [traffic.deliveries, messages, server.cpuMs(), performance.now()]
  await wait(seconds * 1_000)
  const passed = (performance.now() - start) / 1_000
  const figures = {
    deliveriesPerSecond: (traffic.deliveries - deliveries) / passed,
    messagesPerSecond: (messages - said) / passed,
    cpuMicrosPerMessage: ((server.cpuMs() - cpu) * 1_000) / (messages - said),
  }
  running = false
  await traffic.settled()
  return figures
}
