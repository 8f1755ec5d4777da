import { describeImport } from './import.suite.ts'

describeImport({ fresh: () => Promise.resolve({}) })
