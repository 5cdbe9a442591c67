/** The client has a method for every endpoint of the contract, and the types of the contract. */
import { Api } from "@leadterra/http"
import { HttpApi, type HttpApiEndpoint, type HttpApiGroup, type HttpApiSchema } from "effect/http-api"
import type * as Schema from "effect/Schema"
import { describe, expect, expectTypeOf, it } from "vitest"
import type { LeadterraClient, ProblemCode } from "../src/index.ts"
import { problemCodes } from "../src/LeadterraError.ts"
import { failureOf, json, startScript, steps } from "./server.ts"

type Groups = typeof Api extends HttpApi.HttpApi<infer _Id, infer Groups> ? Groups : never
type GroupName = Groups["identifier"]
type Endpoints<Group extends GroupName> = HttpApiGroup.Endpoints<HttpApiGroup.WithIdentifier<Groups, Group>>
type EndpointName<Group extends GroupName> = Endpoints<Group>["identifier"]
type Endpoint<Group extends GroupName, Name extends string> = HttpApiEndpoint.WithIdentifier<
  Endpoints<Group>,
  Name
>

/** An answer as it is in JSON; that of an endpoint with headers is its body. */
type Encoded<S> =
  S extends HttpApiSchema.WithHeaders<infer Body, infer _Headers>
    ? Encoded<Body>
    : S extends Schema.toCodecJson<infer Declared>
      ? Declared["Encoded"]
      : never
type AnswerOf<Group extends GroupName, Name extends string> = Encoded<
  HttpApiEndpoint.Success<Endpoint<Group, Name>>
>
type PayloadOf<Group extends GroupName, Name extends string> = HttpApiEndpoint.Payload<
  Endpoint<Group, Name>
>["Type"]
type QueryOf<Group extends GroupName, Name extends string> = HttpApiEndpoint.Query<
  Endpoint<Group, Name>
>["Type"]

/** The same type written in one piece, so that only its members are compared. */
type Flat<T> = T extends (...of: never) => unknown ? T : T extends object ? { [K in keyof T]: Flat<T[K]> } : T

type Answer<Method extends (...given: never) => unknown> = Flat<Awaited<ReturnType<Method>>>
type Campaigns = LeadterraClient["campaigns"]
type Leads = LeadterraClient["leads"]
type Imports = LeadterraClient["imports"]
type List = LeadterraClient["suppression"]
type Delivery = LeadterraClient["delivery"]
type Events = LeadterraClient["events"]
type TestClock = LeadterraClient["testClock"]
type Webhooks = LeadterraClient["webhooks"]

