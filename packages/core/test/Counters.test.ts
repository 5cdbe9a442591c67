import { describe, expect, it } from "vitest"
import { enrollmentTotalOf } from "../src/model/Counters.ts"
import type { Enrollment } from "../src/model/Enrollment.ts"
import { campaignId, leadId } from "../src/model/Ids.ts"

const enrollment = (state: Enrollment["state"], repliedAt: number | null): Enrollment => ({
  campaignId: campaignId("01HZA1TPNQ8RD4KF0000000000"),
  leadId: leadId("01HZA1TPNQ8RD4KF0000000000", 0),
  position: 0,
  state,
  endReason: null,
  enrolledAt: 0,
  repliedAt,
  endedAt: null
})

describe("counters", () => {
  it("DE-5, UP-7: enrolments are counted by their states and replies", () => {
    expect(enrollmentTotalOf([])).toEqual({ active: 0, replied: 0 })
    const all = [
      enrollment("active", null),
      enrollment("active", 1),
      enrollment("active", null),
      enrollment("ended", 0),
      enrollment("completed", null)
    ]
    expect(enrollmentTotalOf(all)).toEqual({ active: 3, replied: 2 })
  })
})
