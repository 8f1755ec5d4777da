import { describeBots } from './bots.suite.ts'

describeBots({ fresh: () => Promise.resolve({}) })
