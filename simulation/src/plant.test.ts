// The list of bugs to be planted, against the sources as they are.
import { expect, test } from 'vitest'
import { plantsThatAreGone } from './plant.ts'
import { plants } from './plants.ts'

test('at least 25 bugs can be planted, and each still stands where it is to be put', () => {
  expect(plants.length).toBeGreaterThanOrEqual(25)
  expect(plantsThatAreGone()).toEqual([])
})
