/** The webhooks of the `ServerStore` in memory. */
import {
  maxPendingDeliveries,
  maxWebhooks,
  type Webhook,
  type WebhookDelivery,
  type WebhookRef
} from "../../webhooks/Webhook.ts"
import type { WebhookStore } from "../../webhooks/WebhookStore.ts"
import { cursorOfDelivery, isBehind } from "../deliveryCursor.ts"

interface Entry {
  webhook: Webhook
  /** The time to read events again. */
  readAt: number
  /** The time of the last attempt that was taken. */
  servedAt: number
  readonly deliveries: Map<string, WebhookDelivery>
}

const nextAtOf = ({ state }: WebhookDelivery): number =>
  state.kind === "pending" ? state.nextAt : Number.POSITIVE_INFINITY

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Pending deliveries, those first that are due first. */
const pendingOf = ({ deliveries }: Entry): ReadonlyArray<WebhookDelivery> =>
  Array.from(deliveries.values())
    .filter(({ state }) => state.kind === "pending")
    .sort((a, b) => nextAtOf(a) - nextAtOf(b) || byText(a.id, b.id))

/** The time since which an endpoint waits for an attempt. */
const readyAtOf = (entry: Entry): number => {
  const [first] = pendingOf(entry)
  return first === undefined ? Number.POSITIVE_INFINITY : Math.max(entry.servedAt, nextAtOf(first))
}

const isActive = ({ webhook: { status } }: Entry): boolean => status.state === "active"

