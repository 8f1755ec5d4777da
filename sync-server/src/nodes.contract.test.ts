import { nodesSuite } from './nodes.suite.ts'

nodesSuite(async () => 'sqlite::memory:')
