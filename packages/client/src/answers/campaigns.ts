/** Answers about campaigns. */

export type CampaignStatus = "draft" | "running" | "paused"

export interface SequenceStep {
  readonly subject: string
  readonly bodyHtml: string
  readonly delayDays: number
}

export interface Campaign {
  readonly id: string
  readonly name: string
  readonly status: CampaignStatus
  readonly sequenceSteps: ReadonlyArray<SequenceStep>
  readonly createdAt: string
  readonly startedAt: string | null
  readonly pausedAt: string | null
}

/** A hint about a step, such as a token that no lead has. `step` counts from 0. */
export interface StepLint {
  readonly step: number
  readonly field: "subject" | "bodyHtml"
  readonly message: string
}

/** A campaign and its revision, which goes into `ifMatch` of a change. */
export interface TaggedCampaign {
  readonly campaign: Campaign
  readonly etag: string
}

export interface LintedCampaign extends TaggedCampaign {
  readonly lints: ReadonlyArray<StepLint>
}

export interface CampaignPage {
  readonly campaigns: ReadonlyArray<Campaign>
  /** Goes into `after` of the next call; null on the last page. */
  readonly next: string | null
}

export interface StartAnswer {
  readonly campaign: {
    readonly id: string
    readonly status: CampaignStatus
    readonly startedAt: string
    readonly leadsEnrolled: number
    readonly queuedMessages: number
  }
}

export interface PauseAnswer {
  readonly id: string
  readonly status: CampaignStatus
  readonly pausedAt: string | null
}

export interface Stats {
  readonly campaignId: string
  readonly totalEnrolled: number
  readonly sent: number
  readonly delivered: number
  readonly bounced: number
  readonly hardBounced: number
  readonly replied: number
  readonly queued: number
  readonly openRate: number
  readonly replyRate: number
}
