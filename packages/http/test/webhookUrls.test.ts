/** The urls and addresses that webhooks are sent to. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { isPublicAddress, parseRange } from "../src/webhooks/publicAddress.ts"
import { urlPolicy } from "../src/webhooks/UrlPolicy.ts"
import { maxUrlBytes } from "../src/webhooks/Webhook.ts"

/** By the registries of IANA for special purposes, the first and the last address of each block. */
const special = [
  ["0.0.0.0", "0.255.255.255"],
  ["10.0.0.0", "10.255.255.255"],
  ["100.64.0.0", "100.127.255.255"],
  ["127.0.0.0", "127.255.255.255"],
  ["169.254.0.0", "169.254.255.255"],
  ["172.16.0.0", "172.31.255.255"],
  ["192.0.0.0", "192.0.0.255"],
  ["192.0.2.0", "192.0.2.255"],
  ["192.168.0.0", "192.168.255.255"],
  ["198.18.0.0", "198.19.255.255"],
  ["198.51.100.0", "198.51.100.255"],
  ["203.0.113.0", "203.0.113.255"],
  ["224.0.0.0", "239.255.255.255"],
  ["240.0.0.0", "255.255.255.255"],
  ["168.63.129.16"],
  ["169.254.169.254"],
  ["::", "::1"],
  ["::7f00:1", "::a00:1"],
  ["64:ff9b:1::1"],
  ["100::1"],
  ["2001::1", "2001:0:7f00:1::1"],
  ["2001:db8::", "2001:db8:ffff::1"],
  ["3fff::1"],
  ["4000::1", "5f00::1"],
  ["fc00::1", "fdff::1", "fd00:ec2::254"],
  ["fe80::1", "febf::1"],
  ["fec0::1"],
  ["ff02::1", "ff0e::1"]
].flat()

const open = [
  "8.8.8.8",
  "1.1.1.1",
  "172.32.0.1",
  "192.169.0.1",
  "100.128.0.1",
  "169.253.1.1",
  "223.255.255.254"
]

const octets = fc.tuple(...Array.from({ length: 4 }, () => fc.nat({ max: 255 })))

const hexOf = (bytes: ReadonlyArray<number>): string => {
  const [a = 0, b = 0, c = 0, d = 0] = bytes
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}

