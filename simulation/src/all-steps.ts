// Every kind of step that a run may take.
import { apartSteps } from './apart-steps.ts'
import { calledSteps } from './called-steps.ts'
import { groupSteps } from './group-steps.ts'
import { keepingSteps } from './keeping-steps.ts'
import { peopleSteps, type Step } from './steps.ts'
import { rareSteps } from './rare-steps.ts'
import { troubleSteps } from './trouble-steps.ts'
import type { World } from './world.ts'

export function allSteps(_world: World): Step[] {
  return [...peopleSteps, ...troubleSteps, ...rareSteps, ...keepingSteps, ...groupSteps, ...apartSteps, ...calledSteps]
}
