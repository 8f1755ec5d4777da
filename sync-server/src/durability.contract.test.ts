import { durabilitySuite } from './durability.ts'

durabilitySuite(async () => 'sqlite::memory:')