describe("addresses", () => {
  it.each(special)("%s is not public", (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  it.each([...open, "2606:4700::1111", "2a00:1450:4001::1"])("%s is public", (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })

  it("that embed an IPv4 address are judged by it: mapped, NAT64 and 6to4", () => {
    const check = (bytes: ReadonlyArray<number>) => {
      const isPublic = isPublicAddress(bytes.join("."))
      const hex = hexOf(bytes)
      for (const address of [
        `::ffff:${hex}`,
        `::ffff:${bytes.join(".")}`,
        `64:ff9b::${hex}`,
        `2002:${hex}::1`
      ])
        expect([address, isPublicAddress(address)]).toEqual([address, isPublic])
    }
    for (const address of [...special.filter((one) => !one.includes(":")), ...open])
      check(address.split(".").map(Number))
    fc.assert(fc.property(octets, check))
  })

  it.each([
    "",
    "localhost",
    "0x7f.1",
    "127.1",
    "010.8.8.8",
    "8.8.8",
    "8.8.8.8.8",
    "134744072",
    "8.8.8.8/32",
    "2606:4700::1%eth0",
    "[2606:4700::1]",
    " 8.8.8.8",
    "8.8.8.8\n"
  ])("%j is no address", (text) => {
    expect(isPublicAddress(text)).toBe(false)
  })

  it("lie in the ranges that an operator names", () => {
    const contains = (range: string, address: string) => parseRange(range)?.contains(address)
    expect(contains("10.0.0.0/8", "10.255.0.1")).toBe(true)
    expect(contains("10.0.0.0/8", "::ffff:10.1.2.3")).toBe(true)
    expect(contains("10.0.0.0/8", "11.0.0.1")).toBe(false)
    expect(contains("127.0.0.1", "127.0.0.1")).toBe(true)
    expect(contains("127.0.0.1", "127.0.0.2")).toBe(false)
    expect(contains("fd00::/8", "fd12::1")).toBe(true)
    expect(contains("fd00::/8", "10.0.0.1")).toBe(false)
    for (const range of [
      "10.0.0.0/33",
      "10.0.0.0/",
      "10.0.0.0/8/8",
      "10/8",
      "x",
      "fd00::/129",
      "10.0.0.0/-1"
    ])
      expect(parseRange(range)).toBeUndefined()
  })
})

describe("urls", () => {
  const { faultOf } = urlPolicy()

  it.each([
    "https://example.com",
    "https://example.com/a?b=c&d=%23",
    "https://example.com?b=\\",
    "https://example.com:8443/",
    "https://8.8.8.8/",
    "https://[2606:4700::1111]:1024/x"
  ])("%s is taken", (url) => {
    expect(faultOf(url)).toBeUndefined()
  })

  it.each([
    ["http://example.com/", "https://"],
    ["ftp://example.com/", "https://"],
    ["https://", "malformed"],
    ["https:example.com", "https:// and a host"],
    ["https:/example.com/", "https:// and a host"],
    ["https:///example.com/", "https:// and a host"],
    ["HTTPS://example.com/", "https:// and a host"],
    ["https:\\\\example.com\\x", "https:// and a host"],
    ["https://example.com\\x", "https:// and a host"],
    ["https://example.com/a\\b", "https:// and a host"],
    ["/webhooks", "malformed"],
    ["https://ann@example.com/", "user"],
    ["https://ann:hunter2@example.com/", "user"],
    ["https://example.com/#", "fragment"],
    ["https://example.com:80/", "port"],
    ["https://example.com:22/", "port"],
    ["https://example.com:0/", "port"],
    ["https://127.0.0.1/", "not public"],
    ["https://2130706433/", "not public"],
    ["https://0x7f.1/", "not public"],
    ["https://0177.0.0.1/", "not public"],
    ["https://[::1]/", "not public"],
    ["https://[::ffff:10.0.0.1]/", "not public"],
    ["https://[64:ff9b::7f00:1]/", "not public"],
    ["https://169.254.169.254/latest/meta-data", "not public"],
    ["https://exämple.com/", "ASCII"],
    ["https://example.com/\0", "ASCII"],
    ["https://example.com/\n", "ASCII"],
    [`https://example.com/${"a".repeat(maxUrlBytes)}`, "bytes"]
  ])("%s is refused: %s", (url, why) => {
    const fault = faultOf(url)
    expect(fault).toContain(why)
    expect(fault).not.toContain("hunter2")
  })

  it("that an operator allows are taken, and their neighbours are not", () => {
    const policy = urlPolicy(["http://127.0.0.1:9000", "10.0.0.0/8"])
    expect(policy.faultOf("http://127.0.0.1:9000/hook")).toBeUndefined()
    expect(policy.faultOf("http://127.0.0.1:9001/hook")).toContain("https://")
    expect(policy.faultOf("https://127.0.0.1:9000/hook")).toContain("not public")
    expect(policy.faultOf("http://ann@127.0.0.1:9000/hook")).toContain("user")
    expect(policy.faultOf("https://10.1.2.3/hook")).toBeUndefined()
    expect(policy.faultOf("http://10.1.2.3/hook")).toContain("https://")
    expect(policy.allowsAddress("127.0.0.1")).toBe(false)
    expect(policy.allowsOrigin(new URL("http://127.0.0.1:9000/x"))).toBe(true)
  })

  it.each(["", "x", "10.0.0.0/40", "http://", "http://a/b", "https://ann@a", "ftp://a"])(
    "the exception %j is refused",
    (text) => {
      expect(() => urlPolicy([text])).toThrow(TypeError)
    }
  )
})
