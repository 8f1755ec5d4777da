import { durabilitySuite } from './durability.suite.ts'

durabilitySuite(async () => 'sqlite::memory:')
