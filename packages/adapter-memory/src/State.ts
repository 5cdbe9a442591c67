/**
 * What the memory store holds: plain maps, one set of them per workspace. Every write goes through `put` and
 * `drop`, which remember what stood there before, so that a decision that a constraint refuses is undone whole.
 */
import type {
  Campaign,
  CampaignCounters,
  CampaignId,
  DomainEvent,
  EmailAddress,
  Enrollment,
  IdempotencyRecord,
  Lead,
  LeadId,
  Message,
  MessageId,
  SuppressionEntry,
  SuppressionRecord,
  Workspace,
  WorkspaceId
} from "@leadterra/core"

type EmailKey = EmailAddress.EmailKey

export interface WorkspaceState {
  /** The workspace, by its id; empty while nothing was written to it. */
  readonly workspace: Map<WorkspaceId, Workspace>
  readonly campaigns: Map<CampaignId, Campaign>
  readonly counters: Map<CampaignId, CampaignCounters>
  readonly enrollments: Map<CampaignId, Map<LeadId, Enrollment>>
  /** Every message ever queued: an id is never used again. */
  readonly messages: Map<MessageId, Message>
  /** In the order in which they were made, those erased among them. */
  readonly leads: Map<LeadId, Lead>
  /** Of those that have an address. */
  readonly ids: Map<EmailKey, LeadId>
  readonly suppressions: Map<SuppressionEntry, SuppressionRecord>
  /** When it was suppressed, by the hash of an address that was erased. */
  readonly erased: Map<string, number>
  /** By the hash of the idempotency key that they came with. */
  readonly idempotency: Map<string, IdempotencyRecord>
  /** By their sequence. */
  readonly events: Map<number, DomainEvent>
}

export type State = Map<WorkspaceId, WorkspaceState>

export const emptyWorkspace = (): WorkspaceState => ({
  workspace: new Map(),
  campaigns: new Map(),
  counters: new Map(),
  enrollments: new Map(),
  messages: new Map(),
  leads: new Map(),
  ids: new Map(),
  suppressions: new Map(),
  erased: new Map(),
  idempotency: new Map(),
  events: new Map()
})

/** What the store keeps it also hands out: nobody may write to it. */
export const frozen = <V>(value: V): V => {
  if (typeof value !== "object" || value === null || value instanceof Map || Object.isFrozen(value))
    return value
  for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}

/**
 * The writes of one decision, and how to take them back. The leads of a batch and their enrolments are written by `replace` and
 * `adding`, which leave them to be frozen when one of them is handed out.
 */
export class Writes {
  private readonly undo: Array<() => void> = []

  put<K, V>(map: Map<K, V>, key: K, value: V): void {
    this.replace(map, key, frozen(value))
  }

  replace<K, V>(map: Map<K, V>, key: K, value: V): void {
    const before = map.get(key)
    this.undo.push(() => (before === undefined ? map.delete(key) : map.set(key, before)))
    map.set(key, value)
  }

  /** Adds to a map what has no place in it yet. */
  adding<K, V>(map: Map<K, V>): (key: K, value: V) => void {
    const added: Array<K> = []
    this.undo.push(() => {
      for (const key of added) map.delete(key)
    })
    return (key, value) => {
      map.set(key, value)
      added.push(key)
    }
  }

  /** Tells whether there was something to drop. */
  drop<K, V>(map: Map<K, V>, key: K): boolean {
    const before = map.get(key)
    if (before !== undefined) this.undo.push(() => map.set(key, before))
    return map.delete(key)
  }

  takeBack(): void {
    for (const undo of this.undo.reverse()) undo()
  }
}
