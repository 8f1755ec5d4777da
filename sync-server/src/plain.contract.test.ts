import { plainSuite } from './plain.suite.ts'

plainSuite(async () => 'sqlite::memory:')