describe("the types are those of the contract", () => {
  it("of campaigns", () => {
    type Tag = { readonly etag: string }
    expectTypeOf<Answer<Campaigns["create"]>>().toEqualTypeOf<Flat<AnswerOf<"campaigns", "create"> & Tag>>()
    expectTypeOf<Answer<Campaigns["list"]>>().toEqualTypeOf<Flat<AnswerOf<"campaigns", "list">>>()
    expectTypeOf<Answer<Campaigns["get"]>>().toEqualTypeOf<Flat<AnswerOf<"campaigns", "get"> & Tag>>()
    expectTypeOf<Answer<Campaigns["update"]>>().toEqualTypeOf<Flat<AnswerOf<"campaigns", "update"> & Tag>>()
    expectTypeOf<Answer<Campaigns["replaceSteps"]>>().toEqualTypeOf<
      Flat<AnswerOf<"campaigns", "replaceSteps"> & Tag>
    >()
    expectTypeOf<Answer<Campaigns["start"]>>().toEqualTypeOf<Flat<AnswerOf<"campaigns", "start">>>()
    expectTypeOf<Answer<Campaigns["pause"]>>().toEqualTypeOf<Flat<AnswerOf<"campaigns", "pause">>>()
    expectTypeOf<Answer<Campaigns["stats"]>>().toEqualTypeOf<Flat<AnswerOf<"campaigns", "stats">>>()
  })

  it("of leads", () => {
    type Replayed = { readonly replayed: boolean }
    expectTypeOf<Answer<Leads["bulk"]>>().toEqualTypeOf<Flat<AnswerOf<"leads", "bulk"> & Replayed>>()
    expectTypeOf<Answer<Leads["preview"]>>().toEqualTypeOf<Flat<AnswerOf<"leads", "preview"> & Replayed>>()
    expectTypeOf<Answer<Leads["enrolled"]>>().toEqualTypeOf<Flat<AnswerOf<"leads", "enrolled">>>()
    expectTypeOf<Answer<Leads["list"]>>().toEqualTypeOf<Flat<AnswerOf<"leads", "list">>>()
    expectTypeOf<Answer<Leads["get"]>>().toEqualTypeOf<Flat<AnswerOf<"leads", "get">>>()
    expectTypeOf<Answer<Leads["lookup"]>>().toEqualTypeOf<Flat<AnswerOf<"leads", "lookup">>>()
    expectTypeOf<Answer<Leads["enrollment"]>>().toEqualTypeOf<Flat<AnswerOf<"leads", "enrollment">>>()
    expectTypeOf<Answer<Leads["explain"]>>().toEqualTypeOf<Flat<AnswerOf<"leads", "explain">>>()
    expectTypeOf<Answer<Leads["erase"]>>().toEqualTypeOf<Flat<AnswerOf<"leads", "erase">>>()
  })

  it("of imports", () => {
    expectTypeOf<Answer<Imports["create"]>>().toEqualTypeOf<Flat<AnswerOf<"imports", "create">>>()
    expectTypeOf<Answer<Imports["list"]>>().toEqualTypeOf<Flat<AnswerOf<"imports", "list">>>()
    expectTypeOf<Answer<Imports["get"]>>().toEqualTypeOf<Flat<AnswerOf<"imports", "get">>>()
    expectTypeOf<Answer<Imports["abort"]>>().toEqualTypeOf<Flat<AnswerOf<"imports", "abort">>>()
    expectTypeOf<Answer<Imports["resume"]>>().toEqualTypeOf<Flat<AnswerOf<"imports", "resume">>>()
    type Job = AnswerOf<"imports", "get">["import"]
    expectTypeOf<Answer<Imports["ended"]>>().toEqualTypeOf<Flat<Job>>()
  })

  it("of suppression, delivery, events and the test clock", () => {
    expectTypeOf<Answer<List["add"]>>().toEqualTypeOf<Flat<AnswerOf<"suppression", "add">>>()
    expectTypeOf<Answer<List["list"]>>().toEqualTypeOf<Flat<AnswerOf<"suppression", "list">>>()
    expectTypeOf<Answer<List["check"]>>().toEqualTypeOf<Flat<AnswerOf<"suppression", "check">>>()
    expectTypeOf<Answer<Delivery["claim"]>>().toEqualTypeOf<Flat<AnswerOf<"delivery", "claim">>>()
    expectTypeOf<Answer<Delivery["record"]>>().toEqualTypeOf<Flat<AnswerOf<"delivery", "record">>>()
    expectTypeOf<Answer<Delivery["release"]>>().toEqualTypeOf<Flat<AnswerOf<"delivery", "release">>>()
    expectTypeOf<Answer<Delivery["extend"]>>().toEqualTypeOf<Flat<AnswerOf<"delivery", "extend">>>()
    expectTypeOf<Answer<Events["read"]>>().toEqualTypeOf<Flat<AnswerOf<"events", "read">>>()
    expectTypeOf<Answer<TestClock["get"]>>().toEqualTypeOf<Flat<AnswerOf<"testClock", "get">>>()
    expectTypeOf<Answer<TestClock["advance"]>>().toEqualTypeOf<Flat<AnswerOf<"testClock", "advance">>>()
    type Followed = ReturnType<Events["follow"]> extends AsyncGenerator<infer Event> ? Event : never
    type Event = AnswerOf<"events", "read">["events"][number]
    expectTypeOf<Flat<Followed>>().toEqualTypeOf<Flat<Event & { readonly cursor: string }>>()
  })

  it("of an event and a verdict are narrowed by kind and reason", () => {
    type Followed = ReturnType<Events["follow"]> extends AsyncGenerator<infer Event> ? Event : never
    type Bounced = Extract<Followed, { readonly kind: "message.bounced" }>
    expectTypeOf<Bounced["bounceType"]>().toEqualTypeOf<"hard" | "soft">()
    expectTypeOf<Bounced>().not.toHaveProperty("entries")
    type Verdict = Answer<Leads["explain"]>["verdict"]
    type Ended = Extract<Verdict, { readonly reason: "ended" }>
    expectTypeOf<Ended["since"]>().toEqualTypeOf<string>()
    expectTypeOf<Ended>().not.toHaveProperty("step")
  })

  it("of webhooks", () => {
    type Of<Name extends EndpointName<"webhooks">> = Flat<AnswerOf<"webhooks", Name>>
    expectTypeOf<Answer<Webhooks["create"]>>().toEqualTypeOf<Of<"create">>()
    expectTypeOf<Answer<Webhooks["list"]>>().toEqualTypeOf<Of<"list">>()
    expectTypeOf<Answer<Webhooks["get"]>>().toEqualTypeOf<Of<"get">>()
    expectTypeOf<Answer<Webhooks["remove"]>>().toEqualTypeOf<Of<"remove">>()
    expectTypeOf<Answer<Webhooks["disable"]>>().toEqualTypeOf<Of<"disable">>()
    expectTypeOf<Answer<Webhooks["enable"]>>().toEqualTypeOf<Of<"enable">>()
    expectTypeOf<Answer<Webhooks["rotateSecret"]>>().toEqualTypeOf<Of<"rotateSecret">>()
    expectTypeOf<Answer<Webhooks["test"]>>().toEqualTypeOf<Of<"test">>()
    expectTypeOf<Answer<Webhooks["redeliver"]>>().toEqualTypeOf<Of<"redeliver">>()
    expectTypeOf<Answer<Webhooks["deliveries"]>>().toEqualTypeOf<Of<"deliveries">>()
  })

  it("of arguments", () => {
    type Input<Method extends (...given: never) => unknown, At extends number> = Flat<
      Exclude<Parameters<Method>[At], undefined>
    >
    expectTypeOf<Input<Campaigns["create"], 0>>().toEqualTypeOf<Flat<PayloadOf<"campaigns", "create">>>()
    expectTypeOf<Input<Campaigns["update"], 1>>().toEqualTypeOf<Flat<PayloadOf<"campaigns", "update">>>()
    expectTypeOf<Input<Campaigns["replaceSteps"], 1>>().toEqualTypeOf<
      Flat<PayloadOf<"campaigns", "replaceSteps">>
    >()
    type Bulk = PayloadOf<"leads", "bulk"> & QueryOf<"leads", "bulk">
    expectTypeOf<Input<Leads["bulk"], 1>>().toEqualTypeOf<
      Flat<Bulk & { readonly idempotencyKey?: string | undefined }>
    >()
    expectTypeOf<Input<Leads["preview"], 1>>().toEqualTypeOf<Input<Leads["bulk"], 1>>()
    type ListOf = Omit<Input<Imports["create"], 1>, "list" | "format">
    expectTypeOf<Flat<ListOf>>().toEqualTypeOf<Flat<QueryOf<"imports", "create">>>()
    expectTypeOf<Input<Imports["list"], 0>>().toEqualTypeOf<Flat<QueryOf<"imports", "list">>>()
    expectTypeOf<Input<Leads["lookup"], 0>>().toEqualTypeOf<Flat<PayloadOf<"leads", "lookup">>>()
    expectTypeOf<Input<Leads["enrollment"], 1>>().toEqualTypeOf<Flat<PayloadOf<"leads", "enrollment">>>()
    expectTypeOf<Input<Leads["explain"], 1>>().toEqualTypeOf<Flat<PayloadOf<"leads", "explain">>>()
    expectTypeOf<Input<Leads["erase"], 0>>().toEqualTypeOf<Flat<PayloadOf<"leads", "erase">>>()
    expectTypeOf<Input<List["add"], 0>>().toEqualTypeOf<Flat<PayloadOf<"suppression", "add">>>()
    expectTypeOf<Input<List["check"], 0>>().toEqualTypeOf<Flat<PayloadOf<"suppression", "check">>>()
    expectTypeOf<Input<Delivery["claim"], 0>>().toEqualTypeOf<Flat<PayloadOf<"delivery", "claim">>>()
    expectTypeOf<Input<Delivery["record"], 0>>().toEqualTypeOf<Flat<PayloadOf<"delivery", "record">>>()
    expectTypeOf<Input<Delivery["release"], 0>>().toEqualTypeOf<Flat<PayloadOf<"delivery", "release">>>()
    expectTypeOf<Input<Delivery["extend"], 0>>().toEqualTypeOf<Flat<PayloadOf<"delivery", "extend">>>()
    expectTypeOf<Input<TestClock["advance"], 0>>().toEqualTypeOf<Flat<PayloadOf<"testClock", "advance">>>()
    expectTypeOf<Input<Webhooks["create"], 0>>().toEqualTypeOf<Flat<PayloadOf<"webhooks", "create">>>()
    expectTypeOf<Input<Webhooks["rotateSecret"], 1>>().toEqualTypeOf<
      Flat<PayloadOf<"webhooks", "rotateSecret">>
    >()
    expectTypeOf<Input<Webhooks["redeliver"], 1>>().toEqualTypeOf<Flat<PayloadOf<"webhooks", "redeliver">>>()
    expectTypeOf<Input<Webhooks["deliveries"], 1>>().toEqualTypeOf<Flat<QueryOf<"webhooks", "deliveries">>>()
    type Page = Flat<QueryOf<"campaigns", "list">>
    expectTypeOf<Input<Campaigns["list"], 0>>().toEqualTypeOf<Page>()
    expectTypeOf<Input<Leads["list"], 0>>().toEqualTypeOf<Page>()
    expectTypeOf<Input<Leads["enrolled"], 1>>().toEqualTypeOf<Page>()
    expectTypeOf<Input<List["list"], 0>>().toEqualTypeOf<Page>()
    expectTypeOf<Input<Events["read"], 0>>().toEqualTypeOf<Page>()
  })

  it("of the codes of problems", () => {
    type Failure = {
      readonly [Group in GroupName]: HttpApiEndpoint.Errors<Endpoints<Group>>
    }[GroupName]
    type Codes = Failure extends { readonly code: infer Code } ? Code : never
    // The last two are of paths that the contract does not have.
    expectTypeOf<ProblemCode>().toEqualTypeOf<Codes | "path_not_found" | "method_not_allowed">()
  })
})

