import { describeOperatorCommands } from './operator.suite.ts'

describeOperatorCommands({ fresh: () => Promise.resolve({}) })
