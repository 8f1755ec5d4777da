// Devices that live and die together, told what to do by orders: in this process, or in one of their own that can be killed.
import { Device, type DeviceOptions, type DeviceState, type Expected } from './device.ts'
import type { Event, View } from './history.ts'

export type Order =
  | { do: 'open'; options: DeviceOptions }
  | { do: 'talk'; on: boolean }
  | { do: 'volley'; count: number }
  | { do: 'connect' }
  | { do: 'expect'; expected: Expected }
  /** Asks for what they show, complete or not. */
  | { do: 'show' }
  | { do: 'close' }
export type Report = { event: Event } | { state: DeviceState } | { shown: View[] } | { closed: true }

export class Crew {
  readonly #devices: Device[] = []
  readonly #report: (report: Report) => Promise<void> | void

  /** `report` resolves when a SIGKILL could not take the report back any more. */
  constructor(report: (report: Report) => Promise<void> | void) {
    this.#report = report
  }

  readonly order = (order: Order): void => {
    switch (order.do) {
      case 'open': {
        const say = (event: Event): Promise<void> | void => this.#report({ event })
        const device = new Device(order.options, say, (state) => void this.#report({ state }))
        this.#devices.push(device)
        device.start().catch((error: unknown) => say({ is: 'broken', what: `${device.name} did not start: ${String(error)}` }))
        return
      }
      case 'talk':
        return this.#devices.forEach((device) => device.talk(order.on))
      case 'volley':
        return this.#devices.forEach((device) => device.volley(order.count))
      case 'connect':
        return this.#devices.forEach((device) => device.connect())
      case 'expect':
        return this.#devices.forEach((device) => device.expect(order.expected))
      case 'show':
        return void this.#report({ shown: this.#devices.flatMap((device) => device.views()) })
      case 'close':
        void Promise.all(this.#devices.map((device) => device.close())).finally(() => void this.#report({ closed: true }))
    }
  }
}