type CallsOf<Group extends GroupName> = {
  readonly [Name in EndpointName<Group>]: (client: LeadterraClient) => Promise<unknown>
}
type Calls = { readonly [Group in GroupName]: CallsOf<Group> }

const address = { email: "ava@acmecorp.com" }
const refs = { messages: [{ messageId: "msg_1", claimToken: "token" }] }

const calls: Calls = {
  campaigns: {
    create: ({ campaigns }) => campaigns.create({ name: "Spring" }),
    list: ({ campaigns }) => campaigns.list(),
    get: ({ campaigns }) => campaigns.get(":id"),
    update: ({ campaigns }) => campaigns.update(":id", { name: "Summer" }),
    replaceSteps: ({ campaigns }) => campaigns.replaceSteps(":id", { sequenceSteps: steps }),
    start: ({ campaigns }) => campaigns.start(":id"),
    pause: ({ campaigns }) => campaigns.pause(":id"),
    stats: ({ campaigns }) => campaigns.stats(":id")
  },
  leads: {
    bulk: ({ leads }) => leads.bulk(":id", { leads: [address] }),
    preview: ({ leads }) => leads.preview(":id", { leads: [address] }),
    enrolled: ({ leads }) => leads.enrolled(":id"),
    list: ({ leads }) => leads.list(),
    get: ({ leads }) => leads.get(":id"),
    lookup: ({ leads }) => leads.lookup(address),
    enrollment: ({ leads }) => leads.enrollment(":id", address),
    explain: ({ leads }) => leads.explain(":id", address),
    erase: ({ leads }) => leads.erase({ emails: [address.email] })
  },
  imports: {
    create: ({ imports }) => imports.create(":id", { list: "email" }),
    list: ({ imports }) => imports.list(),
    get: ({ imports }) => imports.get(":id"),
    failedRows: ({ imports }) => imports.failedRows(":id").next(),
    abort: ({ imports }) => imports.abort(":id"),
    resume: ({ imports }) => imports.resume(":id")
  },
  suppression: {
    add: ({ suppression }) => suppression.add({ emails: [address.email] }),
    list: ({ suppression }) => suppression.list(),
    check: ({ suppression }) => suppression.check({ emails: [address.email] })
  },
  delivery: {
    claim: ({ delivery }) => delivery.claim(),
    record: ({ delivery }) => delivery.record({ reports: [{ messageId: "msg_1", type: "sent" }] }),
    release: ({ delivery }) => delivery.release(refs),
    extend: ({ delivery }) => delivery.extend(refs)
  },
  events: {
    read: ({ events }) => events.read(),
    stream: ({ events }) => events.follow().next()
  },
  testClock: {
    get: ({ testClock }) => testClock.get(),
    advance: ({ testClock }) => testClock.advance({ advanceTo: "2025-06-13T12:00:00Z" })
  },
  webhooks: {
    create: ({ webhooks }) => webhooks.create({ url: "https://example.com/", events: ["message.sent"] }),
    list: ({ webhooks }) => webhooks.list(),
    get: ({ webhooks }) => webhooks.get(":id"),
    remove: ({ webhooks }) => webhooks.remove(":id"),
    disable: ({ webhooks }) => webhooks.disable(":id"),
    enable: ({ webhooks }) => webhooks.enable(":id"),
    rotateSecret: ({ webhooks }) => webhooks.rotateSecret(":id"),
    test: ({ webhooks }) => webhooks.test(":id"),
    redeliver: ({ webhooks }) => webhooks.redeliver(":id"),
    deliveries: ({ webhooks }) => webhooks.deliveries(":id")
  }
}

