/** Every property of a run starts from the run's seed. The number of runs is left to each property. */
import fc from "fast-check"
import { inject } from "vitest"

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: inject("fastCheckSeed") })
