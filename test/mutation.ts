/** Leaves out the tests of time: under mutation they are slow, and what they find is not the mutant. */
import { beforeEach } from "vitest"

beforeEach(({ skip, task }) => skip(/: the time /.test(task.name)))