describe("the methods", () => {
  const routes: Array<{ readonly name: string; readonly route: string }> = []
  HttpApi.reflect(Api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint, group }) => {
      const path = endpoint.path.replace(/(?<=.)\/$/, "")
      routes.push({ name: `${group.identifier}.${endpoint.identifier}`, route: `${endpoint.method} ${path}` })
    }
  })

  it("are there for every endpoint, call its path with the key, and refuse an answer without members", async () => {
    const called = await Promise.all(
      Object.entries(calls).flatMap(([group, methods]) =>
        Object.entries(methods).map(async ([name, call]) => {
          const sse = new Response(`id: 1\ndata: {}\n\n`, {
            headers: { "content-type": "text/event-stream" }
          })
          const csv = new Response("email", { headers: { "content-type": "text/csv" } })
          const reply = name === "stream" ? () => sse : name === "failedRows" ? () => csv : json({})
          const { client, requests } = startScript([reply])
          const answered = call(client)
          // Failed rows are bytes, whatever they are.
          if (name === "failedRows") await answered
          else expect(await failureOf(answered), name).toMatchObject({ code: "unexpected_answer" })
          const [request] = requests
          const path = new URL(request?.url ?? "").pathname.replace("%3Aid", ":id")
          expect(request?.headers.get("authorization")).toBe("Bearer sk_test_secret")
          return { name: `${group}.${name}`, route: `${request?.method} ${path}` }
        })
      )
    )
    const sorted = (of: typeof called) => of.map(({ name, route }) => `${name} ${route}`).sort()
    expect(sorted(called)).toEqual(sorted(routes))
  })

  it("know each code once", () => {
    expect(new Set(problemCodes).size).toBe(problemCodes.length)
  })
})
