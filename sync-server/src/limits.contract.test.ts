import { limitsSuite } from './limits.suite.ts'

limitsSuite(async () => 'sqlite::memory:')