export const make = (): WebhookStore => {
  const entries = new Map<string, Entry>()
  const entryOf = ({ id, workspaceId }: WebhookRef): Entry | undefined => {
    const entry = entries.get(id)
    return entry?.webhook.workspaceId === workspaceId ? entry : undefined
  }
  const entriesOf = (workspaceId: string): ReadonlyArray<Entry> =>
    Array.from(entries.values()).filter(({ webhook }) => webhook.workspaceId === workspaceId)
  const addTo = ({ deliveries }: Entry, added: ReadonlyArray<WebhookDelivery>): void => {
    for (const delivery of added) if (!deliveries.has(delivery.id)) deliveries.set(delivery.id, delivery)
  }
  return {
    add: async (webhook) => {
      if (entriesOf(webhook.workspaceId).length >= maxWebhooks) return false
      entries.set(webhook.id, {
        webhook,
        readAt: webhook.createdAt,
        servedAt: webhook.createdAt,
        deliveries: new Map()
      })
      return true
    },
    get: async (ref) => entryOf(ref)?.webhook,
    list: async (workspaceId) =>
      entriesOf(workspaceId)
        .map(({ webhook }) => webhook)
        .sort((a, b) => a.createdAt - b.createdAt || byText(a.id, b.id)),
    update: async (ref, change) => {
      const entry = entryOf(ref)
      if (entry === undefined) return undefined
      const { health, secrets, status } = change(entry.webhook)
      entry.webhook = { ...entry.webhook, health, secrets, status }
      return entry.webhook
    },
    remove: async (ref) => entryOf(ref) !== undefined && entries.delete(ref.id),
    takeReads: async ({ limit, now, until }) => {
      const taken = Array.from(entries.values())
        .filter((entry) => isActive(entry) && entry.readAt <= now)
        .sort((a, b) => a.readAt - b.readAt || byText(a.webhook.id, b.webhook.id))
        .slice(0, limit)
      for (const entry of taken) entry.readAt = until
      return taken
        .filter((entry) => pendingOf(entry).length < maxPendingDeliveries)
        .map(({ webhook }) => webhook)
    },
    advance: async (ref, { deliveries, from, readAt, to }) => {
      const entry = entryOf(ref)
      if (entry === undefined || !isActive(entry)) return false
      const { cursor, offset } = entry.webhook.position
      if (cursor !== from.cursor || offset !== from.offset) return false
      entry.webhook = { ...entry.webhook, position: to }
      entry.readAt = readAt
      addTo(entry, deliveries)
      return true
    },
    queue: async (ref, deliveries) => {
      const entry = entryOf(ref)
      if (entry === undefined || pendingOf(entry).length + deliveries.length > maxPendingDeliveries)
        return false
      addTo(entry, deliveries)
      return true
    },
    takeDue: async ({ isSlow, limit, now, until, without }) => {
      const waiting = Array.from(entries.values())
        .filter(
          (entry) =>
            isActive(entry) &&
            entry.webhook.health.isSlow === isSlow &&
            !without.includes(entry.webhook.workspaceId) &&
            readyAtOf(entry) <= now
        )
        .sort((a, b) => readyAtOf(a) - readyAtOf(b) || byText(a.webhook.id, b.webhook.id))
      const firsts = new Map<string, Entry>()
      for (const entry of waiting) {
        const { workspaceId } = entry.webhook
        if (!firsts.has(workspaceId)) firsts.set(workspaceId, entry)
      }
      return Array.from(firsts.values())
        .slice(0, limit)
        .flatMap((entry) =>
          pendingOf(entry)
            .slice(0, 1)
            .map((due) => {
              const delivery: WebhookDelivery = {
                ...due,
                attempts: due.attempts + 1,
                state: { kind: "pending", nextAt: until }
              }
              entry.deliveries.set(delivery.id, delivery)
              entry.servedAt = now
              return { delivery, webhook: entry.webhook }
            })
        )
    },
    record: async (taken, rule) => {
      const entry = entryOf(taken.webhook)
      const delivery = entry?.deliveries.get(taken.delivery.id)
      if (entry === undefined || delivery === undefined) return undefined
      if (delivery.state.kind !== "pending" || delivery.attempts !== taken.delivery.attempts) return undefined
      const recorded = rule(delivery, entry.webhook)
      const { lastAttempt, state } = recorded.delivery
      const { health, status } = recorded.webhook
      entry.deliveries.set(delivery.id, { ...delivery, lastAttempt, state })
      entry.webhook = { ...entry.webhook, health, status }
      return recorded
    },
    deliveries: async (ref, { after, limit, state }) => {
      const listed = Array.from(entryOf(ref)?.deliveries.values() ?? [])
        .filter((delivery) => state === null || delivery.state.kind === state)
        .filter((delivery) => after === null || isBehind(delivery, after))
        .sort((a, b) => b.createdAt - a.createdAt || byText(b.id, a.id))
      const items = listed.slice(0, limit)
      const last = items.at(-1)
      return {
        items,
        next: last === undefined || listed.length <= limit ? null : cursorOfDelivery(last)
      }
    },
    redeliver: async (ref, { ids, limit, now }) => {
      const entry = entryOf(ref)
      if (entry === undefined) return 0
      const named = Array.from(entry.deliveries.values())
        .filter(({ id, state }) =>
          ids === null ? state.kind === "failed" : state.kind !== "pending" && ids.includes(id)
        )
        .sort((a, b) => a.createdAt - b.createdAt || byText(a.id, b.id))
        .slice(0, limit)
      for (const delivery of named)
        entry.deliveries.set(delivery.id, {
          ...delivery,
          state: { kind: "pending", nextAt: now },
          attemptsBefore: delivery.attempts
        })
      return named.length
    },
    sweep: async ({ endedBefore, limit, now }) => {
      let swept = 0
      for (const entry of entries.values()) {
        const { previous } = entry.webhook.secrets
        if (previous !== null && previous.until <= now)
          entry.webhook = { ...entry.webhook, secrets: { ...entry.webhook.secrets, previous: null } }
        for (const { id, state } of Array.from(entry.deliveries.values()))
          if (swept < limit && state.kind !== "pending" && state.endedAt < endedBefore) {
            entry.deliveries.delete(id)
            swept++
          }
      }
      return swept === limit
    }
  }
}
